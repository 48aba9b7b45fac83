"""Asking for qualifications, as workers do: with a test or without, now or later, or never again.

A type without a retry delay can be asked for once; with one, again so long after the last time,
be it for a better score. A test that was begun counts, whether or not it was handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, bindparam, insert, select, update

from marketplace.engine import answer_keys, blocks, ids, qualification_grants, qualification_types
from marketplace.engine.qualification_types import QualificationType
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotWork
from marketplace.store import schema

STARTED, PENDING, GRANTED = "Started", "Pending", "Granted"

_table = schema.qualification_requests

LAST = (
    select(_table)
    .where(
        _table.c.worker_id == bindparam("worker"),
        _table.c.qualification_type_id == bindparam("type_id"),
    )
    .order_by(_table.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, kw_only=True)
class TestSession:
    """A test that is being taken, as it was when it began, until `deadline`, business time."""

    request_id: str
    test_xml: str
    started_at: datetime
    deadline: datetime


@dataclass(frozen=True, kw_only=True)
class RequestOutcome:
    """What became of a request at once; `value` is what was granted."""

    status: Literal["Granted", "Pending", "Rejected"]
    value: int | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a worker stands to a type.

    `value` is what they hold. `may_request_at` is the moment from which they may ask again, None
    where that is now or never. `why_not` is for people, None where `can_request`.
    """

    value: int | None
    pending: bool
    may_request_at: datetime | None
    can_request: bool
    why_not: str | None


def begin_test(tx: Transaction, worker_id: str, qualification_type_id: str) -> TestSession:
    """Start the test, or go on with the one that was started; raises `CannotWork`."""
    kind, last = _situation(tx, worker_id, qualification_type_id)
    if last is not None and _is_open(tx, last):
        return _session(last)
    refusal = _refusal(tx, worker_id, kind, last)
    if refusal is not None:
        raise CannotWork(refusal)
    if kind.test is None or kind.test_duration is None:
        raise CannotWork(f"The qualification “{kind.name}” has no test: just request it.")
    _add(
        tx,
        worker_id,
        kind,
        status=STARTED,
        test=kind.test,
        answer_key=kind.answer_key,
        deadline=tx.now + timedelta(seconds=kind.test_duration),
    )
    _, begun = _situation(tx, worker_id, qualification_type_id)
    assert begun is not None
    return _session(begun)


def request(
    tx: Transaction, worker_id: str, qualification_type_id: str, answer_xml: str | None = None
) -> RequestOutcome:
    """Ask for a qualification, or hand in the test that was begun; raises `CannotWork`.

    A test is scored by the key that it had when it was begun.
    """
    kind, last = _situation(tx, worker_id, qualification_type_id)
    if last is not None and last.status == STARTED and answer_xml is not None:
        return _hand_in(tx, kind, last, answer_xml)
    refusal = _refusal(tx, worker_id, kind, last)
    if refusal is not None:
        raise CannotWork(refusal)
    if kind.test is not None:
        raise CannotWork(f"The qualification “{kind.name}” has a test: begin it first.")
    if kind.auto_granted and kind.auto_granted_value is not None:
        _add(tx, worker_id, kind, status=GRANTED, submitted_at=tx.now, decided_at=tx.now)
        qualification_grants.put(tx, qualification_type_id, worker_id, kind.auto_granted_value)
        return RequestOutcome(status="Granted", value=kind.auto_granted_value)
    _add(tx, worker_id, kind, status=PENDING, submitted_at=tx.now)
    return RequestOutcome(status="Pending", value=None)


def standing(tx: Transaction, worker_id: str, qualification_type_id: str) -> Standing:
    """How the worker stands to the type; raises `CannotWork` where there is none."""
    kind, last = _situation(tx, worker_id, qualification_type_id)
    held = qualification_grants.of(tx, qualification_type_id, worker_id)
    taking = last is not None and _is_open(tx, last)
    why_not = None if taking else _refusal(tx, worker_id, kind, last)
    again = _again(kind, last)
    return Standing(
        value=held.value if held is not None and held.status == GRANTED else None,
        pending=last is not None and last.status == PENDING,
        may_request_at=again if again is not None and again > tx.now else None,
        can_request=why_not is None,
        why_not=why_not,
    )


