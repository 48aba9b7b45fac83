"""What qualification requirements ask about one worker, each part read when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from marketplace.engine import system_qualifications
from marketplace.engine.states import VISIBLE, AssignmentStatus
from marketplace.engine.system_qualifications import (
    ADULT,
    APPROVED_COUNT,
    APPROVED_PERCENT,
    LOCALE,
)
from marketplace.engine.transaction import Transaction
from marketplace.store import schema

FULL_RECORD = 100  # a worker with fewer submissions counts as always approved

_assignments, _logins = schema.assignments, schema.logins
_held, _types = schema.qualifications, schema.qualification_types

SUBMISSIONS = (
    select(_assignments.c.status, func.count().label("number"))
    .where(
        _assignments.c.worker_id == bindparam("worker"),
        _assignments.c.status.in_([status.value for status in VISIBLE]),
    )
    .group_by(_assignments.c.status)
)
GRANTED = select(_held.c.qualification_type_id, _held.c.value).where(
    _held.c.worker_id == bindparam("worker"), _held.c.status == "Granted"
)
LOGIN = select(_logins.c.country, _logins.c.subdivision, _logins.c.adult).where(
    _logins.c.worker_id == bindparam("worker")
)
NAME = select(_types.c.name).where(_types.c.qualification_type_id == bindparam("type_id"))


@dataclass(frozen=True)
class Place:
    """A country by ISO 3166, and a part of it where one is known or asked for."""

    country: str
    subdivision: str | None = None

    @classmethod
    def from_locale(cls, locale: Mapping[str, Any]) -> Place:
        """From the API's Locale."""
        return cls(locale["Country"], locale.get("Subdivision"))

    def lies_in(self, other: Place) -> bool:
        """A country contains all its parts."""
        return self == other or (other.subdivision is None and self.country == other.country)

    def __str__(self) -> str:
        return f"{self.country}-{self.subdivision}" if self.subdivision else self.country


Value = int | Place


class WorkerRecord:
    """One worker's values, as they are in this transaction: at most three queries for them all."""

    def __init__(self, tx: Transaction, worker_id: str) -> None:
        self._tx = tx
        self._worker = {"worker": worker_id}
        self._names: dict[str, str] = {
            type_id: found.name
            for type_id, found in system_qualifications.of(sandbox=tx.settings.sandbox).items()
        }

    def value(self, type_id: str) -> Value | None:
        """The worker's value of a qualification, None for those who do not have it."""
        if type_id == APPROVED_COUNT:
            return self._submissions.get(AssignmentStatus.APPROVED, 0)
        if type_id == APPROVED_PERCENT:
            return self._percent_approved
        if type_id == LOCALE:
            return self._place
        if type_id == ADULT:
            return int(self._login is not None and self._login.adult)
        return self._granted.get(type_id)

    def name(self, type_id: str) -> str:
        """What the qualification is called."""
        if type_id not in self._names:
            found = self._tx.connection.scalar(NAME, {"type_id": type_id})
            self._names[type_id] = found or type_id
        return self._names[type_id]

    @property
    def _percent_approved(self) -> int:
        submissions = sum(self._submissions.values())
        if submissions < FULL_RECORD:
            return 100
        return 100 * self._submissions.get(AssignmentStatus.APPROVED, 0) // submissions

    @property
    def _place(self) -> Place | None:
        if self._login is None or self._login.country is None:
            return None
        return Place(self._login.country, self._login.subdivision)

    @cached_property
    def _submissions(self) -> dict[str, int]:
        rows = self._tx.connection.execute(SUBMISSIONS, self._worker)
        return {row.status: row.number for row in rows}

    @cached_property
    def _granted(self) -> dict[str, int]:
        rows = self._tx.connection.execute(GRANTED, self._worker)
        return {row.qualification_type_id: row.value for row in rows}

    @cached_property
    def _login(self) -> Row[Any] | None:
        return self._tx.connection.execute(LOGIN, self._worker).one_or_none()
