"""Money.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from hitline.store.schema.base import metadata
from hitline.store.types import Cents, UtcTime

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
