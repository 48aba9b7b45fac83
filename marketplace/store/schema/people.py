"""Workers as people: how they sign in, what they are told, whom they may not work for.

Times here are wall times but for messages and blocks: a session ends by the clock on the wall.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from marketplace.store.schema.requesters import requesters
from marketplace.store.schema.types import Id, Moment, Serial, metadata
from marketplace.store.schema.work import workers

logins = Table(
    "logins",
    metadata,
    Column("worker_id", ForeignKey(workers.c.worker_id), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),  # folded to lower case
    Column("name", String(128), nullable=False),
    Column("password", Text, nullable=False),  # Argon2's own notation, salt and cost included
    Column("country", String(2)),  # as the worker said, or as the operator set it
    Column("subdivision", String(2)),
    Column("adult", Boolean, nullable=False),  # agreed to see adult content
    Column("created_at", Moment, nullable=False),
    Column("closed_at", Moment),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of what the cookie holds
    Column("kind", String(16), nullable=False),  # worker, requester
    Column("person_id", Id, nullable=False),
    Column("form_token", String(64), nullable=False),  # that posted forms must repeat
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("sessions_of_person", "kind", "person_id"),
    Index("sessions_expired", "expires_at"),
)

links = Table(
    "links",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of what the address holds
    Column("purpose", String(16), nullable=False),  # invitation, reset
    Column("worker_id", ForeignKey(workers.c.worker_id)),  # none on invitations
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("subject", String(64), nullable=False),  # SHA-256 of who tried to sign in, or from where
    Column("at", Moment, nullable=False),
    Index("attempts_by_subject", "subject", "at"),
    Index("attempts_by_time", "at"),
)
"""Failed sign-ins, so that guessing becomes slow."""

blocks = Table(
    "blocks",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("worker_id", ForeignKey(workers.c.worker_id), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("requester_id", "worker_id"),
    Index("blocks_listed", "requester_id", "id"),
    Index("blocks_of_worker", "worker_id"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("worker_id", ForeignKey(workers.c.worker_id), nullable=False),
    Column("from_worker", Boolean, nullable=False),
    Column("subject", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("hit_id", ForeignKey("hits.hit_id")),  # what a worker asks about
    Column("at", Moment, nullable=False),
    Column("read_at", Moment),
    Index("messages_of_worker", "worker_id", "from_worker", "id"),
    Index("messages_of_requester", "requester_id", "from_worker", "id"),
)
