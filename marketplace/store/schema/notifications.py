"""Where events are sent, and the events on their way."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from marketplace.store.schema.hits import hit_types
from marketplace.store.schema.requesters import requesters
from marketplace.store.schema.types import Id, Moment, Serial, metadata

notification_specs = Table(
    "notification_specs",
    metadata,
    Column("hit_type_id", ForeignKey(hit_types.c.hit_type_id), primary_key=True),
    Column("destination", Text, nullable=False),
    Column("transport", String(8), nullable=False),
    Column("version", String(16), nullable=False),
    Column("event_types", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("source_account", String(12), nullable=False),
    Column("hit_type_id", Id),  # none on test events
    Column("event_type", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("hit_id", Id, nullable=False),  # made up on test events
    Column("assignment_id", Id),
    Column("transport", String(8), nullable=False),  # SQS, SNS, Email
    Column("destination", Text, nullable=False),
    Column("version", String(16), nullable=False),
    Column("due_at", Moment, nullable=False),  # wall; the engine writes the wall time of the event
    Column("document_id", String(64)),
    Column("sent_at", Moment),  # wall
    Column("sent_count", Integer, nullable=False, default=0, server_default="0"),
    Column("lost", Boolean, nullable=False, default=False, server_default=false()),
    Index("outbox_unsent", "sent_at", "lost", "due_at"),
    Index("outbox_documents", "document_id"),
)
"""Events on their way to SQS and SNS: the engine adds rows, `marketplace.notify` sends them."""
