"""Dirty marks and leases: the item is what is locked, and it is worked on by one run at a time.

A mark says why an item is to be looked at, and grows with each new reason. A run leases marked
items, works, and clears the marks it saw: a newer mark stays, and the item is looked at again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, exists, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from hitline.model import FINISHED, Door
from hitline.store.database import Store
from hitline.store.schema import dirt, hit_items, items

LEASE = timedelta(seconds=90)
"""How long a run may work on a chunk, in wall time, before another may take it over."""

SUSPECT = 4
"""After so many failures in a row an item is worked on alone: others shall not fail with it."""


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
    ids = sorted(set(item_ids))
    if not ids:
        return
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
            connection.execute(newer.where(dirt.c.item_id == row.id).values(mark=dirt.c.mark + 1))


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


def claim(
    connection: Connection,
    door: Door,
    pipeline: str,
    stage: str,
    *,
    owner: str,
    wall: datetime,
    most: int,
    only: Collection[str] | None = None,
) -> list[Leased]:
    """Lease up to about `most` items that wait behind `door`.

    Items that share an unfinished HIT are leased together or not at all. `only` leases those
    items whether they are marked or not (a run started by hand).
    """
    candidates = _candidates(connection, door, pipeline, stage, wall=wall, most=most, only=only)
    if only is None:
        candidates = _suspects_alone(connection, candidates)
    groups = _groups(connection, candidates)
    free = _free_now(connection, [item_id for group in groups for item_id in group], wall)
    leased = [item_id for group in groups if free.issuperset(group) for item_id in group]
    left = _left_behind(connection, leased)
    failed = case((items.c.lease_owner.is_not(None), 1), else_=0)
    connection.execute(
        update(items)
        .where(items.c.id.in_(leased))
        .values(
            lease_owner=owner,
            wall_lease_until=wall + LEASE,
            attempts=items.c.attempts + failed,
        )
    )
    return _leased(connection, leased, owner, door, left)


def renew(connection: Connection, leased: Sequence[Leased], wall: datetime) -> None:
    """Go on holding the lease from now."""
    for one in leased:
        connection.execute(
            update(items)
            .where(items.c.id == one.item_id, items.c.lease_owner == one.owner)
            .values(wall_lease_until=wall + LEASE)
        )


def clear(connection: Connection, leased: Sequence[Leased]) -> None:
    """Give the items back; the marks that were seen are done, newer ones stay."""
    done = {"lease_owner": None, "wall_lease_until": None, "attempts": 0}
    seen: dict[tuple[Door, int], list[str]] = {}
    owned: dict[str, list[str]] = {}
    for one in leased:
        owned.setdefault(one.owner, []).append(one.item_id)
        for mark_seen in one.marks:
            seen.setdefault(mark_seen, []).append(one.item_id)
    for (door, number), ids in sorted(seen.items()):
        connection.execute(
            dirt.delete().where(dirt.c.item_id.in_(ids), dirt.c.door == door, dirt.c.mark <= number)
        )
    for owner, ids in sorted(owned.items()):
        connection.execute(
            update(items).where(items.c.id.in_(ids), items.c.lease_owner == owner).values(done)
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
    return len(_free_now(connection, item_ids, wall)) == len(item_ids)


def _free_now(connection: Connection, item_ids: Sequence[str], wall: datetime) -> set[str]:
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


def _suspects_alone(connection: Connection, candidates: list[str]) -> list[str]:
    """The first alone if it has failed before; else those that have not."""
    failed = set(
        connection.scalars(
            select(items.c.id).where(items.c.id.in_(candidates), items.c.attempts >= SUSPECT)
        )
    )
    if candidates and candidates[0] in failed:
        return candidates[:1]
    return [candidate for candidate in candidates if candidate not in failed]


def _left_behind(connection: Connection, item_ids: Sequence[str]) -> set[str]:
    """Those of these free items that somebody leased and never gave back."""
    return set(
        connection.scalars(
            select(items.c.id).where(items.c.id.in_(item_ids), items.c.lease_owner.is_not(None))
        )
    )


def _candidates(
    connection: Connection,
    door: Door,
    pipeline: str,
    stage: str,
    *,
    wall: datetime,
    most: int,
    only: Collection[str] | None,
) -> list[str]:
    query = select(items.c.id).where(free(wall))
    if only is not None:
        query = query.where(
            items.c.id.in_(sorted(only)), items.c.pipeline == pipeline, items.c.stage == stage
        )
    else:
        # By the marks' own stage: there are few marks, and may be very many items.
        query = query.join(
            dirt,
            and_(
                dirt.c.item_id == items.c.id,
                dirt.c.pipeline == pipeline,
                dirt.c.stage == stage,
                dirt.c.door == door,
                dirt.c.wall_not_before <= wall,
            ),
        ).order_by(dirt.c.wall_marked_at, items.c.position, items.c.id)
    return list(connection.scalars(query.limit(most)))


def _groups(connection: Connection, candidates: list[str]) -> list[list[str]]:
    """The candidates with the unfinished items that share a HIT with them, group by group."""
    beside: dict[str, set[str]] = {candidate: set() for candidate in candidates}
    frontier = set(candidates)
    while frontier:
        pairs = _sharing(connection, frontier)
        for item_id, other in pairs:
            beside.setdefault(item_id, set()).add(other)
        frontier = {other for _, other in pairs} - set(beside)
        beside |= {item_id: set() for item_id in frontier}
    groups: list[list[str]] = []
    grouped: set[str] = set()
    for candidate in candidates:
        if candidate in grouped:
            continue
        group, edge = {candidate}, {candidate}
        while edge:
            edge = {other for item_id in edge for other in beside[item_id]} - group
            group |= edge
        grouped |= group
        groups.append(sorted(group))
    return groups


def _sharing(connection: Connection, item_ids: Collection[str]) -> list[tuple[str, str]]:
    """(item, other): the unfinished items that a HIT carries beside one of these."""
    shared = hit_items.alias("shared")
    rows = connection.execute(
        select(hit_items.c.item_id, shared.c.item_id)
        .join(shared, hit_items.c.hit_id == shared.c.hit_id)
        .join(items, items.c.id == shared.c.item_id)
        .where(
            hit_items.c.item_id.in_(sorted(item_ids)),
            shared.c.item_id != hit_items.c.item_id,
            items.c.state.not_in([str(state) for state in FINISHED]),
        )
        .distinct()
    )
    return [(row[0], row[1]) for row in rows]


def _leased(
    connection: Connection, item_ids: list[str], owner: str, door: Door, left: Collection[str]
) -> list[Leased]:
    # One look at an item answers every door but closing, which does not look.
    answered = dirt.c.door == Door.CLOSE if door is Door.CLOSE else dirt.c.door != Door.CLOSE
    found = connection.execute(
        select(dirt).where(dirt.c.item_id.in_(item_ids), answered).order_by(dirt.c.wall_marked_at)
    ).all()
    leased = []
    for item_id in item_ids:
        rows = [row for row in found if row.item_id == item_id]
        sent = [row.wall_sent_at for row in rows if row.wall_sent_at is not None]
        leased.append(
            Leased(
                item_id=item_id,
                owner=owner,
                marks=tuple((Door(row.door), row.mark) for row in rows),
                sent_at=min(sent, default=None),
                marked_at=rows[0].wall_marked_at if rows else None,
                cause=rows[0].cause if rows else "by hand",
                taken_over=item_id in left,
            )
        )
    return leased
