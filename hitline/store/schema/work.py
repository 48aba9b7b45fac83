"""HITs, submissions, what these say, and the calls about to be made.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from hitline.store.schema.base import metadata
from hitline.store.types import Cents, UtcTime

hits = Table(
    "hits",
    metadata,
    Column("hit_id", String(64), primary_key=True),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("hit_type_id", String(64), nullable=False),
    Column("annotation", String(255), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("sibling", Integer, nullable=False),
    Column("rung", Integer, nullable=False),
    Column("reward", Cents, nullable=False),
    Column("max_assignments", Integer, nullable=False),
    Column("submitted", Integer, nullable=False, default=0),
    Column("pending", Integer, nullable=False, default=0),
    Column("status", String(12), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("ended_by_us", Boolean, nullable=False, server_default=false()),
    Column("closed_at", UtcTime),
    Column("disposed_at", UtcTime),
    Index("ix_hits_open", "closed_at", "expires_at"),
    Index("ix_hits_stage", "pipeline", "stage"),
    Index("ix_hits_disposed", "disposed_at", "closed_at"),
)

hit_items = Table(
    "hit_items",
    metadata,
    Column("hit_id", String(64), ForeignKey("hits.hit_id"), primary_key=True),
    Column("item_id", String(13), ForeignKey("items.id"), primary_key=True, index=True),
    Column("slot", Integer, nullable=False),
)

assignments = Table(
    "assignments",
    metadata,
    # An AssignmentId may come back with another worker after a return.
    Column("assignment_id", String(64), primary_key=True),
    Column("worker_id", String(64), primary_key=True),
    Column("hit_id", String(64), ForeignKey("hits.hit_id"), nullable=False, index=True),
    Column("status", String(10), nullable=False, index=True),
    Column("accepted_at", UtcTime),
    Column("submitted_at", UtcTime, nullable=False),
    Column("auto_approval_at", UtcTime),
    Column("answer", Text),
    Column("judge_by", UtcTime, nullable=False),
    Index("ix_assignments_judge", "status", "judge_by"),
    Index("ix_assignments_submitted", "submitted_at"),
)

answers = Table(
    "answers",
    metadata,
    Column("assignment_id", String(64), primary_key=True),
    Column("worker_id", String(64), primary_key=True),
    Column("item_id", String(13), ForeignKey("items.id"), primary_key=True, index=True),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("hit_id", String(64), nullable=False),
    Column("values", JSON),
    Column("problem", Text),
    Column("counted", Boolean, nullable=False),
    Column("why_not", String(40)),
    # Of the stage's evidence when this row was last written (hitline/store/revisions.py).
    Column("revision", Integer, nullable=False),
    Column("submitted_at", UtcTime, nullable=False),
    # What it counts for in the worker's standing: right of a known item, like the settled label.
    Column("scored", Boolean, nullable=False, server_default=false()),
    Column("known_right", Boolean),
    Column("agrees", Boolean),
    Index("ix_answers_worker", "worker_id", "pipeline", "stage"),
    Index("ix_answers_revision", "pipeline", "stage", "counted", "revision"),
)

# What is about to be called, written before the call.
intents = Table(
    "intents",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("hit_id", String(64)),
    Column("detail", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("wall_created_at", UtcTime, nullable=False),
    Column("wall_done_at", UtcTime),
    Column("outcome", Text),
    Index("ix_intents_undone", "wall_done_at", "wall_created_at"),
)

intent_items = Table(
    "intent_items",
    metadata,
    Column("token", String(64), ForeignKey("intents.token"), primary_key=True),
    Column("item_id", String(13), ForeignKey("items.id"), primary_key=True, index=True),
)
