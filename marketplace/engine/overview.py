"""A requester's HIT types and HITs as lists for people: newest first, a page at a time, counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, or_, select

from marketplace.engine.hits import selection
from marketplace.engine.model import Hit, HitType
from marketplace.engine.states import HitStatus
from marketplace.engine.transaction import Transaction
from marketplace.store.schema import hit_types, hits

Counts = Mapping[HitStatus, int]

KEPT = [status for status in HitStatus if status is not HitStatus.DISPOSED]


@dataclass(frozen=True, kw_only=True)
class CountedType:
    """A HIT type, and how many of its HITs are in each state."""

    type: HitType
    created_at: datetime
    counts: Counts


COUNTS = (
    select(hits.c.status, func.count().label("number"))
    .where(hits.c.requester_id == bindparam("requester_id"))
    .group_by(hits.c.status)
)
COUNTS_OF_TYPES = (
    select(hits.c.hit_type_id, hits.c.status, func.count().label("number"))
    .where(hits.c.hit_type_id.in_(bindparam("type_ids", expanding=True)))
    .group_by(hits.c.hit_type_id, hits.c.status)
)


def counts(tx: Transaction, requester_id: str) -> Counts:
    """How many HITs of the requester are in each state."""
    rows = tx.connection.execute(COUNTS, {"requester_id": requester_id})
    found = {row.status: row.number for row in rows}
    return {status: found.get(status.value, 0) for status in HitStatus}


def counts_of_types(tx: Transaction, type_ids: Sequence[str]) -> dict[str, Counts]:
    """How many HITs of each of these types are in each state."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in tx.connection.execute(COUNTS_OF_TYPES, {"type_ids": list(type_ids)}):
        found[row.hit_type_id][row.status] = row.number
    return {
        type_id: {status: found[type_id].get(status.value, 0) for status in HitStatus}
        for type_id in type_ids
    }


def types(
    tx: Transaction, requester_id: str, *, after: tuple[datetime, str] | None, limit: int
) -> list[CountedType]:
    """The requester's HIT types, newest first, from after the key (time of creation, id)."""
    query = select(hit_types).where(hit_types.c.requester_id == requester_id)
    if after is not None:
        moment, type_id = after
        earlier = and_(hit_types.c.created_at == moment, hit_types.c.hit_type_id < type_id)
        query = query.where(or_(hit_types.c.created_at < moment, earlier))
    order = hit_types.c.created_at.desc(), hit_types.c.hit_type_id.desc()
    rows = tx.connection.execute(query.order_by(*order).limit(limit)).all()
    counted = counts_of_types(tx, [row.hit_type_id for row in rows])
    return [
        CountedType(
            type=HitType.from_row(row),
            created_at=row.created_at,
            counts=counted[row.hit_type_id],
        )
        for row in rows
    ]


def listing(
    tx: Transaction,
    requester_id: str,
    *,
    status: HitStatus | None,
    hit_type_id: str | None,
    before: int | None,
    limit: int,
) -> list[Hit]:
    """The requester's HITs, newest first, from below the number `before`.

    Without a status, all but the disposed ones.
    """
    numbers = select(hits.c.id).where(hits.c.requester_id == requester_id)
    if hit_type_id is not None:
        numbers = numbers.where(hits.c.hit_type_id == hit_type_id)
    if before is not None:
        numbers = numbers.where(hits.c.id < before)
    numbers = numbers.order_by(hits.c.id.desc()).limit(limit)
    # The indexes are in the order of a page only within one state, or for all HITs but the deleted.
    if status is not None:
        queries = [numbers.where(hits.c.status == status.value)]
    elif hit_type_id is not None:
        queries = [numbers.where(hits.c.status == one.value) for one in KEPT]
    else:
        queries = [numbers.where(hits.c.disposed.is_(False))]
    found = [number for query in queries for number in tx.connection.scalars(query)]
    page = selection(hits.c.id.in_(sorted(found, reverse=True)[:limit]))
    return [Hit.from_row(row) for row in tx.connection.execute(page.order_by(hits.c.id.desc()))]
