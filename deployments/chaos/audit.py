"""The audit: what the marketplace's books say, against what was wanted and what we believe.

Every figure but two is a fault and has to be zero. `repaired` counts what went wrong and was put
right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from deployments.chaos.books import Books, PostedHit
from hitline.model import FINISHED, ItemState
from hitline.policies import Step
from hitline.store import ledger, repairs
from hitline.store import pipelines as pipeline_rows
from hitline.store.schema import assignments, hit_items, intents, items, sanctions
from hitline.tokens import item_id
from hitline.wiring import Hitline

_FINISHED = {str(state) for state in FINISHED}


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What came of it. `ledger_difference` is in dollars; the other figures count."""

    items: int
    lost: int
    posted_twice: int
    paid_twice: int
    cap_exceeded: int
    bought_after_settled: int
    unjudged: int
    judged_otherwise: int
    blocked_otherwise: int
    ledger_difference: Decimal
    repaired: Mapping[str, int]
    found: tuple[str, ...]
    """What is wrong, in words, for whoever looks for the reason."""

    @property
    def is_clean(self) -> bool:
        money = (self.paid_twice, self.cap_exceeded, self.bought_after_settled)
        people = (self.unjudged, self.judged_otherwise, self.blocked_otherwise)
        return not any((self.lost, self.posted_twice, *money, *people, self.ledger_difference))


def audit(
    hitline: Hitline,
    books: Books,
    fed: Mapping[str, Collection[str]],
    budgets: Mapping[str, Decimal],
    most_committed: Mapping[str, Decimal],
) -> Audit:
    """Compare.

    `fed`: pipeline → keys of the items that were wanted; `budgets` of the pipelines that have one,
    beyond which items may be held; `most_committed`: the most that each pipeline was ever seen to
    have paid or owed.
    """
    posted, said = books.hits(), _Said()
    with hitline.store.reading() as connection:
        lost = _lost(hitline, connection, fed, budgets, posted, books, said)
        after = _bought_after_settled(connection, posted, said)
        repaired = repairs.by_cause(connection)
        count = len(connection.scalars(select(items.c.id)).all())
        difference = _difference(connection, books, said)
        judged, blocked = _judgements(connection, books, said), _blocks(connection, books, said)
    committed = books.committed()
    return Audit(
        items=count,
        lost=lost,
        posted_twice=_posted_twice(posted, said),
        paid_twice=books.paid_more_than_once(),
        cap_exceeded=sum(
            max(committed.get(name, Decimal(0)), most_committed.get(name, Decimal(0))) > budget
            for name, budget in budgets.items()
        ),
        bought_after_settled=after,
        unjudged=len(books.submissions("Submitted")),
        judged_otherwise=judged,
        blocked_otherwise=blocked,
        ledger_difference=difference,
        repaired=repaired,
        found=tuple(said.lines),
    )


class _Said:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        if len(self.lines) < 40:
            self.lines.append(line)


def _lost(
    hitline: Hitline,
    connection: Connection,
    fed: Mapping[str, Collection[str]],
    budgets: Mapping[str, Decimal],
    posted: list[PostedHit],
    books: Books,
    said: _Said,
) -> int:
    """Items without an end or what follows from it; HITs and answers that we do not know."""
    rows = {row.id: row for row in connection.execute(select(items))}
    lost = 0
    for name, keys in fed.items():
        first = hitline.pipeline(name).first.name
        for key in keys:
            if item_id(name, first, key) not in rows:
                lost += 1
                said.say(f"{name} {key} is not there")
    for row in rows.values():
        has_end = row.state in _FINISHED or (
            row.state == ItemState.HELD and row.pipeline in budgets
        )
        if not has_end or (row.state in _FINISHED and not row.chained):
            lost += 1
            said.say(f"{row.pipeline}/{row.stage} {row.key} ({row.id}) is {row.state}")
    lost += _childless(hitline, rows, said)
    unknown = {one for hit in posted for one in hit.items} - rows.keys()
    known = {
        (row.assignment_id, row.worker_id)
        for row in connection.execute(select(assignments.c.assignment_id, assignments.c.worker_id))
    }
    unread = books.submissions("Submitted", "Approved", "Rejected") - known
    for what in (*unknown, *unread):
        said.say(f"{what} is not known to us")
    return lost + len(unknown) + len(unread)


