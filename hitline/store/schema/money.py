"""Money: what was reserved, paid and freed, the most that may be, and what the account held.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, String, Table, Text, false

from hitline.store.schema.base import metadata
from hitline.store.types import Cents, UtcTime

# Entries: reserve (before a call that could spend), settle (paid), release (reserved, not spent).
# `what` is an assignment or a bonus; `day` the UTC business date of the reservation, for a release
# that of what it frees. A HIT about several items has no `item_id`.
ledger = Table(
    "ledger",
    metadata,
    Column("token", String(100), primary_key=True),
    Column("entry", String(10), nullable=False),
    Column("what", String(10), nullable=False),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("item_id", String(13), index=True),
    Column("hit_id", String(64), index=True),
    Column("assignment_id", String(64), index=True),
    Column("worker_id", String(64)),
    Column("reward", Cents, nullable=False),
    Column("fee", Cents, nullable=False),
    Column("cause", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    # Whether it is in `commitments`.
    Column("folded", Boolean, nullable=False, default=False, server_default=false()),
    # All that a sum for a cap reads, so that it never touches the rows.
    Index("ix_ledger_caps", "pipeline", "stage", "entry", "day", "reward", "fee"),
)

# What a cap has to add to the sums in `commitments`.
Index(
    "ix_ledger_fresh",
    *(ledger.c[name] for name in ("pipeline", "stage", "entry", "day", "reward", "fee")),
    sqlite_where=ledger.c.folded.is_(False),
    postgresql_where=ledger.c.folded.is_(False),
)

# The sums of what was reserved and not released, of a stage on a day, over all folded entries.
commitments = Table(
    "commitments",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("amount", Cents, nullable=False),
)

# The most that a pipeline (stage "") or one stage may reserve and spend, fees in: in all, and on
# one day (UTC, business time). `defined_…` is what the definition said when it was last launched.
caps = Table(
    "caps",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("total", Cents),
    Column("daily", Cents),
    Column("defined_total", Cents),
    Column("defined_daily", Cents),
)

# What the endpoint's account held when it was noted, and what our ledger had paid by then.
balances = Table(
    "balances",
    metadata,
    Column("at", UtcTime, primary_key=True),
    Column("available", Cents, nullable=False),
    Column("spent", Cents, nullable=False),
)
