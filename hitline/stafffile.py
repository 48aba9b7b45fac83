"""The staff queue as a CSV file: out with what is known of each item, back with the labels."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hitline.errors import HitlineError, InvalidItems
from hitline.itemsfile import read_items
from hitline.model import Label

ITEM = "item"
LABEL = "label"
COLUMNS = (ITEM, "stage", "key", LABEL, "votes", "why")

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet may take for a formula and obey."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An item in the queue, for somebody who is to label it."""

    item: str
    stage: str
    key: str
    votes: str
    why: str
    input: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A label that came back, and the line on which it stands."""

    item: str
    label: Label
    line: int


def write_queue(path: Path, entries: Sequence[Entry]) -> None:
    """Write the queue, its labels left empty; each of an item's inputs is a column `Input.…`.

    What may have been written by workers cannot act as a formula, and is on one line.
    """
    inputs = sorted({name for entry in entries for name in entry.input})
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerow([*COLUMNS, *(f"Input.{name}" for name in inputs)])
            for entry in entries:
                told = [entry.item, entry.stage, entry.key, "", entry.votes, entry.why]
                told += [entry.input.get(name, "") for name in inputs]
                writer.writerow([_disarmed(cell) for cell in told])
    except OSError as failed:
        raise HitlineError(f"{path} cannot be written: {failed.strerror}") from failed


def read_labels(path: Path) -> list[Row]:
    """The labels in the file; a line whose label is empty is left for later.

    Raises InvalidItems naming line and column, and where no label is there at all.
    """
    rows = [
        Row(item=row.key, label=row.input[LABEL].strip(), line=row.line)
        for row in read_items(path, [LABEL], named_by=ITEM)
        if row.input[LABEL].strip()
    ]
    if not rows:
        raise InvalidItems(f"{path}: the column {LABEL} is empty; write a label on a line at least")
    return rows


def _disarmed(cell: str) -> str:
    line = "".join(character if character.isprintable() else " " for character in cell)
    return f"'{line}" if line.startswith(FORMULA) else line
