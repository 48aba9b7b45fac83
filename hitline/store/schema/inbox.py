"""Notifications as they came.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

events = Table(
    "events",
    metadata,
    Column("identity", String(64), primary_key=True),
    Column("type", String(32), nullable=False),
    Column("at", UtcTime),
    Column("hit_id", String(64), index=True),
    Column("hit_type_id", String(64)),
    Column("assignment_id", String(64)),
    Column("document_id", String(64)),
    Column("pipeline", String(40)),
    Column("stage", String(40)),
    Column("repeats", Integer, nullable=False, default=0),
    Column("resolved", Boolean, nullable=False),
    Column("problem", Text),
    Column("wall_sent_at", UtcTime),
    Column("wall_received_at", UtcTime, nullable=False),
    Index("ix_events_resolved", "resolved", "wall_received_at"),
    Index("ix_events_stage_type", "pipeline", "stage", "type", "at"),
)

unparsed = Table(
    "unparsed",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("message_id", String(100), nullable=False),
    Column("body", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("wall_received_at", UtcTime, nullable=False),
    UniqueConstraint("message_id"),
)
