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
from marketplace.store.schema.types import Moment

BATCH = 200


IS_ANY = select(
    or_(
        exists().where(schema.hits.c.due_at <= bindparam("now", type_=Moment)),
        exists().where(schema.assignments.c.due_at <= bindparam("now", type_=Moment)),
    )
)


def is_any(connection: Connection, now: datetime) -> bool:
    """Whether anything is due; two looks into an index."""
    return bool(connection.scalar(IS_ANY, {"now": now}))


def advance(tx: Transaction) -> int:
    """Do the earliest of what is due by now; returns how much, at most `BATCH`."""
    hit, assignment = schema.hits.c, schema.assignments.c
    rows = tx.connection.execute(
        union_all(
            select(literal_column("'hit'", String).label("kind"), hit.id, hit.due_at).where(
                hit.due_at <= tx.now
            ),
            select(literal_column("'assignment'", String), assignment.id, assignment.due_at).where(
                assignment.due_at <= tx.now
            ),
        )
        .order_by("due_at", "kind")
        .limit(BATCH)
    ).all()
    for row in rows:
        if row.kind == "hit":
            _advance_hit(tx, row.id)
        else:
            _advance_assignment(tx, row.id)
    return len(rows)


def _advance_hit(tx: Transaction, number: int) -> None:
    row = tx.connection.execute(hits.selection(schema.hits.c.id == number)).one()
    hit = Hit.from_row(row)
    if hit.due_at is None or hit.due_at > tx.now:
        return  # moved on by something earlier in the batch
    if hit.expired:
        upkeep.dispose(tx.at(hit.due_at), hit)
    else:
        expiration.expire(tx.at(hit.due_at), hit, hit.expires_at)


def _advance_assignment(tx: Transaction, number: int) -> None:
    row = tx.connection.execute(
        select(schema.assignments).where(schema.assignments.c.id == number)
    ).one()
    assignment = Assignment.from_row(row)
    hit = hits.lookup(tx, assignment.hit_id)
    if hit is None or row.due_at is None:
        return
    then = tx.at(row.due_at)
    if assignment.status is AssignmentStatus.ACCEPTED:
        work.abandon(then, assignment, hit)
    else:
        assignments.pay(then, assignment, hit, feedback=None)
