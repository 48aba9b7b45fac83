"""A worker's own qualifications: what they hold, and what became of their requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from marketplace.engine import qualification_requests, system_qualifications
from marketplace.engine.qualification_requests import STARTED
from marketplace.engine.transaction import Transaction
from marketplace.engine.worker_records import Value, WorkerRecord
from marketplace.store import schema

_held, _types = schema.qualifications, schema.qualification_types
_requests, _requesters = schema.qualification_requests, schema.requesters


@dataclass(frozen=True, kw_only=True)
class Held:
    """A qualification that a requester granted."""

    qualification_type_id: str
    name: str
    requester: str
    value: int
    granted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request, or a test that was begun; `reason` is why it was rejected."""

    qualification_type_id: str
    name: str
    status: str
    reason: str | None
    started_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    deadline: datetime | None


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What the service itself says of the worker."""

    name: str
    description: str
    value: Value | None


HELD = (
    select(
        _held.c.qualification_type_id,
        _types.c.name,
        _requesters.c.name.label("requester"),
        _held.c.value,
        _held.c.granted_at,
    )
    .join(_types, _types.c.qualification_type_id == _held.c.qualification_type_id)
    .join(_requesters, _requesters.c.requester_id == _types.c.requester_id)
    .where(_held.c.worker_id == bindparam("worker"), _held.c.status == "Granted")
    .order_by(_held.c.granted_at.desc(), _types.c.id.desc())
)
REQUESTS = (
    select(
        _requests.c.qualification_type_id,
        _types.c.name,
        _requests.c.status,
        _requests.c.reason,
        _requests.c.started_at,
        _requests.c.submitted_at,
        _requests.c.decided_at,
        _requests.c.deadline,
    )
    .join(_types, _types.c.qualification_type_id == _requests.c.qualification_type_id)
    .where(_requests.c.worker_id == bindparam("worker"))
    .order_by(_requests.c.id.desc())
    .limit(bindparam("most"))
)
REQUESTS_OF_TYPE = REQUESTS.where(_requests.c.qualification_type_id == bindparam("type"))


def held(tx: Transaction, worker_id: str) -> list[Held]:
    """What the worker holds, the latest first."""
    rows = tx.connection.execute(HELD, {"worker": worker_id})
    return [Held(**row._mapping) for row in rows]


def requests(tx: Transaction, worker_id: str, *, limit: int = 20) -> list[Request]:
    """The worker's latest requests."""
    rows = tx.connection.execute(REQUESTS, {"worker": worker_id, "most": limit})
    return [Request(**row._mapping) for row in rows]


def last_request(tx: Transaction, worker_id: str, qualification_type_id: str) -> Request | None:
    """The worker's last request for a type."""
    given = {"worker": worker_id, "type": qualification_type_id, "most": 1}
    row = tx.connection.execute(REQUESTS_OF_TYPE, given).one_or_none()
    return None if row is None else Request(**row._mapping)


def test_under_way(
    tx: Transaction, worker_id: str, qualification_type_id: str
) -> qualification_requests.TestSession | None:
    """The test that the worker began and may still hand in."""
    last = last_request(tx, worker_id, qualification_type_id)
    open_still = (
        last is not None
        and last.status == STARTED
        and last.deadline is not None
        and tx.now < last.deadline
    )
    if not open_still:
        return None
    return qualification_requests.begin_test(tx, worker_id, qualification_type_id)


def facts(tx: Transaction, worker_id: str) -> list[Fact]:
    """The system's own qualifications, with the worker's values."""
    record = WorkerRecord(tx, worker_id)
    return [
        Fact(name=found.name, description=found.description, value=record.value(type_id))
        for type_id, found in system_qualifications.of(sandbox=tx.settings.sandbox).items()
    ]
