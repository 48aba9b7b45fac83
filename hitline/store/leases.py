"""Dirty marks and leases: the item is what is locked, and it is worked on by one run at a time.

A mark says why an item is to be looked at, and grows with each new reason. A run leases marked
items, works, and clears the marks it saw: a newer mark stays, and the item is looked at again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from hitline.model import Door
from hitline.store.database import Store
from hitline.store.pieces import pieces
from hitline.store.schema import dirt, items

LEASE = timedelta(seconds=90)
"""How long a run may work on a chunk, in wall time, before another may take it over."""

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""A mark that waits until then is one that was set aside."""
POISONED = 10
"""After so many failures in a row an item is set aside, until a person says to try again; only its
HITs are closed for as many more, so that whoever answered is paid meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Leased:
    """An item that this run may work on until its lease ends; `marks` are what it will clear."""

    item_id: str
    owner: str
    marks: tuple[tuple[Door, int], ...]
    sent_at: datetime | None
    marked_at: datetime | None
    cause: str
    taken_over: bool = False
    """Whether another run had it, whose lease has ended."""

    @property
    def closes(self) -> bool:
        """Whether it is leased to have its HITs closed, which says nothing of what is set aside."""
        return bool(self.marks) and all(door is Door.CLOSE for door, _ in self.marks)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many items of a stage wait behind a door."""

    pipeline: str
    stage: str
    door: Door
    items: int


def mark(
    store: Store,
    connection: Connection,
    item_ids: Iterable[str],
    door: Door,
    cause: str,
    wall: datetime,
    *,
    sent_at: datetime | None = None,
    not_before: datetime | None = None,
) -> None:
    """Say that these items are to be looked at, and why; a repeat makes the mark newer."""
    for ids in pieces(item_ids):
        newer = update(dirt).where(dirt.c.item_id.in_(ids), dirt.c.door == door)
        known = set(
            connection.scalars(
                newer.values(
                    mark=dirt.c.mark + 1,
                    cause=cause,
                    wall_sent_at=func.coalesce(dirt.c.wall_sent_at, sent_at),
                    wall_not_before=not_before or wall,
                ).returning(dirt.c.item_id)
            )
        )
        where = select(items.c.id, items.c.pipeline, items.c.stage).where(
            items.c.id.in_([item_id for item_id in ids if item_id not in known])
        )
        for row in connection.execute(where).all():
            fresh = {
                "item_id": row.id,
                "door": door,
                "pipeline": row.pipeline,
                "stage": row.stage,
                "mark": 1,
                "cause": cause,
                "wall_marked_at": wall,
                "wall_sent_at": sent_at,
                "wall_not_before": not_before or wall,
            }
            if not store.insert_new(connection, dirt, [fresh]):
                # Somebody marked it between the two statements.
                again = newer.where(dirt.c.item_id == row.id)
                connection.execute(again.values(mark=dirt.c.mark + 1))


def waiting(connection: Connection, wall: datetime) -> list[Waiting]:
    """What waits and is not being worked on: what the bell has to ring for."""
    rows = connection.execute(
        select(dirt.c.pipeline, dirt.c.stage, dirt.c.door, func.count())
        .where(
            dirt.c.wall_not_before <= wall,
            exists().where(items.c.id == dirt.c.item_id, free(wall)),
        )
        .group_by(dirt.c.pipeline, dirt.c.stage, dirt.c.door)
        .order_by(dirt.c.pipeline, dirt.c.stage, dirt.c.door)
    )
    return [Waiting(pipeline=row[0], stage=row[1], door=Door(row[2]), items=row[3]) for row in rows]


def renew(connection: Connection, leased: Sequence[Leased], wall: datetime) -> None:
    """Go on holding the lease from now."""
    for one in leased:
        connection.execute(
            update(items)
            .where(items.c.id == one.item_id, items.c.lease_owner == one.owner)
            .values(wall_lease_until=wall + LEASE)
        )


def still_ours(connection: Connection, leased: Sequence[Leased]) -> set[str]:
    """Those of these items that nobody has taken over, nor does before the transaction ends.

    A run may be slower than its lease, be cancelled while a thread of it works on, or be taken for
    dead: what it has not done by then is no longer its to do.
    """
    owned: dict[str, list[str]] = {}
    for one in leased:
        owned.setdefault(one.owner, []).append(one.item_id)
    found: set[str] = set()
    for owner, ids in sorted(owned.items()):
        found |= set(
            connection.scalars(
                select(items.c.id)
                .where(items.c.id.in_(ids), items.c.lease_owner == owner)
                .order_by(items.c.id)
                .with_for_update(key_share=True)
            )
        )
    return found


