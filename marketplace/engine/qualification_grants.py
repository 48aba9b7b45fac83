"""Qualifications that workers hold: granting, revoking, looking."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, exists, insert, select, update

from marketplace.engine import messages, qualification_types, system_qualifications
from marketplace.engine.system_qualifications import MASTERS
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotWork, ParameterValidationError, RequestError
from marketplace.store import schema

GRANTED, REVOKED = "Granted", "Revoked"

_table = schema.qualifications

THIS = select(_table).where(
    _table.c.qualification_type_id == bindparam("type_id"),
    _table.c.worker_id == bindparam("worker"),
)
IS_KNOWN = select(exists().where(schema.workers.c.worker_id == bindparam("worker")))


def assign(
    tx: Transaction, requester_id: str, type_id: str, worker_id: str, value: int, *, notify: bool
) -> None:
    """Give a worker a qualification, whether or not they asked, held or lost it before.

    A pending request stays pending.
    """
    kind = qualification_types.find_owned(tx, requester_id, type_id)
    if not is_known(tx, worker_id):
        raise ParameterValidationError(
            f'The value "{worker_id}" is not valid for the parameter WorkerId.'
        )
    put(tx, type_id, worker_id, value)
    if notify:
        messages.tell_worker(
            tx,
            requester_id,
            worker_id,
            "You were given a qualification",
            f"You now have the qualification “{kind.name}” with the value {value}.",
        )


def revoke(
    tx: Transaction, requester_id: str, type_id: str, worker_id: str, reason: str | None
) -> None:
    """Take a granted qualification away; the worker is told, with the reason."""
    kind = qualification_types.find_owned(tx, requester_id, type_id, disposing=True)
    held_by(tx, type_id, worker_id)
    tx.connection.execute(
        update(_table)
        .where(_table.c.qualification_type_id == type_id, _table.c.worker_id == worker_id)
        .values(status=REVOKED, reason=reason)
    )
    told = f"You no longer have the qualification “{kind.name}”."
    messages.tell_worker(
        tx,
        requester_id,
        worker_id,
        "A qualification was taken back",
        f"{told} The reason given: {reason}" if reason else told,
    )


def score(tx: Transaction, requester_id: str, type_id: str, worker_id: str) -> Row[Any]:
    """The row of `qualifications` of a worker who holds the requester's type.

    The system's own types are nobody's to look up: MTurk was seen to say that the worker has none.
    """
    if type_id in system_qualifications.of(sandbox=tx.settings.sandbox):
        raise no_such_qualification()
    qualification_types.find_owned(tx, requester_id, type_id, disposing=True)
    return held_by(tx, type_id, worker_id)


def held_by(tx: Transaction, type_id: str, worker_id: str) -> Row[Any]:
    """The row of a worker who holds the qualification now."""
    row = of(tx, type_id, worker_id)
    if row is None:
        raise no_such_qualification()
    if row.status != GRANTED:
        raise RequestError(
            f"This operation can be called with a status of: {GRANTED}",
            code="AWS.MechanicalTurk.InvalidQualificationState",
        )
    return row


def of(tx: Transaction, type_id: str, worker_id: str) -> Row[Any] | None:
    """The row of a worker who holds the qualification, or held it."""
    return tx.connection.execute(THIS, {"type_id": type_id, "worker": worker_id}).one_or_none()


def listing(
    tx: Transaction, requester_id: str, type_id: str, *, status: str, after: str | None, limit: int
) -> list[Row[Any]]:
    """Rows of those who hold the requester's type, or lost it, by worker, from after `after`."""
    qualification_types.find_owned(tx, requester_id, type_id, disposing=True)
    query = select(_table).where(
        _table.c.qualification_type_id == type_id, _table.c.status == status
    )
    if after is not None:
        query = query.where(_table.c.worker_id > after)
    return list(tx.connection.execute(query.order_by(_table.c.worker_id).limit(limit)))


def put(tx: Transaction, type_id: str, worker_id: str, value: int) -> None:
    """Make the worker hold the qualification with this value, from now."""
    granted = {"value": value, "status": GRANTED, "granted_at": tx.now, "reason": None}
    changed = tx.connection.execute(
        update(_table)
        .where(_table.c.qualification_type_id == type_id, _table.c.worker_id == worker_id)
        .values(**granted)
    )
    if changed.rowcount == 0:
        tx.connection.execute(
            insert(_table).values(qualification_type_id=type_id, worker_id=worker_id, **granted)
        )


def name_master(tx: Transaction, worker_id: str, *, is_master: bool = True) -> None:
    """The operator's word on who is a Master; nobody is without it."""
    if not is_known(tx, worker_id):
        raise CannotWork(f"{worker_id} is no registered worker.")
    type_id = MASTERS[tx.settings.sandbox]
    if is_master:
        put(tx, type_id, worker_id, 1)
    else:
        tx.connection.execute(
            update(_table)
            .where(_table.c.qualification_type_id == type_id, _table.c.worker_id == worker_id)
            .values(status=REVOKED)
        )


def is_known(tx: Transaction, worker_id: str) -> bool:
    return bool(tx.connection.scalar(IS_KNOWN, {"worker": worker_id}))


def no_such_qualification() -> RequestError:
    return RequestError(
        "You requested a Qualification that does not exist.",
        code="AWS.MechanicalTurk.QualificationDoesNotExist",
    )
