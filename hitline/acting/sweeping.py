"""The sweep: finds what no event told us, and marks it, so that the same bell is rung for it.

It decides nothing. Each cause of a repair is counted, for a cause that grows is a fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from hitline.acting import admitting, budgeting, controlling, qualifying, returns, sanctioning
from hitline.acting.restoring import restore, restore_all
from hitline.acting.settling import chain_again
from hitline.errors import Gone
from hitline.loading import if_it_loads
from hitline.model import Door, HitStatus
from hitline.store import hits, inbox, intents, leases, neglected, repairs, staffing, strangers
from hitline.wiring import Hitline

PATIENCE = timedelta(seconds=60)
"""Wall time for which a mark, an event or an intent may wait before the sweep counts it."""

ASKED_AGAIN = timedelta(days=1)
"""Wall time after which a HIT that was none of ours is asked about once more: what it was about may
have been handed in since."""
AT_ONCE = 500
"""HITs that are looked up in one go, and HITs without a row that one sweep asks about."""

RESTORED = "the row of a HIT was lost"
LEFT_OPEN = "open, though its stage was stopped"
REPAIRS = frozenset(
    {
        "reviewable, and no event came",
        "expired, and no event came",
        "a call without outcome",
        "never asked",
        "finished, not closed",
        LEFT_OPEN,
    }
)
"""The causes that mean that something was missed."""


@dataclass(frozen=True, kw_only=True)
class Swept:
    """How many items were marked, by cause; HITs whose lost rows were restored; foreign ones."""

    marked: dict[str, int] = field(default_factory=dict)
    restored: int = 0
    foreign: int = 0


def sweep(hitline: Hitline) -> Swept:
    """Look once at everything that may have been missed."""
    restored, foreign = _events_without_hits(hitline)
    shown_restored, marked = _shown_reviewable(hitline)
    restored += shown_restored + _lost_rows(hitline)
    marked += _neglected(hitline)
    _chain_rules(hitline)
    returns.look(hitline)
    qualifying.go_on(hitline)
    sanctioning.catch_up(hitline)
    budgeting.fold(hitline)
    late = controlling.end_what_was_stopped(hitline)
    _count(hitline, marked | Counter({LEFT_OPEN: late}), restored)
    return Swept(marked=dict(marked), restored=restored, foreign=foreign)


def _count(hitline: Hitline, marked: Counter[str], restored: int) -> None:
    """Keep how much of it was a repair: some of what is marked was only waited for."""
    found = {cause: count for cause, count in marked.items() if cause in REPAIRS}
    if found or restored:
        with hitline.store.writing() as connection:
            wall = hitline.clock.wall()
            repairs.count(hitline.store, connection, found | {RESTORED: restored}, wall)


def _events_without_hits(hitline: Hitline) -> tuple[int, int]:
    """Events whose HIT has no row: ours and lost, somebody else's, or gone."""
    wall = hitline.clock.wall()
    with hitline.store.reading() as connection:
        waiting = inbox.unresolved(connection, wall - timedelta(seconds=5), most=AT_ONCE)
    restored = foreign = 0
    for hit_id in dict.fromkeys(event.hit_id for event in waiting):
        try:
            ours = restore(hitline, hitline.requester.get_hit(hit_id))
            problem = "the HIT is none of ours"
        except Gone:
            ours, problem = False, "the endpoint knows no such HIT"
        restored += ours
        foreign += not ours
        if not ours:
            with hitline.store.writing() as connection:
                inbox.resolve(connection, hit_id, None, problem)
    return restored, foreign


def _shown_reviewable(hitline: Hitline) -> tuple[int, Counter[str]]:
    """HITs that the endpoint lists as reviewable: those we have not closed are looked at."""
    shown = list(hitline.requester.reviewable_hits())
    cause = "reviewable, and no event came"
    missed, without_row = 0, []
    for start in range(0, len(shown), AT_ONCE):
        some = shown[start : start + AT_ONCE]
        with hitline.store.writing() as connection:
            known = {row.hit_id: row for row in hits.load(connection, some)}
            # One that we know to be reviewable was looked at when it became so, and waits for its
            # items.
            open_hits = [
                row.hit_id
                for row in known.values()
                if row.closed_at is None and row.status is not HitStatus.REVIEWABLE
            ]
            carried = hits.items_of(connection, open_hits)
            found = neglected.unmarked(connection, carried, Door.AGGREGATE)
            wall = hitline.clock.wall()
            leases.mark(hitline.store, connection, found, Door.AGGREGATE, cause, wall)
        missed += len(found)
        without_row += [hit_id for hit_id in some if hit_id not in known]
    restored = _without_row(hitline, without_row)
    return restored, Counter({cause: missed} if missed else {})


def _without_row(hitline: Hitline, hit_ids: Iterable[str]) -> int:
    """Look whose these HITs are; how many are ours. Of one that is not, the answer is kept."""
    wall = hitline.clock.wall()
    with hitline.store.writing() as connection:
        strangers.forget(connection, wall - ASKED_AGAIN)
        foreign = strangers.known(connection)
    restored, new = 0, []
    for hit_id in islice((each for each in hit_ids if each not in foreign), AT_ONCE):
        with suppress(Gone):
            ours = restore(hitline, hitline.requester.get_hit(hit_id))
            restored += ours
            new += [] if ours else [hit_id]
    with hitline.store.writing() as connection:
        strangers.keep(hitline.store, connection, new, wall)
    return restored


def _lost_rows(hitline: Hitline) -> int:
    """Items that were asked and have no HIT: their HITs' rows are lost, and looked for first."""
    with hitline.store.reading() as connection:
        if not neglected.without_hit(connection):
            return 0
    return restore_all(hitline)


def _neglected(hitline: Hitline) -> Counter[str]:
    """What our own rows say is overdue."""
    now, wall = hitline.clock.now(), hitline.clock.wall()
    marked: Counter[str] = Counter()
    with hitline.store.writing() as connection:
        for cause, door, item_ids in (
            ("expired, and no event came", Door.REPOST, neglected.expired(connection, now)),
            ("its time to look again came", Door.REPOST, neglected.due(connection, now)),
            ("a call without outcome", Door.AGGREGATE, intents.stale(connection, wall - PATIENCE)),
            ("never asked", Door.PUBLISH, neglected.never_asked(connection)),
            ("staff not asked yet", Door.PUBLISH, staffing.not_asked(connection)),
            ("held, and may go on", Door.AGGREGATE, neglected.may_go_on(connection, now)),
            ("its wave has come", Door.PUBLISH, admitting.next_waves(hitline, connection)),
            ("submissions to be judged", Door.CLOSE, neglected.unjudged(connection, now)),
            ("finished, not closed", Door.CLOSE, neglected.unclosed(connection, now)),
            ("grace period over", Door.CLOSE, neglected.disposable(connection, now)),
        ):
            missed = neglected.unmarked(connection, item_ids, door)
            leases.mark(hitline.store, connection, missed, door, cause, wall)
            if missed:
                marked[cause] += len(missed)
    return marked


def _chain_rules(hitline: Hitline) -> None:
    """Chain rules that failed are tried again."""
    with hitline.store.reading() as connection:
        stuck = neglected.unchained(connection)
    for item in stuck:
        if if_it_loads(hitline.pipeline, item.pipeline) is not None:
            chain_again(hitline, item)
