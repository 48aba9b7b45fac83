"""What each worker said of each item: the table that rules and models of workers start from.

The first three columns are those that `hitline replay` reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, and_, select

from hitline.reporting.tables import Column, Kind, Table, Value
from hitline.store.pseudonyms import Pseudonyms
from hitline.store.schema import answers, assignments, items

CHUNK = 1_000
"""Answers that are held in memory at a time."""

COLUMNS = (
    Column("task"),
    Column("worker"),
    Column("label"),
    Column("accept_time", Kind.MOMENT),
    Column("submit_time", Kind.MOMENT),
    Column("stage"),
    Column("item"),
    Column("hit_id"),
    Column("assignment_id"),
    Column("counted", Kind.FLAG),
    Column("why_not"),
)


def labels(
    connection: Connection,
    pipeline: str,
    stage: str | None = None,
    pseudonyms: Pseudonyms | None = None,
) -> Table:
    """Every readable answer to every item, in the order submitted; rows come as they are read."""
    return Table(columns=COLUMNS, rows=_rows(connection, pipeline, stage, pseudonyms))


def as_label(values: Mapping[str, Any]) -> str:
    """What was said as one text: a single field's text as it is, all else as JSON."""
    said = next(iter(values.values())) if len(values) == 1 else values
    if isinstance(said, str):
        return said
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def _rows(
    connection: Connection, pipeline: str, stage: str | None, pseudonyms: Pseudonyms | None
) -> Iterator[tuple[Value, ...]]:
    # An AssignmentId may come back with another worker, so both say whose submission it is.
    same = and_(
        assignments.c.assignment_id == answers.c.assignment_id,
        assignments.c.worker_id == answers.c.worker_id,
    )
    query = (
        select(answers, items.c.key, items.c.stage.label("asked_in"), assignments.c.accepted_at)
        .join(items, items.c.id == answers.c.item_id)
        .outerjoin(assignments, same)
        .where(items.c.pipeline == pipeline, answers.c.problem.is_(None))
        .order_by(answers.c.submitted_at, answers.c.assignment_id, items.c.position)
    )
    if stage is not None:
        query = query.where(items.c.stage == stage)
    for row in connection.execute(query, execution_options={"yield_per": CHUNK}):
        label = as_label(row._mapping["values"] or {})
        yield (
            row.key,
            pseudonyms(row.worker_id) if pseudonyms else row.worker_id,
            pseudonyms.within(label, row.worker_id) if pseudonyms else label,
            row.accepted_at,
            row.submitted_at,
            row.asked_in,
            row.item_id,
            row.hit_id,
            row.assignment_id,
            row.counted,
            row.why_not,
        )
