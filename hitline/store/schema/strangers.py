"""HITs of the account that are none of ours.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

strangers = Table(
    "strangers",
    metadata,
    Column("hit_id", String(64), primary_key=True),
    Column("wall_seen_at", UtcTime, nullable=False),
)
