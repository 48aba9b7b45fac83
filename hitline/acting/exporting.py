"""Exporting: what leaves the database for good, and what that does to labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from hitline.model import ItemState
from hitline.pipeline import Pipeline
from hitline.reporting import files
from hitline.reporting.batch import Batch
from hitline.reporting.labels import labels
from hitline.reporting.outcomes import outcomes
from hitline.store import lineage
from hitline.store.pseudonyms import Pseudonyms, pseudonyms
from hitline.store.schema import items
from hitline.wiring import Hitline

WHAT = ("results", "answers", "labels")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be exported: of a pipeline or one stage, under workers' names or pseudonyms.

    `spreadsheet`: cells that a spreadsheet would obey are disarmed. `provisional`: labels may still
    change after the export.
    """

    pipeline: str
    stage: str | None = None
    pseudonymous: bool = False
    spreadsheet: bool = False
    provisional: bool = False


@dataclass(frozen=True, kw_only=True)
class Exported:
    """How many rows were written; how many labels that made final; what could not be told."""

    rows: int
    final: int = 0
    unreadable: int = 0
    left_out: int = 0


def results(hitline: Hitline, wish: Wish, out: Path, definition: Pipeline | None) -> Exported:
    """Write what was settled; its labels are final from then on, as somebody builds on them.

    Either the file is there and the labels are final, or neither: the file takes its name once
    the labels are stored.
    """
    with files.beside(out) as unfinished, hitline.store.writing() as connection:
        final = 0 if wish.provisional else _made_final(connection, wish)
        table = outcomes(connection, wish.pipeline, wish.stage)
        rows = files.write(unfinished, table, spreadsheet=wish.spreadsheet)
    return Exported(rows=rows, final=final)


def answers(hitline: Hitline, wish: Wish, out: Path, definition: Pipeline | None) -> Exported:
    """Write every submission, in the columns of the requester site's batch results.

    `definition` tells what only the pipeline's file knows, such as titles.
    """
    stages = {} if definition is None else {stage.name: stage for stage in definition.stages}
    names = _pseudonyms(hitline, wish)
    with files.beside(out) as unfinished, hitline.store.reading() as connection:
        batch = Batch(
            connection=connection,
            pipeline=wish.pipeline,
            stages=stages,
            now=hitline.clock.now(),
            stage=wish.stage,
            pseudonyms=names,
        )
        rows = files.write(unfinished, batch.table(), spreadsheet=wish.spreadsheet)
    return Exported(rows=rows, unreadable=batch.unreadable, left_out=batch.left_out)


def said(hitline: Hitline, wish: Wish, out: Path) -> Exported:
    """Write what each worker said of each item."""
    names = _pseudonyms(hitline, wish)
    with files.beside(out) as unfinished, hitline.store.reading() as connection:
        table = labels(connection, wish.pipeline, wish.stage, names)
        rows = files.write(unfinished, table, spreadsheet=wish.spreadsheet)
    return Exported(rows=rows)


def _pseudonyms(hitline: Hitline, wish: Wish) -> Pseudonyms | None:
    return pseudonyms(hitline.store) if wish.pseudonymous else None


def _made_final(connection: Connection, wish: Wish) -> int:
    """How many labels this makes final."""
    settled = select(items.c.id).where(
        items.c.pipeline == wish.pipeline, items.c.state == ItemState.SETTLED
    )
    if wish.stage is not None:
        settled = settled.where(items.c.stage == wish.stage)
    return lineage.make_final(connection, connection.scalars(settled))
