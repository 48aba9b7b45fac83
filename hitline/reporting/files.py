"""Tables as files: CSV for whatever reads text, Parquet for what wants types."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hitline.errors import HitlineError, InvalidDefinition
from hitline.money import as_string
from hitline.reporting.tables import Kind, Table, Value

BATCH = 5_000
"""Rows of a Parquet file that are held in memory at a time."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet may take for a formula and obey."""

TYPES: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.WHOLE: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.MONEY: pa.decimal128(18, 2),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
    Kind.FLAG: pa.bool_(),
}


def check(path: Path, *, spreadsheet: bool = False) -> None:
    """Refuse, before anything is read, a file that cannot be written as asked."""
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise InvalidDefinition("--out", f'"{path}" ends in neither .csv nor .parquet')
    if spreadsheet and path.suffix.lower() != ".csv":
        raise InvalidDefinition("--spreadsheet", "it is for CSV; a Parquet file has no formulas")
    if not path.parent.is_dir():
        raise InvalidDefinition("--out", f"there is no folder {path.parent}; make it")


def write(path: Path, table: Table, *, spreadsheet: bool = False) -> int:
    """Write the table to `path`, in the format that its ending names; the number of rows."""
    if path.suffix.lower() == ".parquet":
        return _parquet(path, table)
    return _csv(path, table, spreadsheet)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A file to write to, which takes the place of `path` only once all went well.

    It bears the same ending. Raises HitlineError where the folder lets nobody write.
    """
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as failed:
        raise HitlineError(f"{path} cannot be written: {failed.strerror}") from failed
    finally:
        unfinished.unlink(missing_ok=True)


def _csv(path: Path, table: Table, spreadsheet: bool) -> int:
    """UTF-8, every cell in quotes, as the requester's site wrote them."""
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        kept = _disarmed if spreadsheet else str
        writer.writerow(kept(column.name) for column in table.columns)
        for row in table.rows:
            writer.writerow([_written(value, table.written, kept) for value in row])
            rows += 1
    return rows


def _written(value: Value, moment: Callable[[datetime], str], text: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return text(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return as_string(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _disarmed(text: str) -> str:
    """With an apostrophe in front, a spreadsheet shows what it would otherwise obey."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _parquet(path: Path, table: Table) -> int:
    schema = pa.schema([(column.name, TYPES[column.kind]) for column in table.columns])
    rows = 0
    with pq.ParquetWriter(path, schema) as writer:
        while batch := list(islice(table.rows, BATCH)):
            writer.write_batch(record_batch(batch, schema))
            rows += len(batch)
    return rows


def record_batch(rows: list[tuple[Value, ...]], schema: pa.Schema) -> pa.RecordBatch:
    """The rows as columns of these types."""
    columns: list[Any] = [
        pa.array([row[at] for row in rows], type=field.type) for at, field in enumerate(schema)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