def _situation(
    tx: Transaction, worker_id: str, type_id: str
) -> tuple[QualificationType, Row[Any] | None]:
    """The type and the worker's last request for it."""
    kind = qualification_types.lookup(tx, type_id)
    if kind is None:
        raise CannotWork(f"There is no qualification {type_id} that you could request.")
    rows = tx.connection.execute(LAST, {"worker": worker_id, "type_id": type_id})
    return kind, rows.one_or_none()


def _refusal(
    tx: Transaction, worker_id: str, kind: QualificationType, last: Row[Any] | None
) -> str | None:
    """Why the worker may not ask now, for people; None if they may."""
    if not qualification_grants.is_known(tx, worker_id):
        return f"{worker_id} is no registered worker."
    if kind.deleted_at is not None:
        return f"The qualification “{kind.name}” was withdrawn."
    if not kind.is_requestable:
        return f"The qualification “{kind.name}” cannot be requested at present."
    if blocks.is_blocked(tx, kind.requester_id, worker_id):
        return "This requester does not want you to work for them."
    if last is None:
        return None
    if last.status == PENDING:
        return f"You have asked for the qualification “{kind.name}” and wait for an answer."
    if _is_open(tx, last):
        return f"You are taking the test for the qualification “{kind.name}”: hand it in."
    again = _again(kind, last)
    if again is None:
        return f"The qualification “{kind.name}” can be requested only once."
    if tx.now < again:
        moment = f"{again:%Y-%m-%d %H:%M} UTC"
        return f"You may request the qualification “{kind.name}” again from {moment}."
    return None


def _again(kind: QualificationType, last: Row[Any] | None) -> datetime | None:
    """When the retry delay since the last request is over; None without a request or a retry."""
    if last is None or kind.retry_delay is None:
        return None
    started: datetime = last.started_at
    return started + timedelta(seconds=kind.retry_delay)


def _is_open(tx: Transaction, last: Row[Any]) -> bool:
    return bool(last.status == STARTED and tx.now < last.deadline)


def _hand_in(
    tx: Transaction, kind: QualificationType, last: Row[Any], answer_xml: str
) -> RequestOutcome:
    """Also for a type that is Inactive by now: the worker began in good time."""
    if not _is_open(tx, last):
        raise CannotWork(f"The time for the test of the qualification “{kind.name}” is over.")
    try:
        selected = answer_keys.selections(answer_xml)
    except ValueError as error:
        raise CannotWork(f"The answers to the test cannot be read: {error}.") from error
    submitted = {"answer": answer_xml, "submitted_at": tx.now}
    if last.answer_key is None:
        _change(tx, last, status=PENDING, **submitted)
        return RequestOutcome(status="Pending", value=None)
    value = answer_keys.parse(last.answer_key).value(selected)
    _change(tx, last, status=GRANTED, decided_at=tx.now, **submitted)
    qualification_grants.put(tx, last.qualification_type_id, last.worker_id, value)
    return RequestOutcome(status="Granted", value=value)


def _add(tx: Transaction, worker_id: str, kind: QualificationType, **values: Any) -> None:
    tx.connection.execute(
        insert(_table).values(
            request_id=ids.entity_id(),
            qualification_type_id=kind.qualification_type_id,
            worker_id=worker_id,
            started_at=tx.now,
            **values,
        )
    )


def _change(tx: Transaction, last: Row[Any], **values: Any) -> None:
    tx.connection.execute(update(_table).where(_table.c.id == last.id).values(**values))


def _session(row: Row[Any]) -> TestSession:
    return TestSession(
        request_id=row.request_id,
        test_xml=row.test,
        started_at=row.started_at,
        deadline=row.deadline,
    )
