"""Qualification types of our own, who was given them, and what staff said outside of HITs.

Times called `wall_…` are wall time, all others business time.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

# `subject` is what a type is about where a stage has several: the item or parent whose earlier
# workers hold it. Without an id the endpoint would not make it, and `problem` says why.
qualification_types = Table(
    "qualification_types",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("purpose", String(10), primary_key=True),
    Column("subject", String(13), primary_key=True),
    Column("qualification_type_id", String(64)),
    Column("problem", Text),
    Column("wall_tried_at", UtcTime, nullable=False),
    Index("ix_qualification_types_problem", "pipeline", "wall_tried_at"),
)

# Who is to hold a type (`granted`) or to lose it, and since when the endpoint knows.
grants = Table(
    "grants",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("purpose", String(10), primary_key=True),
    Column("subject", String(13), primary_key=True),
    Column("worker_id", String(64), primary_key=True),
    Column("granted", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("wall_done_at", UtcTime),
    Index("ix_grants_undone", "wall_done_at"),
)

# What staff said of an item in their queue; without a label they gave it up. Asked anew, an item
# has a later generation.
staff_labels = Table(
    "staff_labels",
    metadata,
    Column("item_id", String(13), ForeignKey("items.id"), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("label", Text),
    Column("source", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)