def clear(connection: Connection, leased: Sequence[Leased]) -> None:
    """Give the items back; the marks that were seen are done, newer ones stay.

    What another run has taken over keeps its marks: those were for that run to clear.
    """
    ours = still_ours(connection, leased)
    leased = [one for one in leased if one.item_id in ours]
    _clear_marks(connection, leased)
    owned: dict[tuple[str, bool], list[str]] = {}
    for one in leased:
        owned.setdefault((one.owner, one.closes), []).append(one.item_id)
    for (owner, closes), ids in sorted(owned.items()):
        aside = exists().where(dirt.c.item_id == items.c.id, dirt.c.wall_not_before == NEVER)
        left = case((aside, POISONED), else_=0) if closes else literal(0)
        connection.execute(
            update(items)
            .where(items.c.id.in_(ids), items.c.lease_owner == owner)
            .values(lease_owner=None, wall_lease_until=None, attempts=left)
        )


def clear_given_up(connection: Connection, one: Leased) -> None:
    """The same for an item that its run has itself set free meanwhile, unless it is taken since."""
    free_again = (
        select(items.c.id)
        .where(items.c.id == one.item_id, items.c.lease_owner.is_(None))
        .with_for_update(key_share=True)
    )
    if connection.scalar(free_again) is not None:
        _clear_marks(connection, [one])
        connection.execute(update(items).where(items.c.id == one.item_id).values(attempts=0))


def _clear_marks(connection: Connection, leased: Sequence[Leased]) -> None:
    seen: dict[tuple[Door, int], list[str]] = {}
    for one in leased:
        for mark_seen in one.marks:
            seen.setdefault(mark_seen, []).append(one.item_id)
    for (door, number), ids in sorted(seen.items()):
        connection.execute(
            dirt.delete().where(dirt.c.item_id.in_(ids), dirt.c.door == door, dirt.c.mark <= number)
        )


def postpone(connection: Connection, leased: Sequence[Leased], until: datetime) -> None:
    """Give the items back with their marks; nothing is wrong, it is only too early."""
    for one in leased:
        connection.execute(update(dirt).where(_seen(one)).values(wall_not_before=until))
        release(connection, [one.item_id], one.owner)


def put_off(
    connection: Connection,
    leased: Sequence[Leased],
    until: datetime,
    why: str,
    *,
    blame: bool = True,
) -> None:
    """Give the items back with their marks, to be looked at again after `until` (wall time).

    `blame`: whether the reason may lie in the items, so that it counts as a failure of theirs.
    Those that were given back before, or that another run has taken over, are left alone.
    """
    for one in leased:
        ours = connection.execute(
            update(items)
            .where(items.c.id == one.item_id, items.c.lease_owner == one.owner)
            .values(attempts=items.c.attempts + int(blame), problem=why)
        ).rowcount
        if ours:
            seen = update(dirt).where(_seen(one))
            connection.execute(seen.values(wall_not_before=until, cause=why))
            release(connection, [one.item_id], one.owner)


def release(connection: Connection, item_ids: Sequence[str], owner: str) -> None:
    """Give up the lease on these items, if it is still ours."""
    connection.execute(
        update(items)
        .where(items.c.id.in_(item_ids), items.c.lease_owner == owner)
        .values(lease_owner=None, wall_lease_until=None)
    )


def abandoned(connection: Connection, owners: Collection[str]) -> int:
    """These owners are dead: what they had leased is free at once; how many items that were."""
    return connection.execute(
        update(items)
        .where(items.c.lease_owner.in_(sorted(owners)))
        .values(lease_owner=None, wall_lease_until=None, attempts=items.c.attempts + 1)
    ).rowcount


def _seen(one: Leased) -> ColumnElement[bool]:
    """The item's marks at the doors that the lease is for, newer ones with them."""
    return and_(dirt.c.item_id == one.item_id, dirt.c.door.in_([door for door, _ in one.marks]))


def free(wall: datetime) -> ColumnElement[bool]:
    """Whether nobody works on an item, as a condition."""
    return or_(items.c.wall_lease_until.is_(None), items.c.wall_lease_until < wall)


def all_free(connection: Connection, item_ids: Sequence[str], wall: datetime) -> bool:
    """Whether nobody works on any of these items, nor begins to before the transaction ends."""
    return len(free_now(connection, item_ids, wall)) == len(item_ids)


def free_now(connection: Connection, item_ids: Sequence[str], wall: datetime) -> set[str]:
    """Those that nobody works on, nor begins to before the transaction ends."""
    # Rows that another claimer has locked are skipped, not waited for, and so count as taken.
    return set(
        connection.scalars(
            select(items.c.id)
            .where(items.c.id.in_(item_ids), free(wall))
            .order_by(items.c.id)
            .with_for_update(key_share=True, skip_locked=True)
        )
    )
