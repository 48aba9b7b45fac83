"""Bonus payments: money for a worker beyond an assignment's reward."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Row, insert, select

from marketplace.engine import account, assignments, fees, tokens
from marketplace.engine.account import Entry
from marketplace.engine.transaction import Transaction
from marketplace.errors import ParameterValidationError
from marketplace.store import schema

_table = schema.bonuses


def pay(
    tx: Transaction,
    requester_id: str,
    *,
    worker_id: str,
    assignment_id: str,
    amount: Decimal,
    reason: str,
    token: str | None,
) -> None:
    """Pay a bonus above zero for what this worker submitted, approved or rejected alike."""
    operation = "SendBonus"
    if token is not None:
        tokens.refuse_reuse(tx, requester_id, operation, token)
    assignment, hit = assignments.find(tx, requester_id, assignment_id)
    if assignments.is_in_flight(tx, assignment):
        raise assignments.no_such_assignment(assignment_id)
    if assignment.worker_id != worker_id:
        raise ParameterValidationError(
            f'The value "{worker_id}" is not valid for the parameter WorkerId.'
        )
    fee = fees.bonus_fee(amount, schedule=tx.settings.fees)
    account.require(tx, requester_id, amount + fee)
    account.charge(
        tx,
        requester_id,
        {Entry.BONUS: amount, Entry.BONUS_FEE: fee},
        hit_id=hit.hit_id,
        assignment_id=assignment_id,
    )
    granted = {
        "hit_id": hit.hit_id,
        "assignment_id": assignment_id,
        "worker_id": worker_id,
        "amount": amount,
        "reason": reason,
        "granted_at": tx.now,
    }
    tx.connection.execute(insert(_table), granted)
    if token is not None:
        tokens.remember(tx, requester_id, operation, token, assignment_id)


def listing(
    tx: Transaction,
    *,
    hit_id: str | None = None,
    assignment_id: str | None = None,
    after: int | None,
    limit: int,
) -> list[Row[Any]]:
    """Rows of `bonuses` for one HIT or one assignment, oldest first, from above `after`."""
    query = select(_table)
    if hit_id is not None:
        query = query.where(_table.c.hit_id == hit_id)
    if assignment_id is not None:
        query = query.where(_table.c.assignment_id == assignment_id)
    if after is not None:
        query = query.where(_table.c.id > after)
    return list(tx.connection.execute(query.order_by(_table.c.id).limit(limit)))
