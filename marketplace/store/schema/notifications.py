"""Where events are sent, and the events on their way."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
)

from marketplace.store.schema.hits import hit_types
from marketplace.store.schema.requesters import requesters
from marketplace.store.schema.types import Id, Moment, Serial, metadata

notification_specs = Table(
    "notification_specs",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("hit_type_id", ForeignKey(hit_types.c.hit_type_id), nullable=False),
    Column("effective_at", Moment, nullable=False),
    Column("destination", Text, nullable=False),
    Column("transport", String(8), nullable=False),
    Column("version", String(16), nullable=False),
    Column("event_types", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Index("notification_specs_of_type", "hit_type_id", "id"),
)
"""The newest of a HIT type that is effective counts; until a change is, the one before it does."""

UNDOCUMENTED = "document_id IS NULL"
WAITING = "document_id IS NOT NULL AND sent_at IS NULL"

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("source_account", String(12), nullable=False),
    Column("hit_type_id", Id, nullable=False),  # made up on test events
    Column("event_type", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("hit_id", Id, nullable=False),  # made up on test events
    Column("assignment_id", Id),
    Column("details", JSON(none_as_null=True)),  # members beyond the documented ones
    Column("transport", String(8), nullable=False),  # SQS, SNS, Email
    Column("destination", Text, nullable=False),
    Column("version", String(16), nullable=False),
    Column("due_at", Moment, nullable=False),  # wall; the engine writes the wall time of the event
    Column("document_id", String(64)),
    Column("sent_at", Moment),  # wall
    Column("sent_count", Integer, nullable=False, default=0, server_default="0"),
    Column("lost", Boolean, nullable=False, default=False, server_default=false()),
    Column("copy_of", BigInteger),  # the event that this one repeats in another document
    Index(
        "outbox_undocumented",
        "id",
        sqlite_where=text(UNDOCUMENTED),
        postgresql_where=text(UNDOCUMENTED),
    ),
    Index(
        "outbox_waiting",
        "due_at",
        "document_id",
        "id",
        "destination",
        sqlite_where=text(f"{WAITING} AND lost IS 0"),
        postgresql_where=text(f"{WAITING} AND lost IS false"),
    ),
    Index("outbox_documents", "document_id"),
    Index("outbox_by_requester", "requester_id", "id"),
    Index("outbox_by_type", "hit_type_id", "id"),
)
"""Events on their way to SQS and SNS: the engine adds rows, `marketplace.notify` sends them."""

outages = Table(
    "outages",
    metadata,
    Column("destination", String(2000), primary_key=True),
    Column("failed_at", Moment, nullable=False),  # wall; the last time
    Column("failures", Integer, nullable=False),  # one after the other
    Column("reason", Text, nullable=False),
)
"""Destinations that took nothing when last tried; what is meant for them waits in the outbox."""
