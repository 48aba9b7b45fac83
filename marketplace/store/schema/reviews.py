"""Review policies of HITs, and what came of them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, Text

from marketplace.store.schema.hits import hits
from marketplace.store.schema.types import Id, Moment, Serial, metadata

review_policies = Table(
    "review_policies",
    metadata,
    Column("hit_id", ForeignKey(hits.c.hit_id), primary_key=True),
    Column("assignment_policy", JSON),  # as given: PolicyName, Parameters
    Column("hit_policy", JSON),
)

review_results = Table(
    "review_results",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("hit_id", ForeignKey(hits.c.hit_id), nullable=False),
    Column("level", String(16), nullable=False),  # Assignment, HIT
    Column("action_id", Id, nullable=False),
    Column("subject_type", String(16), nullable=False),  # Assignment, HIT
    Column("subject_id", Id, nullable=False),
    Column("question_id", Text),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("review_results_by_hit", "hit_id", "level", "id"),
)

review_actions = Table(
    "review_actions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("hit_id", ForeignKey(hits.c.hit_id), nullable=False),
    Column("level", String(16), nullable=False),  # Assignment, HIT
    Column("action_id", Id, nullable=False),
    Column("name", String(32), nullable=False),  # approve, reject, extend
    Column("target_type", String(16), nullable=False),
    Column("target_id", Id, nullable=False),
    Column("status", String(16), nullable=False),  # Succeeded, Failed, Cancelled
    Column("result", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("review_actions_by_hit", "hit_id", "level", "id"),
)
