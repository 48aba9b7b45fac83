"""Finding work: groups of HITs as one worker may see them, and the next HIT of a group.

A group is a HIT type. Its open HITs are counted by an index that holds nothing else; of a worker
who did some of them, those are subtracted. A HIT type never changes, so what was read of it once
is kept in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sqlalchemy import bindparam, exists, func, select

from marketplace.engine import hits, work
from marketplace.engine.group_types import GroupType, find_type, load_types
from marketplace.engine.groups import IS_LIVE, IS_OPEN, IS_OWN, Group, View
from marketplace.engine.model import Hit
from marketplace.engine.states import HitStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotAccept
from marketplace.store import schema

Sort = Literal["newest", "reward", "available"]

_hits, _assignments = schema.hits, schema.assignments
OPEN_BY_TYPE = (
    select(
        _hits.c.hit_type_id,
        func.count().label("number"),
        func.max(_hits.c.id).label("newest"),
    )
    .where(IS_OPEN)
    .group_by(_hits.c.hit_type_id)
)
NEXT = (
    select(_hits.c.hit_id)
    .where(
        IS_OPEN,
        _hits.c.hit_type_id == bindparam("type"),
        ~exists().where(_assignments.c.hit_id == _hits.c.hit_id, IS_OWN, IS_LIVE),
    )
    .order_by(_hits.c.id)
    .limit(1)
)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of groups, and how many there are on all pages."""

    groups: Sequence[Group]
    total: int


def groups(
    tx: Transaction,
    worker_id: str | None,
    *,
    search: str = "",
    sort: Sort = "newest",
    qualified: bool = False,
    limit: int,
    offset: int = 0,
) -> Listing:
    """What the worker, or somebody not signed in, may discover and has HITs left.

    Every word of `search` must occur in title, description, keywords or the requester's name.
    `qualified` leaves out what the worker could not accept.
    """
    view = View(tx, worker_id)
    done = view.done()
    words = search.casefold().split()
    rows = tx.connection.execute(OPEN_BY_TYPE).all()
    types = load_types(tx, [row[0] for row in rows])
    seen = []
    for type_id, number, newest in rows:
        group_type, available = types[type_id], number - done.get(type_id, 0)
        if (
            available > 0
            and all(word in group_type.searchable for word in words)
            and view.shows(group_type, qualified=qualified)
        ):
            seen.append((_rank(sort, group_type, available), newest, group_type, available))
    seen.sort(key=lambda found: found[:2], reverse=True)
    chosen = [(group_type, available) for _, _, group_type, available in seen[offset:][:limit]]
    return Listing(groups=view.groups(chosen), total=len(seen))


def group(tx: Transaction, worker_id: str | None, group_id: str) -> Group | None:
    """The group of that id, or of that HIT type; None where the worker may not discover it."""
    found = group_of(tx, worker_id, group_id)
    return found if found is not None and found.may_discover else None


def group_of(tx: Transaction, worker_id: str | None, group_id: str) -> Group | None:
    """As `group`, even one that the worker may not discover: they may have worked on it."""
    group_type = find_type(tx, group_id)
    return None if group_type is None else View(tx, worker_id).group(group_type)


def next_hit(tx: Transaction, worker_id: str, group_id: str) -> Hit | None:
    """The oldest open HIT of a group that the worker has not done or taken.

    It says nothing of requirements: `work.accept` does.
    """
    group_type = find_type(tx, group_id)
    if group_type is None:
        return None
    given = {"type": group_type.hit_type_id, "worker": worker_id}
    hit_id = tx.connection.scalar(NEXT, given)
    return None if hit_id is None else hits.lookup(tx, hit_id)


def accept_next(
    tx: Transaction, worker_id: str, group_id: str, *, preferred: str | None = None
) -> str:
    """Accept a HIT of a group: the preferred one, or where that was taken the next.

    Returns the assignment's id, or raises `CannotAccept`.
    """
    hit = hits.lookup(tx, preferred) if preferred else None
    if hit is None or not _is_left(tx, worker_id, hit, group_id):
        hit = next_hit(tx, worker_id, group_id)
    if hit is None:
        raise CannotAccept("There are no more HITs of this group for you.")
    return work.accept(tx, hit.hit_id, worker_id)


def _is_left(tx: Transaction, worker_id: str, hit: Hit, group_id: str) -> bool:
    return (
        hit.status is HitStatus.ASSIGNABLE
        and group_id in (hit.type.group_id, hit.type.hit_type_id)
        and not work.took_part(tx, hit.hit_id, worker_id)
    )


def _rank(sort: Sort, group_type: GroupType, available: int) -> Decimal | int:
    """What comes before the HITs' age in the order of groups."""
    if sort == "reward":
        return group_type.attributes.reward
    return available if sort == "available" else 0
