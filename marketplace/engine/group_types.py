"""HIT types as groups of HITs on the workers' site, kept in memory once read.

Neither a HIT type nor its requester's name ever changes, and no id is given twice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from marketplace.engine.model import HitType, TypeAttributes
from marketplace.engine.qualifications import Guard, guards
from marketplace.engine.transaction import Transaction
from marketplace.store.schema import hit_types, requesters

AT_ONCE = 500  # ids in one statement
MOST_KEPT = 20_000
HIDDEN: Guard = "DiscoverPreviewAndAccept"


@dataclass(frozen=True, kw_only=True)
class GroupType:
    """A HIT type, its requester's name; whether it hides from workers who do not meet it.

    `searchable` is what a search looks through, in lower case.
    """

    hit_type_id: str
    group_id: str
    requester_id: str
    requester: str
    attributes: TypeAttributes
    hides: bool
    searchable: str


_columns = select(hit_types, requesters.c.name.label("requester")).join(requesters)
BY_IDS = _columns.where(hit_types.c.hit_type_id.in_(bindparam("ids", expanding=True)))
BY_GROUP = _columns.where(
    or_(hit_types.c.group_id == bindparam("id"), hit_types.c.hit_type_id == bindparam("id"))
)

_kept: dict[str, GroupType] = {}


def load_types(tx: Transaction, ids: Collection[str]) -> dict[str, GroupType]:
    """The HIT types of those ids, by id; all must exist."""
    found: dict[str, GroupType] = {}
    missing = []
    for type_id in dict.fromkeys(ids):
        kept = _kept.get(type_id)
        if kept is None:
            missing.append(type_id)
        else:
            found[type_id] = kept
    for start in range(0, len(missing), AT_ONCE):
        some = {"ids": missing[start : start + AT_ONCE]}
        for row in tx.connection.execute(BY_IDS, some):
            found[row.hit_type_id] = _keep(row)
    return found


def find_type(tx: Transaction, group_id: str) -> GroupType | None:
    """The HIT type of a group, by the group's id or its own: MTurk's site took either."""
    row = tx.connection.execute(BY_GROUP, {"id": group_id}).one_or_none()
    return None if row is None else _kept.get(row.hit_type_id) or _keep(row)


def _keep(row: Row[Any]) -> GroupType:
    hit_type = HitType.from_row(row)
    said = hit_type.attributes
    kept = GroupType(
        hit_type_id=hit_type.hit_type_id,
        group_id=hit_type.group_id,
        requester_id=hit_type.requester_id,
        requester=row.requester,
        attributes=said,
        hides=any(guards(requirement) == HIDDEN for requirement in said.requirements),
        searchable="\n".join(
            (said.title, said.description, said.keywords, row.requester)
        ).casefold(),
    )
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[kept.hit_type_id] = kept
    return kept
