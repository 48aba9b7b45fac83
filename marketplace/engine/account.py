"""A requester's account: deposits, what is held for open assignments, and what was charged.

The balance is the sum of the ledger, the liability the sum of what every HIT's open assignments
may still cost; what is left is available. The sandbox has no money: its balance never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update

from marketplace.engine.transaction import Transaction
from marketplace.errors import RequestError
from marketplace.store.schema import ledger, requesters
from marketplace.store.schema.types import Dollars

SANDBOX_BALANCE = Decimal("10000.00")


class Entry(StrEnum):
    """Why the balance changed."""

    DEPOSIT = "deposit"
    REWARD = "reward"
    FEE = "fee"
    BONUS = "bonus"
    BONUS_FEE = "bonus_fee"


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account's figures, in dollars."""

    balance: Decimal
    liability: Decimal

    @property
    def available(self) -> Decimal:
        return self.balance - self.liability


FIGURES = select(requesters.c.balance, requesters.c.liability).where(
    requesters.c.requester_id == bindparam("requester_id")
)
_this = update(requesters).where(requesters.c.requester_id == bindparam("this"))
_amount = bindparam("amount", type_=Dollars)
HOLD = _this.values(liability=requesters.c.liability + _amount)
PAY = _this.values(balance=requesters.c.balance + _amount)
ENTER = insert(ledger)


def of(tx: Transaction, requester_id: str) -> Account:
    """The account as it stands."""
    if tx.settings.sandbox:
        return Account(balance=SANDBOX_BALANCE, liability=Decimal("0.00"))
    row = tx.connection.execute(FIGURES, {"requester_id": requester_id}).one()
    return Account(balance=row.balance, liability=row.liability)


def require(tx: Transaction, requester_id: str, amount: Decimal) -> None:
    """Refuse with InsufficientFunds unless `amount` is available."""
    if of(tx, requester_id).available < amount:
        raise RequestError(
            "This Requester has insufficient funds in their account to complete this "
            "transaction. Please visit https://requester.mturk.com/prepayments/new to purchase "
            "Prepaid HITs.",
            code="AWS.MechanicalTurk.InsufficientFunds",
        )


def hold(tx: Transaction, requester_id: str, amount: Decimal) -> None:
    """Raise the liability by `amount`, or release as much where it is negative."""
    if tx.settings.sandbox or not amount:
        return
    if amount > 0:
        require(tx, requester_id, amount)
    tx.connection.execute(HOLD, {"this": requester_id, "amount": amount})


def deposit(tx: Transaction, requester_id: str, amount: Decimal) -> None:
    """Add prepaid money."""
    _enter(tx, requester_id, {Entry.DEPOSIT: amount})


def charge(
    tx: Transaction,
    requester_id: str,
    amounts: Mapping[Entry, Decimal],
    *,
    hit_id: str,
    assignment_id: str,
) -> None:
    """Take `amounts`, none below zero, from the balance."""
    due = {kind: -amount for kind, amount in amounts.items() if amount}
    if due and not tx.settings.sandbox:
        _enter(tx, requester_id, due, hit_id=hit_id, assignment_id=assignment_id)


def totals(tx: Transaction, requester_id: str) -> dict[Entry, Decimal]:
    """The ledger's sum for each kind of entry, charges above zero."""
    rows = tx.connection.execute(
        select(ledger.c.kind, func.sum(ledger.c.amount).label("sum"))
        .where(ledger.c.requester_id == requester_id)
        .group_by(ledger.c.kind)
    )
    sums = {kind: Decimal("0.00") for kind in Entry}
    return sums | {Entry(row.kind): abs(row.sum) for row in rows}


def entries(
    tx: Transaction, requester_id: str, *, before: int | None, limit: int
) -> list[Row[Any]]:
    """Rows of the ledger, newest first, from below the number `before`."""
    query = select(ledger).where(ledger.c.requester_id == requester_id)
    if before is not None:
        query = query.where(ledger.c.id < before)
    return list(tx.connection.execute(query.order_by(ledger.c.id.desc()).limit(limit)))


def _enter(
    tx: Transaction,
    requester_id: str,
    amounts: Mapping[Entry, Decimal],
    *,
    hit_id: str | None = None,
    assignment_id: str | None = None,
) -> None:
    rows = [
        {
            "requester_id": requester_id,
            "kind": kind.value,
            "amount": amount,
            "at": tx.now,
            "hit_id": hit_id,
            "assignment_id": assignment_id,
        }
        for kind, amount in amounts.items()
    ]
    tx.connection.execute(ENTER, rows)
    total = sum(amounts.values(), Decimal(0))
    tx.connection.execute(PAY, {"this": requester_id, "amount": total})
