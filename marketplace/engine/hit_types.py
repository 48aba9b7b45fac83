"""HIT types: what the HITs of one group have in common."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from sqlalchemy import bindparam, insert, select

from marketplace.engine import ids, qualifications
from marketplace.engine.model import HitType, TypeAttributes
from marketplace.engine.transaction import Transaction
from marketplace.errors import RequestError
from marketplace.store.schema import hit_types

_of_requester = hit_types.c.requester_id == bindparam("requester")
ALIKE = select(hit_types).where(_of_requester, hit_types.c.fingerprint == bindparam("fingerprint"))
BY_ID = select(hit_types).where(_of_requester, hit_types.c.hit_type_id == bindparam("this"))


def register(tx: Transaction, requester_id: str, attributes: TypeAttributes) -> HitType:
    """The requester's HIT type with these attributes; identical attributes share one type."""
    fingerprint = _fingerprint(attributes)
    row = tx.connection.execute(
        ALIKE, {"requester": requester_id, "fingerprint": fingerprint}
    ).one_or_none()
    if row is not None:
        return HitType.from_row(row)
    hit_type = HitType(
        hit_type_id=ids.entity_id(),
        requester_id=requester_id,
        group_id=ids.entity_id(),
        attributes=attributes,
    )
    tx.connection.execute(
        insert(hit_types).values(
            hit_type_id=hit_type.hit_type_id,
            requester_id=requester_id,
            group_id=hit_type.group_id,
            fingerprint=fingerprint,
            created_at=tx.now,
            **asdict(attributes),
        )
    )
    qualifications.record_uses(tx, hit_type.hit_type_id, attributes.requirements)
    return hit_type


def find(tx: Transaction, requester_id: str, hit_type_id: str) -> HitType:
    """The requester's HIT type; another requester's does not exist for them.

    Nor does one that requires a deleted qualification type: it was deleted with that.
    """
    row = tx.connection.execute(
        BY_ID, {"requester": requester_id, "this": hit_type_id}
    ).one_or_none()
    if row is None or qualifications.uses_deleted(tx, hit_type_id):
        raise RequestError(f"HITType {hit_type_id} does not exist.")
    return HitType.from_row(row)


def _fingerprint(attributes: TypeAttributes) -> str:
    text = json.dumps(vars(attributes), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
