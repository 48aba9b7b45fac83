"""Pipelines and their stages, as they were launched, and what a person said of them.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

pipelines = Table(
    "pipelines",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("source", Text, nullable=False),
    Column("wall_created_at", UtcTime, nullable=False),
)

# What a person said of a pipeline (stage "") or a stage: running, paused, stopped.
controls = Table(
    "controls",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("control", String(10), nullable=False),
    Column("since", UtcTime),
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

# The endpoint's id of the type of each rung; identical attributes have one type. `subject` is that
# of a qualification type whose holders are kept off; rung -1 is what staff are offered.
hit_types = Table(
    "hit_types",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("rung", Integer, primary_key=True),
    Column("subject", String(13), primary_key=True, default=""),
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
