"""Bonuses, and the working time that hourly wages were reckoned for.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text

from hitline.store.schema.base import metadata
from hitline.store.types import Cents, UtcTime

# States: ordered (money not reserved yet; `held` says why, if that failed), begun (reserved, and
# the call may have been made), paid, refused (by the endpoint, for good).
bonuses = Table(
    "bonuses",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("worker_id", String(64), nullable=False),
    Column("assignment_id", String(64), nullable=False, index=True),
    Column("amount", Cents, nullable=False),
    Column("fee", Cents, nullable=False),
    Column("reason", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("held", Text),
    Column("ordered_at", UtcTime, nullable=False),
    Column("begun_at", UtcTime),
    Column("done_at", UtcTime),
    Column("wall_tried_at", UtcTime),
    Index("ix_bonuses_state", "state", "wall_tried_at"),
)

# One row for each worker and business day (UTC) that was reckoned. `due` is the day's top-up,
# `token` the bonus that it went into; without one it was too little, and adds to the next.
wage_days = Table(
    "wage_days",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("worker_id", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("seconds", Integer, nullable=False),
    Column("worth", Cents, nullable=False),
    Column("rewards", Cents, nullable=False),
    Column("due", Cents, nullable=False),
    Column("token", String(64)),
)

# Which assignments a reckoned day covered, and with what time.
wage_spells = Table(
    "wage_spells",
    metadata,
    Column("assignment_id", String(64), primary_key=True),
    Column("worker_id", String(64), primary_key=True),
    Column("pipeline", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime, nullable=False),
    Column("wage", Cents, nullable=False),
    Index("ix_wage_spells_worker", "pipeline", "worker_id", "ended_at"),
)
