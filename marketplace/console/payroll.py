"""Earnings as a table that spreadsheets open; on the command line and in the console."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from marketplace.engine.earnings import CURRENCY, Earnings
from marketplace.errors import InvalidPeriod

COLUMNS = (
    "worker_id",
    "name",
    "email",
    "assignments_approved",
    "rewards",
    "bonuses",
    "total",
    "currency",
)
# What makes a spreadsheet read a cell as a formula (OWASP, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, kw_only=True)
class Period:
    """Whole days, UTC, the last one included."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    @property
    def until(self) -> datetime:
        last = datetime(self.last.year, self.last.month, self.last.day, tzinfo=UTC)
        return last + timedelta(days=1)


def period(first: str | None, last: str | None, *, now: datetime) -> Period:
    """The days from `first` to `last`, by default those of the running month up to today."""
    today = now.astimezone(UTC).date()
    end = _day("to", last) or today
    start = _day("from", first) or end.replace(day=1)
    if start > end:
        raise InvalidPeriod(f"from: {start} is after {end}, the day in `to`.")
    if end == date.max:
        raise InvalidPeriod(f"to: {end} is too far away.")
    return Period(first=start, last=end)


def to_csv(earnings: Iterable[Earnings]) -> str:
    """A header and a line for each worker; amounts are exact, such as 12.50."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for one in earnings:
        lines.writerow(
            [
                one.worker_id,
                _harmless(one.name or ""),
                _harmless(one.email or ""),
                one.approved,
                f"{one.rewards:.2f}",
                f"{one.bonuses:.2f}",
                f"{one.total:.2f}",
                CURRENCY,
            ]
        )
    return text.getvalue()


def _harmless(text: str) -> str:
    """Text that a spreadsheet shows as text, whatever it begins with."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _day(name: str, text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidPeriod(f"{name}: {text!r} is no day such as 2026-01-31.") from error
