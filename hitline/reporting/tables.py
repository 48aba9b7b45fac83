"""Tables of which nobody knows how long they are: columns of a kind, and rows as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

Value = str | int | float | bool | Decimal | datetime | None
"""What stands in a cell; None where there is nothing."""


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    MONEY = "money"
    MOMENT = "moment"
    FLAG = "flag"


@dataclass(frozen=True)
class Column:
    """A column's name, and the kind of its values."""

    name: str
    kind: Kind = Kind.TEXT


def iso(moment: datetime) -> str:
    """A time in UTC as ISO 8601 writes it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns, and rows of as many values each, which can be gone through once.

    `written`: how a time is written where it has to be text.
    """

    columns: tuple[Column, ...]
    rows: Iterator[tuple[Value, ...]]
    written: Callable[[datetime], str] = iso
