"""Review policies of HITs, and what came of them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, Text

from marketplace.store.schema.hits import hits
from marketplace.store.schema.types import Id, Moment, Serial, metadata

review_policies = Table(
    "review_policies",
    metadata,
    Column("hit_id", ForeignKey(hits.c.hit_id), primary_key=True),
    Column("assignment_policy", JSON(none_as_null=True)),  # as given: PolicyName, Parameters
    Column("hit_policy", JSON(none_as_null=True)),
)

review_entries = Table(
    "review_entries",
    metadata,
    Column("id", Serial, primary_key=True),  # in order of time
    Column("hit_id", ForeignKey(hits.c.hit_id), nullable=False),
    Column("level", String(16), nullable=False),  # Assignment, HIT: whose policy it was
    Column("kind", String(8), nullable=False),  # result, action
    Column("action_id", Id, nullable=False),
    Column("subject_type", String(16), nullable=False),  # Assignment, HIT
    Column("subject_id", Id, nullable=False),
    Column("at", Moment, nullable=False),
    # A result: what was computed, of one question or of all.
    Column("question_id", Text),
    Column("key", String(64)),
    Column("value", Text),
    # An action: what was done about it.
    Column("name", String(16)),  # review, approve, reject, extend
    Column("status", String(16)),  # Succeeded, Failed
    Column("outcome", Text),
    Column("error_code", String(64)),
    Index("review_entries_by_hit", "hit_id", "id"),
)
"""Results and actions in one list, as ListReviewPolicyResultsForHIT pages through both."""
