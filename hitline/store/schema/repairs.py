"""What was found amiss and put right, counted.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

# One row for each cause and hour, so that it does not grow with the trouble.
repairs = Table(
    "repairs",
    metadata,
    Column("cause", String(80), primary_key=True),
    Column("wall_hour", UtcTime, primary_key=True),
    Column("count", Integer, nullable=False),
)
