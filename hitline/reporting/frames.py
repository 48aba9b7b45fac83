"""Results, answers and labels as pandas frames, for a notebook beside the database.

from hitline.reporting import frames
from hitline.store import open_store

answers = frames.answers(open_store("sqlite:///var/hitline.db"), "stance")
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pandas as pd

from hitline.pipeline import Stage
from hitline.reporting.batch import Batch
from hitline.reporting.labels import labels as labels_of
from hitline.reporting.outcomes import outcomes
from hitline.reporting.tables import Column, Kind, Table, Value
from hitline.store import Store
from hitline.store.pseudonyms import Pseudonyms

_TYPES = {
    Kind.WHOLE: "Int64",
    Kind.NUMBER: "Float64",
    Kind.FLAG: "boolean",
    Kind.MOMENT: "datetime64[us, UTC]",
}


def results(
    store: Store,
    pipeline: str,
    stage: str | None = None,
    *,
    stages: Mapping[str, Stage] | None = None,
) -> pd.DataFrame:
    """One row an item, unfinished ones too; `cost` holds exact dollars. Nothing becomes final."""
    with store.reading() as connection:
        asked = {name: one.fields for name, one in (stages or {}).items()}
        return frame(outcomes(connection, pipeline, stage, asked))


def answers(
    store: Store,
    pipeline: str,
    stage: str | None = None,
    *,
    stages: Mapping[str, Stage] | None = None,
    pseudonyms: Pseudonyms | None = None,
    now: datetime | None = None,
) -> pd.DataFrame:
    """One row a submission, in the columns of the requester site's batch results.

    `stages` fill in what the database does not know (titles, keywords); approval rates of the last
    days are counted back from `now`.
    """
    with store.reading() as connection:
        batch = Batch(
            connection=connection,
            pipeline=pipeline,
            stages=stages or {},
            now=now or datetime.now(UTC),
            stage=stage,
            pseudonyms=pseudonyms,
        )
        return frame(batch.table())


def labels(
    store: Store,
    pipeline: str,
    stage: str | None = None,
    *,
    pseudonyms: Pseudonyms | None = None,
) -> pd.DataFrame:
    """One row for each item that a submission says something of."""
    with store.reading() as connection:
        return frame(labels_of(connection, pipeline, stage, pseudonyms))


def frame(table: Table) -> pd.DataFrame:
    """The table in memory; numbers, times and flags typed, and empty where there is nothing."""
    rows = list(table.rows)
    columns = {
        column.name: _series(column, [row[at] for row in rows])
        for at, column in enumerate(table.columns)
    }
    return pd.DataFrame(columns)


def _series(column: Column, values: list[Value]) -> pd.Series:
    return pd.Series(values, dtype=_TYPES.get(column.kind, "object"))
