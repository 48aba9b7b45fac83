"""Claims: which of the items that wait a run takes, so that one that fails takes few with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, select, update

from hitline.model import FINISHED, Door
from hitline.store.leases import LEASE, Leased, free, free_now
from hitline.store.schema import dirt, hit_items, items

SUSPECT = 4
"""After so many failures in a row an item may be to blame: others shall not fail with it for long.
"""

COMPANY = 16
"""So many suspects are worked on together, and half as many after each further failure: the one to
blame is soon alone, and forty that were only near it are not forty chunks."""


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
        candidates = _suspects_apart(connection, candidates)
    groups = _groups(connection, candidates)
    there = free_now(connection, [item_id for group in groups for item_id in group], wall)
    leased = [item_id for group in groups if there.issuperset(group) for item_id in group]
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


def _left_behind(connection: Connection, item_ids: Sequence[str]) -> set[str]:
    """Those of these free items that somebody leased and never gave back."""
    return set(
        connection.scalars(
            select(items.c.id).where(items.c.id.in_(item_ids), items.c.lease_owner.is_not(None))
        )
    )


def _suspects_apart(connection: Connection, candidates: list[str]) -> list[str]:
    """Those like the first that have failed as often, if it is suspect; else those that are not."""
    failures = {
        row.id: row.attempts
        for row in connection.execute(
            select(items.c.id, items.c.attempts).where(
                items.c.id.in_(candidates), items.c.attempts >= SUSPECT
            )
        )
    }
    if not candidates or candidates[0] not in failures:
        return [candidate for candidate in candidates if candidate not in failures]
    often = failures[candidates[0]]
    alike = [candidate for candidate in candidates if failures.get(candidate) == often]
    return alike[: max(COMPANY >> (often - SUSPECT), 1)]


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
        ).order_by(_failures(), dirt.c.wall_marked_at, items.c.position, items.c.id)
    return list(connection.scalars(query.limit(most)))


def _failures() -> ColumnElement[int]:
    """By which suspects come last, those that failed most often at the very end."""
    return case((items.c.attempts >= SUSPECT, items.c.attempts), else_=0)


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
