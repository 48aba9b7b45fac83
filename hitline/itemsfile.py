"""Reading the items that a requester hands in: a CSV file, one item a line, names on top.

The `key` column names each item, once. A `gold` column holds known answers for the pipeline's
first stage, `gold_<stage>` for the stage of that name. All other columns are the item's input.
"""

from __future__ import annotations

import csv
import io
import re
import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hitline.errors import InvalidItems
from hitline.model import Label

KEY = "key"
GOLD = "gold"
MOST_PROBLEMS = 10
"""How many of a file's problems are told at once."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemRow:
    """One item as handed in. `gold`: stage → known answer; "" is the pipeline's first stage."""

    key: str
    input: dict[str, str]
    """Every column except those of gold, which no worker may see."""
    gold: dict[str, Label]
    line: int


def read_items(
    path: str | Path, required_columns: Sequence[str] = (), named_by: str = KEY
) -> list[ItemRow]:
    """The items in the UTF-8 CSV file at `path`, in its order; column `named_by` names each.

    Raises InvalidItems, which tells up to ten problems with line and column; none is skipped.
    """
    lines = _lines(_text(path))
    rows: dict[str, ItemRow] = {}
    problems: list[str] = []
    try:
        header = _header(next(lines, (1, []))[1], [named_by, *required_columns])
        for line, cells in lines:
            try:
                row = _row(header, cells, line, named_by)
                if row.key in rows:
                    raise InvalidItems(
                        f"line {line}, column {named_by}: {row.key!r} is already on line "
                        f"{rows[row.key].line}; name each item once"
                    )
                rows[row.key] = row
            except InvalidItems as error:
                problems.append(str(error))
    except InvalidItems as error:
        problems.append(str(error))
    if not rows and not problems:
        problems.append("it has no items, only column names")
    if problems:
        raise InvalidItems(told(path, problems))
    return list(rows.values())


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InvalidItems(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InvalidItems(
            f"{path}: line {line} is not UTF-8 (byte "
            f"{error.object[error.start]:#04x}); save it as UTF-8"
        ) from error


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it starts: a quoted cell may span several."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise InvalidItems(f"line {line}: not CSV: {error}") from error


def _header(cells: list[str], required_columns: Sequence[str]) -> list[str]:
    wanted = ", ".join(dict.fromkeys(required_columns))
    if not cells:
        raise InvalidItems(f"line 1: it is empty, but must name the columns ({wanted})")
    for at, name in enumerate(cells, 1):
        if not name.strip() or not name.isprintable():
            raise InvalidItems(f"line 1, column {at}: {name!r} is no name for a column")
        if name in cells[: at - 1]:
            raise InvalidItems(f"line 1, column {at}: the name {name!r} is there already")
    missing = [name for name in dict.fromkeys(required_columns) if name not in cells]
    if missing:
        raise InvalidItems(
            f"line 1: column {', '.join(missing)} missing (there are {reprlib.repr(cells)})"
        )
    return cells


def _row(header: list[str], cells: list[str], line: int, named_by: str) -> ItemRow:
    if not any(cell.strip() for cell in cells):
        raise InvalidItems(f"line {line}: it is empty; delete it")
    if len(cells) != len(header):
        raise InvalidItems(f"line {line}: {len(cells)} cells for {len(header)} columns")
    row = dict(zip(header, cells, strict=True))
    for column, cell in row.items():
        if bad := _CONTROL.search(cell):
            raise InvalidItems(
                f"line {line}, column {column}: it holds the control character {bad[0]!r}"
            )
    key = row[named_by].strip()
    if not key:
        raise InvalidItems(f"line {line}, column {named_by}: it is empty; name the item")
    gold = {column: cell.strip() for column, cell in row.items() if _is_gold(column)}
    return ItemRow(
        key=key,
        input={column: cell for column, cell in row.items() if column not in gold},
        gold={_stage(column): label for column, label in gold.items() if label},
        line=line,
    )


def _is_gold(column: str) -> bool:
    return column == GOLD or column.startswith(f"{GOLD}_")


def _stage(column: str) -> str:
    return column.removeprefix(GOLD).removeprefix("_")


def told(path: str | Path, problems: list[str]) -> str:
    """What is wrong with a file, at most ten things of it."""
    if len(problems) == 1:
        return f"{path}: {problems[0]}"
    shown = problems[:MOST_PROBLEMS]
    if len(problems) > len(shown):
        shown.append(f"and {len(problems) - len(shown)} more")
    return f"{path} has {len(problems)} problems:\n" + "\n".join(f"  {line}" for line in shown)
