"""Alerts: what a person should hear of, be they looking or not.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

# One row for each thing that is, or was, not in order; it is told once for each time it arises.
alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(40), nullable=False),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("wall_sent_at", UtcTime),
    Column("wall_over_at", UtcTime),
    Index("ix_alerts_about", "kind", "pipeline", "stage", "subject"),
    Index("ix_alerts_unsent", "wall_sent_at"),
)
