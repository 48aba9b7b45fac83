"""What belongs to the database as a whole."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from marketplace.store.schema.types import metadata

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
"""The rules, and the clock: `clock_anchor`, `clock_wall_anchor`, `clock_speed`."""
