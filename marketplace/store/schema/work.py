"""Workers, and what they do: assignments, bonuses."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, text

from marketplace.store.schema.hits import hits
from marketplace.store.schema.types import Dollars, Id, Moment, Serial, metadata

workers = Table(
    "workers",
    metadata,
    Column("worker_id", Id, primary_key=True),
    Column("created_at", Moment, nullable=False),
)

LIVE = "status IN ('Accepted', 'Submitted', 'Approved', 'Rejected')"

assignments = Table(
    "assignments",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("assignment_id", Id, nullable=False),
    Column("hit_id", ForeignKey(hits.c.hit_id), nullable=False),
    Column("worker_id", ForeignKey(workers.c.worker_id), nullable=False),
    # Accepted, Submitted, Approved, Rejected; Returned, Abandoned are history
    Column("status", String(16), nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("deadline", Moment, nullable=False),
    Column("submitted_at", Moment),
    Column("auto_approval_at", Moment),
    Column("approved_at", Moment),
    Column("rejected_at", Moment),
    Column("answer", Text),
    Column("feedback", Text),
    Column("due_at", Moment),  # the deadline while held, auto-approval once submitted
    # An id may pass to the next worker after a return, and a worker who returned may come back:
    # only what counts is unique.
    Index(
        "assignments_live_id",
        "assignment_id",
        unique=True,
        sqlite_where=text(LIVE),
        postgresql_where=text(LIVE),
    ),
    Index(
        "assignments_one_per_worker",
        "hit_id",
        "worker_id",
        unique=True,
        sqlite_where=text(LIVE),
        postgresql_where=text(LIVE),
    ),
    # A partial index serves no statement whose statuses are parameters.
    Index("assignments_by_id", "assignment_id", "id"),
    Index("assignments_due", "due_at"),
    Index("assignments_by_hit", "hit_id", "submitted_at", "id"),
    Index("assignments_by_worker", "worker_id", "status", "id", "hit_id"),
    Index(
        "assignments_by_approval",
        "approved_at",
        sqlite_where=text("approved_at IS NOT NULL"),
        postgresql_where=text("approved_at IS NOT NULL"),
    ),
)

bonuses = Table(
    "bonuses",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("hit_id", ForeignKey(hits.c.hit_id), nullable=False),
    Column("assignment_id", Id, nullable=False),
    Column("worker_id", ForeignKey(workers.c.worker_id), nullable=False),
    Column("amount", Dollars, nullable=False),
    Column("reason", Text, nullable=False),
    Column("granted_at", Moment, nullable=False),
    Index("bonuses_by_hit", "hit_id", "id"),
    Index("bonuses_by_worker", "worker_id", "id"),
    Index("bonuses_by_assignment", "assignment_id", "id"),
    Index("bonuses_by_time", "granted_at"),
)