def _childless(hitline: Hitline, rows: Mapping[str, Any], said: _Said) -> int:
    """Items whose label leads to another, which was never made, or was made more than once."""
    made = Counter((row.parent_id, row.stage) for row in rows.values() if row.parent_id)
    wrong = 0
    for row in rows.values():
        for link in hitline.pipeline(row.pipeline).links:
            if link.source != row.stage or row.state not in _FINISHED:
                continue
            due = int(row.label == "yes")
            if made[row.id, link.target] != due:
                wrong += 1
                said.say(f"{row.id} led to {made[row.id, link.target]} of {link.target}, not {due}")
    return wrong


def _posted_twice(posted: list[PostedHit], said: _Said) -> int:
    twice = 0
    for annotation, count in Counter(hit.annotation for hit in posted).items():
        if count > 1:
            twice += count - 1
            said.say(f"{annotation} was posted {count} times")
    return twice


def _bought_after_settled(connection: Connection, posted: list[PostedHit], said: _Said) -> int:
    """HITs made, and extensions begun, for items that all had reached their end before."""
    ended = {row.id: row.finished_at for row in connection.execute(select(items))}
    after = 0
    for hit in posted:
        ends = [ended.get(one) for one in hit.items]
        if all(end is not None and end < hit.created_at for end in ends):
            after += 1
            said.say(f"{hit.hit_id} was posted after its items had ended ({hit.annotation})")
    begun = select(intents).where(intents.c.kind == "extend", intents.c.outcome.not_like("failed%"))
    carried: dict[str, list[str]] = {}
    for row in connection.execute(select(hit_items)):
        carried.setdefault(row.hit_id, []).append(row.item_id)
    for row in connection.execute(begun):
        ends = [ended.get(one) for one in carried.get(row.hit_id, [])]
        if ends and all(end is not None and end < row.created_at for end in ends):
            after += 1
            said.say(f"{row.hit_id} was extended after its items had ended")
    return after


def _judgements(connection: Connection, books: Books, said: _Said) -> int:
    """Submissions that we believe approved or rejected, and that are not, or the other way."""
    ours = {
        row.assignment_id: row.status
        for row in connection.execute(select(assignments.c.assignment_id, assignments.c.status))
    }
    otherwise = 0
    for which, status in books.judgements().items():
        if ours.get(which, status) != status:
            otherwise += 1
            said.say(f"{which} is {status}, and we have it {ours[which]}")
    return otherwise


def _blocks(connection: Connection, books: Books, said: _Said) -> int:
    """Workers who are blocked and should not be, or are not and should be."""
    stands = (sanctions.c.step == Step.BLOCK) & sanctions.c.undone_at.is_(None)
    ours = {*connection.scalars(select(sanctions.c.worker_id).where(stands))}
    otherwise = ours ^ books.blocked()
    for worker in sorted(otherwise):
        said.say(f"{worker} is {'not ' if worker in ours else ''}blocked, against our belief")
    return len(otherwise)


def _difference(connection: Connection, books: Books, said: _Said) -> Decimal:
    """Between what the marketplace charged and holds, and what our ledger says of it."""
    spent, committed = books.spent(), books.committed()
    total = Decimal("0.00")
    for name in pipeline_rows.names(connection):
        ours = ledger.spent(connection, name).total
        reserved = ledger.reserved(connection, name).total
        theirs = spent.get(name, Decimal(0))
        held = committed.get(name, Decimal(0)) - theirs
        total += abs(ours - theirs) + abs(reserved - held)
        if ours != theirs or reserved != held:
            said.say(
                f"{name}: we say {ours} spent and {reserved} reserved, "
                f"the marketplace {theirs} and {held}"
            )
    return total
