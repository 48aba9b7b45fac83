"""Results as a table: what a stage came to about each item, one row an item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from hitline.reporting.checked import Asked, right
from hitline.reporting.results import Result, results
from hitline.reporting.tables import Column, Kind, Table, Value
from hitline.store.schema import items

_FIXED = (
    Column("item"),
    Column("key"),
    Column("stage"),
    Column("state"),
    Column("label"),
    Column("agreement", Kind.NUMBER),
    Column("answers", Kind.WHOLE),
    Column("counted", Kind.WHOLE),
    Column("cost", Kind.MONEY),
    Column("gold"),
    Column("right", Kind.FLAG),
    Column("final", Kind.FLAG),
    Column("why"),
    Column("published_at", Kind.MOMENT),
    Column("finished_at", Kind.MOMENT),
    Column("parent"),
    Column("hit_ids"),
)


def outcomes(
    connection: Connection, pipeline: str, stage: str | None = None, asked: Asked | None = None
) -> Table:
    """Every item of the pipeline, or of one stage, unfinished ones too, in order of publication.

    `right` says whether the label is the known one, where one is known; behind the fixed columns
    stand those of the items' input, as `input.<name>`. Left out are copies of known items, which
    are about workers, and items in whose place another was made.
    """
    query = select(items).where(
        items.c.pipeline == pipeline, items.c.withdrawn.is_(False), items.c.copy_of.is_(None)
    )
    if stage is not None:
        query = query.where(items.c.stage == stage)
    kept = {row.id: row for row in connection.execute(query)}
    found = [result for result in results(connection, pipeline) if result.item in kept]
    names = dict.fromkeys(name for result in found for name in result.input)
    columns = (*_FIXED, *(Column(f"input.{name}") for name in names))
    return Table(columns=columns, rows=_rows(found, kept, list(names), asked or {}))


def _rows(
    found: list[Result], kept: dict[str, Row[Any]], names: list[str], asked: Asked
) -> Iterator[tuple[Value, ...]]:
    for result in found:
        row = kept[result.item]
        yield (
            result.item,
            result.key,
            result.stage,
            str(result.state),
            result.label,
            result.agreement,
            result.answers,
            result.counted,
            result.cost,
            row.gold,
            right(asked, result.stage, result.state, result.label, row.gold),
            row.final,
            row.reason,
            row.created_at,
            row.finished_at,
            row.parent_id,
            " ".join(result.hit_ids),
            *(result.input.get(name) for name in names),
        )
