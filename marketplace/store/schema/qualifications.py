"""Qualification types, what workers asked for, what they hold, and which HIT types require them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy import text as sql

from marketplace.store.schema.hits import hit_types
from marketplace.store.schema.requesters import requesters
from marketplace.store.schema.types import Id, Moment, Serial, metadata
from marketplace.store.schema.work import workers

KEPT = "deleted_at IS NULL"

qualification_types = Table(
    "qualification_types",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("qualification_type_id", Id, nullable=False, unique=True),
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("keywords", Text),
    Column("searchable", Text, nullable=False),  # name, description and keywords, case folded
    Column("status", String(16), nullable=False),  # Active, Inactive
    Column("test", Text),
    Column("answer_key", Text),
    Column("test_duration", BigInteger),  # seconds
    Column("retry_delay", BigInteger),  # seconds; none: no second try
    Column("auto_granted", Boolean, nullable=False),
    Column("auto_granted_value", Integer),
    Column("created_at", Moment, nullable=False),
    Column("deleted_at", Moment),  # when deletion began; it ends once no HIT needs the type
    Index("qualification_types_by_owner", "requester_id", "id"),
    Index(
        "qualification_types_by_name",
        "requester_id",
        "name",
        unique=True,
        sqlite_where=sql(KEPT),
        postgresql_where=sql(KEPT),
    ),
)

qualification_requests = Table(
    "qualification_requests",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("request_id", Id, nullable=False, unique=True),
    Column(
        "qualification_type_id",
        ForeignKey(qualification_types.c.qualification_type_id),
        nullable=False,
    ),
    Column("worker_id", ForeignKey(workers.c.worker_id), nullable=False),
    # Started (a test is being taken, until its deadline), Pending, Granted, Rejected
    Column("status", String(16), nullable=False),
    Column("test", Text),  # as it was when the worker began, and so is the key
    Column("answer_key", Text),
    Column("deadline", Moment),  # of the test
    Column("answer", Text),
    Column("reason", Text),  # why it was rejected
    Column("started_at", Moment, nullable=False),
    Column("submitted_at", Moment),
    Column("decided_at", Moment),
    Index(
        "qualification_requests_by_type", "qualification_type_id", "status", "submitted_at", "id"
    ),
    Index("qualification_requests_by_worker", "worker_id", "qualification_type_id", "id"),
)

qualifications = Table(
    "qualifications",
    metadata,
    # One of `qualification_types`, or Masters, which the operator grants.
    Column("qualification_type_id", Id, primary_key=True),
    Column("worker_id", ForeignKey(workers.c.worker_id), primary_key=True),
    Column("value", Integer, nullable=False),
    Column("status", String(16), nullable=False),  # Granted, Revoked
    Column("granted_at", Moment, nullable=False),
    Column("reason", Text),  # why it was revoked
    Index("qualifications_by_worker", "worker_id", "status"),
    Index("qualifications_by_type", "qualification_type_id", "status", "worker_id"),
)

hit_type_requirements = Table(
    "hit_type_requirements",
    metadata,
    Column("qualification_type_id", Id, primary_key=True),
    Column("hit_type_id", ForeignKey(hit_types.c.hit_type_id), primary_key=True),
    Index("hit_type_requirements_by_hit_type", "hit_type_id"),
)
"""Which HIT types require which qualifications, so that it can be asked the other way round."""
