"""Workers: how they do in each stage, what was done about it, and known items mixed in.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

# Counts of a worker's answers in a stage. `fresh_…` are those submitted since the worker was last
# pardoned (`since`): only they can lead to a step.
standings = Table(
    "standings",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("worker_id", String(64), primary_key=True),
    Column("answers", Integer, nullable=False, default=0),
    Column("known", Integer, nullable=False, default=0),
    Column("right", Integer, nullable=False, default=0),
    Column("compared", Integer, nullable=False, default=0),
    Column("agreed", Integer, nullable=False, default=0),
    Column("fresh_known", Integer, nullable=False, default=0),
    Column("fresh_right", Integer, nullable=False, default=0),
    Column("fresh_compared", Integer, nullable=False, default=0),
    Column("fresh_agreed", Integer, nullable=False, default=0),
    Column("since", UtcTime),
)

# How many answers of a worker took about so long: `bucket` is a power of 1.1 seconds.
paces = Table(
    "paces",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("worker_id", String(64), primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("answers", Integer, nullable=False, default=0),
)

# A step that was taken about a worker, with its evidence. It stands until `undone_at`; what it
# calls for was done at `wall_done_at`, and taken back at `wall_undone_at`.
sanctions = Table(
    "sanctions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("token", String(64), nullable=False, unique=True),
    Column("pipeline", String(40), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("worker_id", String(64), nullable=False),
    Column("step", String(5), nullable=False),
    Column("by", String(9), nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", Text),
    Column("evidence", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
    # Since when a run carries it out, or lifts it; after a while another may.
    Column("wall_begun_at", UtcTime),
    Column("wall_done_at", UtcTime),
    Column("problem", Text),
    Column("undone_at", UtcTime),
    Column("undone_why", Text),
    Column("wall_undone_at", UtcTime),
    Index("ix_sanctions_worker", "worker_id", "pipeline", "stage"),
    Index("ix_sanctions_stage", "pipeline", "stage", "undone_at"),
    Index("ix_sanctions_undone", "wall_done_at", "wall_undone_at"),
)

# How many items a stage has been given, copies apart, and how many known ones were mixed in.
mixtures = Table(
    "mixtures",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("others", Integer, nullable=False, default=0),
    Column("known", Integer, nullable=False, default=0),
)
