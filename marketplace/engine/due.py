"""What time alone causes: HITs expire and are disposed of, held work is abandoned, submitted work
is approved.

Each is done at the moment it fell due, in that order, whoever notices it first; once done it is
due no longer, so its events go out once.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Connection,
    String,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    union_all,
)

from marketplace.engine import assignments, expiration, hits, upkeep, work
from marketplace.engine.model import Assignment, Hit
from marketplace.engine.states import AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.store import schema
from marketplace.store.faults import KEPT
from marketplace.store.schema.types import Moment

BATCH = 200


_hit, _assignment = schema.hits.c, schema.assignments.c
_hit_is_due = _hit.due_at <= bindparam("now", type_=Moment)
_assignment_is_due = _assignment.due_at <= bindparam("now", type_=Moment)

GLANCE = select(or_(exists().where(_hit_is_due), exists().where(_assignment_is_due)), KEPT)
DUE = (
    union_all(
        select(literal_column("'hit'", String).label("kind"), _hit.id, _hit.due_at).where(
            _hit_is_due
        ),
        select(literal_column("'assignment'", String), _assignment.id, _assignment.due_at).where(
            _assignment_is_due
        ),
    )
    .order_by("due_at", "kind")
    .limit(BATCH)
)
HIT = hits.selection(_hit.id == bindparam("number"))
ASSIGNMENT = select(schema.assignments).where(_assignment.id == bindparam("number"))


def glance(connection: Connection, now: datetime) -> tuple[bool, str | None]:
    """Whether anything is due, and the faults that were set; three looks into an index."""
    is_any, faults = connection.execute(GLANCE, {"now": now}).one()
    return bool(is_any), faults


def advance(tx: Transaction) -> int:
    """Do the earliest of what is due by now; returns how much, at most `BATCH`."""
    rows = tx.connection.execute(DUE, {"now": tx.now}).all()
    for row in rows:
        if row.kind == "hit":
            _advance_hit(tx, row.id)
        else:
            _advance_assignment(tx, row.id)
    return len(rows)


def _advance_hit(tx: Transaction, number: int) -> None:
    row = tx.connection.execute(HIT, {"number": number}).one()
    hit = Hit.from_row(row)
    if hit.due_at is None or hit.due_at > tx.now:
        return  # moved on by something earlier in the batch
    if hit.expired:
        upkeep.dispose(tx.at(hit.due_at), hit)
    else:
        expiration.expire(tx.at(hit.due_at), hit, hit.expires_at)


def _advance_assignment(tx: Transaction, number: int) -> None:
    row = tx.connection.execute(ASSIGNMENT, {"number": number}).one()
    assignment = Assignment.from_row(row)
    hit = hits.lookup(tx, assignment.hit_id)
    if hit is None or row.due_at is None:
        return
    then = tx.at(row.due_at)
    if assignment.status is AssignmentStatus.ACCEPTED:
        work.abandon(then, assignment, hit)
    else:
        assignments.pay(then, assignment, hit, feedback=None)
