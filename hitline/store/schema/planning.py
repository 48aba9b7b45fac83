"""What was forecast, what a pilot keeps back, and secrets that exports need.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, false

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

# `items_digest` says of which items; a run that adds just those sets `launched_at`, which is then
# the time at which they were created.
forecasts = Table(
    "forecasts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("pipeline", String(40), nullable=False),
    Column("items", Integer, nullable=False),
    Column("items_digest", String(64), nullable=False),
    Column("source", Text, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("wall_made_at", UtcTime, nullable=False),
    Column("launched_at", UtcTime),
    Index("ix_forecasts_pipeline", "pipeline", "items_digest"),
)

# A pipeline's pilots, numbered. At most one of them is running: waits for a person's word.
pilots = Table(
    "pilots",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("decided_at", UtcTime),
)

# The items of a pilot's file. Those not chosen are no items yet: nothing but the word publishes
# them.
pilot_items = Table(
    "pilot_items",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("item_id", String(13), primary_key=True),
    Column("key", Text, nullable=False),
    Column("input", JSON, nullable=False),
    Column("gold", JSON, nullable=False),
    Column("line", Integer, nullable=False),
    Column("chosen", Boolean, nullable=False, server_default=false()),
)

# Random keys made once for a database, such as that of workers' pseudonyms.
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
