"""Requests for qualifications as the types' owners see them: listing, accepting, rejecting."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select, update

from marketplace.engine import messages, qualification_grants, qualification_types
from marketplace.engine.transaction import Transaction
from marketplace.errors import RequestError
from marketplace.store import schema

PENDING, GRANTED, REJECTED = "Pending", "Granted", "Rejected"
ON_THE_WIRE = "Submitted"  # what MTurk calls a pending request

_table = schema.qualification_requests
_types = schema.qualification_types

BY_ID = (
    select(_table, _types.c.requester_id, _types.c.name)
    .join(_types)
    .where(_table.c.request_id == bindparam("request_id"))
)


def listing(
    tx: Transaction,
    requester_id: str,
    type_id: str | None,
    *,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Row[Any]]:
    """Rows of pending requests for one type of the requester, or for all, by time of submission.

    They start after the key (time, row number).
    """
    if type_id is not None:
        qualification_types.find_owned(tx, requester_id, type_id, disposing=True)
        of_types = _table.c.qualification_type_id == type_id
    else:
        owned = select(_types.c.qualification_type_id).where(_types.c.requester_id == requester_id)
        of_types = _table.c.qualification_type_id.in_(owned)
    query = select(_table).where(of_types, _table.c.status == PENDING)
    if after is not None:
        moment, number = after
        query = query.where(
            or_(
                _table.c.submitted_at > moment,
                and_(_table.c.submitted_at == moment, _table.c.id > number),
            )
        )
    rows = tx.connection.execute(query.order_by(_table.c.submitted_at, _table.c.id).limit(limit))
    return list(rows)


def accept(tx: Transaction, requester_id: str, request_id: str, value: int) -> None:
    """Grant what was asked for; a value that the worker had is replaced."""
    row = pending(tx, requester_id, request_id)
    _decide(tx, row.id, GRANTED, reason=None)
    qualification_grants.put(tx, row.qualification_type_id, row.worker_id, value)
    messages.tell_worker(
        tx,
        requester_id,
        row.worker_id,
        "Your request for a qualification was granted",
        f"You now have the qualification “{row.name}” with the value {value}.",
    )


def reject(tx: Transaction, requester_id: str, request_id: str, reason: str | None) -> None:
    """Turn a request down; what the worker holds already stays."""
    row = pending(tx, requester_id, request_id)
    _decide(tx, row.id, REJECTED, reason=reason)
    told = f"Your request for the qualification “{row.name}” was rejected."
    messages.tell_worker(
        tx,
        requester_id,
        row.worker_id,
        "Your request for a qualification was rejected",
        f"{told} The reason given: {reason}" if reason else told,
    )


def pending(tx: Transaction, requester_id: str, request_id: str) -> Row[Any]:
    """The pending request, and the `name` of what it asks for."""
    row = tx.connection.execute(BY_ID, {"request_id": request_id}).one_or_none()
    if row is None or row.requester_id != requester_id:
        raise RequestError(
            f"QualificationRequest {request_id} does not exist.",
            code="AWS.MechanicalTurk.QualificationRequestDoesNotExist",
        )
    if row.status != PENDING:
        raise RequestError(
            f"This operation can be called with a status of: {ON_THE_WIRE}",
            code="AWS.MechanicalTurk.InvalidQualificationRequestState",
        )
    return row


def _decide(tx: Transaction, number: int, status: str, *, reason: str | None) -> None:
    tx.connection.execute(
        update(_table)
        .where(_table.c.id == number)
        .values(status=status, reason=reason, decided_at=tx.now)
    )
