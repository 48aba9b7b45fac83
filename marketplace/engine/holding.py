"""What a worker holds: accepted, and neither submitted nor returned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from marketplace.engine.group_types import GroupType, load_types
from marketplace.engine.states import AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.store.schema import assignments, hits


@dataclass(frozen=True, kw_only=True)
class Held:
    """An assignment that a worker holds; times are business time."""

    assignment_id: str
    hit_id: str
    type: GroupType
    accepted_at: datetime
    deadline: datetime


HELD = (
    select(
        assignments.c.assignment_id,
        assignments.c.hit_id,
        assignments.c.accepted_at,
        assignments.c.deadline,
        hits.c.hit_type_id,
    )
    .join(hits, hits.c.hit_id == assignments.c.hit_id)
    .where(
        assignments.c.worker_id == bindparam("worker"),
        assignments.c.status == AssignmentStatus.ACCEPTED.value,
    )
    .order_by(assignments.c.deadline, assignments.c.id)
)


def held_by(tx: Transaction, worker_id: str) -> list[Held]:
    """What the worker holds, the most urgent first."""
    rows = tx.connection.execute(HELD, {"worker": worker_id}).all()
    types = load_types(tx, [row.hit_type_id for row in rows])
    return [
        Held(
            assignment_id=row.assignment_id,
            hit_id=row.hit_id,
            type=types[row.hit_type_id],
            accepted_at=row.accepted_at,
            deadline=row.deadline,
        )
        for row in rows
    ]
