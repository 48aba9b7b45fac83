"""The ways by which notifications come in, and what last came by each."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

ways = Table(
    "ways",
    metadata,
    Column("way", String(10), primary_key=True),
    Column("type", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("wall_last_at", UtcTime, nullable=False),
)
