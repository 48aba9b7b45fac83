"""Bonuses: each is a row from the moment it is decided, under the token that it is sent with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from hitline.store.database import Store
from hitline.store.schema import assignments, bonuses


class BonusState(StrEnum):
    """How far a bonus has come."""

    ORDERED = "ordered"
    """Its money is not reserved yet."""
    BEGUN = "begun"
    """Reserved; the call may have been made."""
    PAID = "paid"
    REFUSED = "refused"
    """The endpoint will not have it: nothing was spent."""


@dataclass(frozen=True, kw_only=True)
class Bonus:
    """A bonus that was decided. `reason` is what the worker reads, `cause` what we know it by."""

    token: str
    pipeline: str
    stage: str
    worker_id: str
    assignment_id: str
    amount: Decimal
    fee: Decimal
    reason: str
    cause: str
    state: BonusState = BonusState.ORDERED
    held: str | None = None
    ordered_at: datetime
    begun_at: datetime | None = None
    done_at: datetime | None = None


def order(store: Store, connection: Connection, bonus: Bonus) -> bool:
    """Write a bonus down, to be sent; whether there was none under its token."""
    row = {
        "token": bonus.token,
        "pipeline": bonus.pipeline,
        "stage": bonus.stage,
        "worker_id": bonus.worker_id,
        "assignment_id": bonus.assignment_id,
        "amount": bonus.amount,
        "fee": bonus.fee,
        "reason": bonus.reason,
        "cause": bonus.cause,
        "state": BonusState.ORDERED,
        "ordered_at": bonus.ordered_at,
    }
    return store.insert_new(connection, bonuses, [row]) == 1


def load(connection: Connection, token: str) -> Bonus | None:
    row = connection.execute(select(bonuses).where(bonuses.c.token == token)).one_or_none()
    return None if row is None else _bonus(row)


def change(connection: Connection, token: str, **values: Any) -> None:
    """Set columns of a bonus's row."""
    connection.execute(update(bonuses).where(bonuses.c.token == token).values(**values))


def unsent(connection: Connection, tried_before: datetime) -> list[str]:
    """The tokens of bonuses without an end that nobody tried to send since then (wall time)."""
    return list(
        connection.scalars(
            select(bonuses.c.token)
            .where(
                bonuses.c.state.in_([BonusState.ORDERED, BonusState.BEGUN]),
                or_(bonuses.c.wall_tried_at.is_(None), bonuses.c.wall_tried_at <= tried_before),
            )
            .order_by(bonuses.c.ordered_at, bonuses.c.token)
        )
    )


def under_way(connection: Connection, hit_id: str) -> bool:
    """Whether a bonus for work on the HIT has no end yet."""
    on_hit = select(assignments.c.assignment_id).where(assignments.c.hit_id == hit_id)
    begun = select(bonuses.c.token).where(
        bonuses.c.assignment_id.in_(on_hit),
        bonuses.c.state.in_([str(BonusState.ORDERED), str(BonusState.BEGUN)]),
    )
    return connection.execute(begun.limit(1)).first() is not None


def any_held(connection: Connection, pipeline: str, stage: str) -> bool:
    """Whether a bonus of the stage waits for money."""
    held = select(bonuses.c.token).where(
        bonuses.c.pipeline == pipeline,
        bonuses.c.stage == stage,
        bonuses.c.state == BonusState.ORDERED,
        bonuses.c.held.is_not(None),
    )
    return connection.execute(held.limit(1)).first() is not None


def of_assignments(connection: Connection, assignment_ids: Iterable[str]) -> list[Bonus]:
    """Every bonus on these assignments, oldest first."""
    rows = connection.execute(
        select(bonuses)
        .where(bonuses.c.assignment_id.in_(sorted(set(assignment_ids))))
        .order_by(bonuses.c.ordered_at, bonuses.c.token)
    )
    return [_bonus(row) for row in rows]


def _bonus(row: Row[Any]) -> Bonus:
    return Bonus(
        token=row.token,
        pipeline=row.pipeline,
        stage=row.stage,
        worker_id=row.worker_id,
        assignment_id=row.assignment_id,
        amount=row.amount,
        fee=row.fee,
        reason=row.reason,
        cause=row.cause,
        state=BonusState(row.state),
        held=row.held,
        ordered_at=row.ordered_at,
        begun_at=row.begun_at,
        done_at=row.done_at,
    )
