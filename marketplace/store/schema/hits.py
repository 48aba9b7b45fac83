"""HIT types, HITs, and the tokens of idempotent calls.

A HIT's status and liability are stored beside what they derive from, so that they can be listed
and summed; `engine.hits.change` is the one writer of both.
"""

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
    UniqueConstraint,
    text,
)

from marketplace.store.schema.requesters import requesters
from marketplace.store.schema.types import Dollars, Id, Moment, Serial, metadata

OPEN = "status = 'Assignable'"

hit_types = Table(
    "hit_types",
    metadata,
    Column("hit_type_id", Id, primary_key=True),
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("group_id", Id, nullable=False),
    Column("title", String(128), nullable=False),
    Column("description", Text, nullable=False),
    Column("keywords", Text, nullable=False),
    Column("reward", Dollars, nullable=False),
    Column("duration", BigInteger, nullable=False),  # seconds
    Column("auto_approval_delay", BigInteger, nullable=False),  # seconds
    Column("requirements", JSON, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("requester_id", "fingerprint"),
    Index("hit_types_by_group", "group_id"),
    Index("hit_types_listed", "requester_id", "created_at", "hit_type_id"),
)

hits = Table(
    "hits",
    metadata,
    Column("id", Serial, primary_key=True),  # in order of creation
    Column("hit_id", Id, nullable=False, unique=True),
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("hit_type_id", ForeignKey(hit_types.c.hit_type_id), nullable=False),
    Column("annotation", String(255)),
    Column("layout_id", Id),
    Column("max_assignments", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("active_at", Moment, nullable=False),  # last expiry, submission or extension
    Column("held", Integer, nullable=False),
    Column("submitted", Integer, nullable=False),
    Column("approved", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("ever_accepted", Boolean, nullable=False),
    Column("expired", Boolean, nullable=False),
    Column("reviewing", Boolean, nullable=False),
    Column("disposed", Boolean, nullable=False),
    Column("muted", Boolean, nullable=False),  # tells nothing of the work still held
    Column("status", String(16), nullable=False),
    Column("fee", Dollars, nullable=False),  # for each assignment
    Column("liability", Dollars, nullable=False),  # what its open assignments may still cost
    Column("due_at", Moment),  # when time alone changes it next
    # Last, since a row is read up to the column that is wanted, and this one may fill pages.
    Column("question", Text, nullable=False),
    Index("hits_due", "due_at"),
    Index("hits_owned", "hit_id", "requester_id", "hit_type_id"),  # whose an assignment is
    Index("hits_listed", "requester_id", "disposed", "id"),
    Index("hits_by_status", "status", "id"),
    Index("hits_reviewable", "requester_id", "status", "id"),
    Index("hits_of_type", "hit_type_id", "status", "id"),
    Index(
        "hits_open",  # what the workers' site counts, from the index alone
        "status",
        "hit_type_id",
        "created_at",
        "expires_at",
        "id",
        sqlite_where=text(OPEN),
        postgresql_where=text(OPEN),
    ),
)

tokens = Table(
    "tokens",
    metadata,
    Column("requester_id", ForeignKey(requesters.c.requester_id), primary_key=True),
    Column("operation", String(64), primary_key=True),
    Column("token", String(128), primary_key=True),
    Column("object_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False),
)

hit_layouts = Table(
    "hit_layouts",
    metadata,
    Column("layout_id", Id, primary_key=True),
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("name", String(128), nullable=False),
    Column("content", Text, nullable=False),  # HTML with ${placeholders}
    Column("frame_height", Integer, nullable=False),  # pixels; 0 fits the frame to its content
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("requester_id", "name"),
)
