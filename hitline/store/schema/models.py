"""What a stage's workers are believed to be like, as verdicts used it; how far evidence goes."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, String, Table

from hitline.store.schema.base import metadata
from hitline.store.types import UtcTime

# A number that grows with each change to a stage's answers, so that only what is new is read.
revisions = Table(
    "revisions",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("revision", Integer, nullable=False),
)

# A model of a stage's workers that a verdict rests on, or that `refit` made.
models = Table(
    "models",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("version", String(40), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("shares", JSON, nullable=False),
    Column("shift", Float, nullable=False),
    Column("slope", Float, nullable=False),
    Column("by_votes", Boolean, nullable=False),
    Index("ix_models_at", "pipeline", "stage", "at"),
)

# What it holds of a worker: `confusion` has a row for each label that may be right.
model_workers = Table(
    "model_workers",
    metadata,
    Column("pipeline", String(40), primary_key=True),
    Column("stage", String(40), primary_key=True),
    Column("version", String(40), primary_key=True),
    Column("worker_id", String(64), primary_key=True),
    Column("answers", Integer, nullable=False),
    Column("confusion", JSON, nullable=False),
)
