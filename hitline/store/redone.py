"""Asking items again: which may be chosen, and what becomes of the answers that there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, update

from hitline.model import Item, ItemState
from hitline.store import revisions
from hitline.store.database import Store
from hitline.store.hits import STOPPED
from hitline.store.items import load
from hitline.store.schema import answers, assignments, hit_items, hits, items

AGAIN = "asked again"
"""Why answers do not count any more that were given before their item was asked again."""

_MAY_BE = (ItemState.SETTLED, ItemState.STAFF, ItemState.HELD, ItemState.DROPPED)
"""What may be asked again; items that wait or are out are being asked already."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which items are to be asked again: those to which all that is given applies.

    `keys` are keys or ids, `version` is one of the stage's policy.
    """

    keys: Sequence[str] = ()
    stage: str | None = None
    worker: str | None = None
    version: int | None = None
    would_flip: bool = False
    unreadable: bool = False
    staff: bool = False


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An answer with the submission that it is a part of, as it came; `slots` items shared it."""

    assignment_id: str
    worker_id: str
    xml: str | None
    why_not: str | None
    slot: int
    slots: int


def choose(connection: Connection, pipeline: str, wish: Wish) -> list[Item]:
    """The items that are meant and may be asked again, in order of publication.

    Copies of known items are no work of their own, and another stands in the place of a withdrawn
    one. Held items are meant only if that is for answers that could not be read.
    """
    unreadable = select(answers.c.item_id).where(answers.c.why_not == "unreadable")
    ids = connection.scalars(
        select(items.c.id).where(
            items.c.pipeline == pipeline,
            items.c.state.in_([str(state) for state in _MAY_BE]),
            items.c.withdrawn.is_(False),
            items.c.copy_of.is_(None),
            or_(items.c.state != ItemState.HELD, items.c.id.in_(unreadable)),
            *_meant(wish),
        )
    )
    return load(connection, ids)


def _meant(wish: Wish) -> list[ColumnElement[bool]]:
    keys = sorted(set(wish.keys))
    heard = select(answers.c.item_id).where(
        answers.c.worker_id == wish.worker, answers.c.counted.is_(True)
    )
    given = (
        (bool(keys), or_(items.c.id.in_(keys), items.c.key.in_(keys))),
        (wish.stage is not None, items.c.stage == wish.stage),
        (wish.worker is not None, items.c.id.in_(heard)),
        (wish.version is not None, items.c.version == wish.version),
        (wish.would_flip, items.c.would_flip.is_not(None)),
        (wish.unreadable, items.c.state == ItemState.HELD),
        (wish.staff, items.c.state == ItemState.STAFF),
    )
    return [condition for applies, condition in given if applies]


def counted(connection: Connection, item_id: str) -> int:
    """How many answers count for the item."""
    query = select(func.count()).where(answers.c.item_id == item_id, answers.c.counted.is_(True))
    return connection.scalar(query) or 0


def set_aside(
    store: Store, connection: Connection, item: Item, worker_id: str | None = None
) -> int:
    """The item's answers, or those of one worker, do not count any more; how many did."""
    mine = [answers.c.item_id == item.id]
    if worker_id is not None:
        mine.append(answers.c.worker_id == worker_id)
    revision = revisions.next_of(store, connection, item.pipeline, item.stage)
    # Nor do those come back that would count again once their worker is pardoned.
    back = update(answers).where(*mine, answers.c.why_not == STOPPED)
    connection.execute(back.values(why_not=AGAIN, revision=revision))
    mine.append(answers.c.counted.is_(True))
    return connection.execute(
        update(answers).where(*mine).values(counted=False, why_not=AGAIN, revision=revision)
    ).rowcount


def kept(connection: Connection, item_id: str) -> list[Kept]:
    """The item's answers that count, or would if they could be read, in the order submitted."""
    beside = hit_items.alias("beside")
    slots = select(func.count()).where(beside.c.hit_id == hit_items.c.hit_id).scalar_subquery()
    rows = connection.execute(
        select(answers, assignments.c.answer, hit_items.c.slot, slots.label("slots"))
        .join(
            assignments,
            (assignments.c.assignment_id == answers.c.assignment_id)
            & (assignments.c.worker_id == answers.c.worker_id),
        )
        .join(
            hit_items,
            (hit_items.c.hit_id == answers.c.hit_id) & (hit_items.c.item_id == answers.c.item_id),
        )
        .where(
            answers.c.item_id == item_id,
            or_(answers.c.counted.is_(True), answers.c.why_not == "unreadable"),
        )
        .order_by(answers.c.submitted_at, answers.c.assignment_id)
    )
    return [_kept(row) for row in rows]


def reread(
    store: Store,
    connection: Connection,
    item: Item,
    read: Iterable[tuple[Kept, dict[str, Any] | None, str | None, str | None]],
) -> None:
    """Store what (answer, values, problem, why it does not count) reading again came to."""
    revision = revisions.next_of(store, connection, item.pipeline, item.stage)
    for answer, values, problem, why_not in read:
        connection.execute(
            update(answers)
            .where(
                answers.c.item_id == item.id,
                answers.c.assignment_id == answer.assignment_id,
                answers.c.worker_id == answer.worker_id,
            )
            .values(
                values=values,
                problem=problem,
                counted=why_not is None,
                why_not=why_not,
                revision=revision,
            )
        )
    connection.execute(update(items).where(items.c.id == item.id).values(unscored=True))


def begin_again(connection: Connection, item: Item, version: int, why: str) -> None:
    """The item is new once more, under `version`; its HITs so far stay on record."""
    last = connection.scalar(
        select(func.max(hits.c.generation))
        .join(hit_items, hit_items.c.hit_id == hits.c.hit_id)
        .where(hit_items.c.item_id == item.id)
    )
    connection.execute(
        update(items)
        .where(items.c.id == item.id)
        .values(
            state=ItemState.NEW,
            label=None,
            agreement=None,
            confidence=None,
            reason=why,
            problem=None,
            attempts=0,
            chain_failures=0,
            look_at=None,
            finished_at=None,
            chained=False,
            final=False,
            would_flip=None,
            unscored=True,
            reopened=0,
            version=version,
            generation=item.generation if last is None else last + 1,
        )
    )


def _kept(row: Row[Any]) -> Kept:
    return Kept(
        assignment_id=row.assignment_id,
        worker_id=row.worker_id,
        xml=row.answer,
        why_not=row.why_not,
        slot=row.slot,
        slots=row.slots,
    )
