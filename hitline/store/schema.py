"""The tables. Times called `wall_…` are wall time, all others business time."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from hitline.store.types import Cents, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

pipelines = Table(
    "pipelines",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("source", Text, nullable=False),
    Column("budget", Cents),
    Column("wall_created_at", UtcTime, nullable=False),
)

# What a person said of a pipeline (stage "") or a stage: running, paused, stopped.
controls = Table(
    "controls",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("control", String(10), nullable=False),
)

stage_versions = Table(
    "stage_versions",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("policy", Text, nullable=False),
    Column("wall_created_at", UtcTime, nullable=False),
)

# The endpoint's id of the type of each rung; identical attributes have one type.
hit_types = Table(
    "hit_types",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("rung", Integer, primary_key=True),
    Column("hit_type_id", String(64), nullable=False, index=True),
)

# Where each type's notifications go, as we last set it: the endpoint cannot be asked.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("hit_type_id", String(64), primary_key=True),
    Column("transport", String(3), nullable=False),
    Column("destination", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("wall_set_at", UtcTime, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("id", String(13), primary_key=True),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("key", Text, nullable=False),
    Column("input", JSON, nullable=False),
    Column("gold", Text),
    Column("golds", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("parent_id", String(13), ForeignKey("items.id"), index=True),
    Column("root_id", String(13)),
    Column("round", Integer, nullable=False, default=0),
    Column("position", Integer, nullable=False, default=0),
    Column("state", String(10), nullable=False),
    Column("label", Text),
    Column("agreement", Float),
    Column("reason", Text),
    Column("problem", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("chained", Boolean, nullable=False, server_default=false()),
    Column("look_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("lease_owner", String(36)),
    Column("wall_lease_until", UtcTime),
    Index("ix_items_stage_state", "pipeline", "stage", "state"),
    Index("ix_items_state_look_at", "state", "look_at"),
)

# Why an item is to be looked at. `mark` grows with each reason, so that a run clears what it saw.
dirt = Table(
    "dirt",
    metadata,
    Column("item_id", String(13), ForeignKey("items.id"), primary_key=True),
    Column("door", String(10), primary_key=True),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("mark", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("wall_marked_at", UtcTime, nullable=False),
    Column("wall_sent_at", UtcTime),
    Column("wall_not_before", UtcTime, nullable=False),
    Index("ix_dirt_stage_door", "pipeline", "stage", "door", "wall_not_before"),
)

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
)

answers = Table(
    "answers",
    metadata,
    Column("assignment_id", String(64), primary_key=True),
    Column("worker_id", String(64), primary_key=True),
    Column("item_id", String(13), ForeignKey("items.id"), primary_key=True, index=True),
    Column("hit_id", String(64), nullable=False),
    Column("values", JSON),
    Column("problem", Text),
    Column("counted", Boolean, nullable=False),
    Column("why_not", String(40)),
    Column("submitted_at", UtcTime, nullable=False),
)

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
    Index("ix_events_stage_type", "pipeline", "stage", "type"),
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

# Entries: reserve (before a call that could spend), settle (paid), release (reserved, not spent).
ledger = Table(
    "ledger",
    metadata,
    Column("token", String(80), primary_key=True),
    Column("entry", String(10), nullable=False),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("hit_id", String(64), index=True),
    Column("assignment_id", String(64)),
    Column("reward", Cents, nullable=False),
    Column("fee", Cents, nullable=False),
    Column("cause", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_ledger_pipeline", "pipeline", "stage", "entry"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("item_id", String(13), ForeignKey("items.id"), nullable=False, index=True),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("door", String(10), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("why", Text, nullable=False),
    Column("outcome", Text),
    Column("confidence", Float),
    Column("model", String(40)),
    Column("hit_id", String(64)),
    Column("flow_run", String(36)),
    Column("at", UtcTime, nullable=False),
    Column("wall_at", UtcTime, nullable=False),
    Column("wall_sent_at", UtcTime),
    Index("ix_verdicts_stage", "pipeline", "stage", "kind"),
)

bells = Table(
    "bells",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("door", String(10), primary_key=True),
    Column("wall_rung_at", UtcTime),
    Column("wall_answered_at", UtcTime),
    Column("wall_finished_at", UtcTime),
)
