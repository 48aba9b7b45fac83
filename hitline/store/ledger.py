"""The ledger: all money is reserved before the call that could spend it.

Entries: `reserve`, `settle` (paid), `release` (reserved and not spent). What a HIT still reserves
is its reserves less its settles and releases. Each entry belongs to a day, the UTC business date of
the reservation: what is released gives room back to the day on which it was reserved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection, Row, case, delete, func, select, type_coerce, update
from sqlalchemy.sql.elements import ColumnElement

from hitline.errors import InvalidDefinition
from hitline.store.database import Store
from hitline.store.schema import commitments, ledger
from hitline.store.types import Cents

_ZERO = Decimal("0.00")

Entry = Literal["reserve", "settle", "release"]
What = Literal["assignment", "bonus"]


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A reward (or bonus) and the fee on it, apart."""

    reward: Decimal = _ZERO
    fee: Decimal = _ZERO

    @property
    def total(self) -> Decimal:
        return self.reward + self.fee

    def times(self, count: int) -> Amount:
        return Amount(reward=self.reward * count, fee=self.fee * count)

    def __add__(self, other: Amount) -> Amount:
        return Amount(reward=self.reward + other.reward, fee=self.fee + other.fee)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(reward=self.reward - other.reward, fee=self.fee - other.fee)

    def at_most(self, other: Amount) -> Amount:
        """The smaller reward and the smaller fee of the two."""
        return Amount(reward=min(self.reward, other.reward), fee=min(self.fee, other.fee))

    def at_least(self, other: Amount) -> Amount:
        """The larger reward and the larger fee of the two."""
        return Amount(reward=max(self.reward, other.reward), fee=max(self.fee, other.fee))


NOTHING = Amount()


def day_of(at: datetime) -> date:
    """The day to which money reserved at that moment belongs: the UTC business date."""
    return at.astimezone(UTC).date()


def enter(
    store: Store,
    connection: Connection,
    *,
    token: str,
    entry: str,
    pipeline: str,
    stage: str,
    amount: Amount,
    cause: str,
    at: datetime,
    what: str = "assignment",
    day: date | None = None,
    item_id: str | None = None,
    hit_id: str | None = None,
    assignment_id: str | None = None,
    worker_id: str | None = None,
) -> bool:
    """Write an entry once; whether it was new. `day`: that of what it frees, by default `at`'s.

    Raises InvalidDefinition naming the field for an amount below zero or not in whole cents.
    """
    _check(amount)
    row = {
        "token": token,
        "entry": entry,
        "what": what,
        "pipeline": pipeline,
        "stage": stage,
        "day": day or day_of(at),
        "item_id": item_id,
        "hit_id": hit_id,
        "assignment_id": assignment_id,
        "worker_id": worker_id,
        "reward": amount.reward,
        "fee": amount.fee,
        "cause": cause,
        "at": at,
    }
    return store.insert_new(connection, ledger, [row]) == 1


def _check(amount: Amount) -> None:
    for field, value in (("reward", amount.reward), ("fee", amount.fee)):
        if value < 0:
            raise InvalidDefinition(field, f"{value} is negative; an entry says what it is by name")
        if value != value.quantize(Decimal("0.01")):
            raise InvalidDefinition(field, f"{value} is no whole number of cents")


def settle(
    store: Store, connection: Connection, *, token: str, at: datetime, cause: str = "paid"
) -> bool:
    """All that is reserved under `token` was paid; whether that is news."""
    return _turn(store, connection, token, "settle", at, cause)


def release(
    store: Store, connection: Connection, *, token: str, at: datetime, cause: str = "not spent"
) -> bool:
    """All that is reserved under `token` will never be spent; whether that is news."""
    return _turn(store, connection, token, "release", at, cause)


def _turn(
    store: Store, connection: Connection, token: str, entry: Entry, at: datetime, cause: str
) -> bool:
    row = connection.execute(select(ledger).where(ledger.c.token == f"reserve:{token}")).one()
    return enter(
        store,
        connection,
        token=f"{entry}:{token}",
        entry=entry,
        what=row.what,
        pipeline=row.pipeline,
        stage=row.stage,
        amount=Amount(reward=row.reward, fee=row.fee),
        cause=cause,
        at=at,
        day=row.day if entry == "release" else None,
        item_id=row.item_id,
        hit_id=row.hit_id,
        assignment_id=row.assignment_id,
        worker_id=row.worker_id,
    )


def known(connection: Connection, token: str) -> bool:
    """Whether the entry is there."""
    return connection.scalar(select(ledger.c.token).where(ledger.c.token == token)) is not None


def name_hit(connection: Connection, token: str, hit_id: str) -> None:
    """An amount reserved before its HIT had an id now belongs to that HIT."""
    connection.execute(update(ledger).where(ledger.c.token == token).values(hit_id=hit_id))


def forget(connection: Connection, token: str) -> None:
    """Take back a reservation whose call was refused: nothing was, nor will be, spent on it."""
    row = connection.execute(
        delete(ledger).where(ledger.c.token == token).returning(ledger)
    ).one_or_none()
    if row is not None and row.folded:
        of_day = (commitments.c.stage == row.stage, commitments.c.day == row.day)
        connection.execute(
            update(commitments)
            .where(commitments.c.pipeline == row.pipeline, *of_day)
            .values(amount=commitments.c.amount - (row.reward + row.fee))
        )


def spent(connection: Connection, pipeline: str | None, stage: str | None = None) -> Amount:
    """What was paid; by all pipelines, if none is named."""
    return _sum(connection, "settle", pipeline, stage)


def reserved(connection: Connection, pipeline: str | None, stage: str | None = None) -> Amount:
    """What is reserved and neither paid nor released."""
    return (
        _sum(connection, "reserve", pipeline, stage)
        - _sum(connection, "settle", pipeline, stage)
        - _sum(connection, "release", pipeline, stage)
    )


def reserved_by(connection: Connection, hit_id: str) -> Amount:
    """What one HIT still reserves for its assignments."""
    sign = case((ledger.c.entry == "reserve", 1), else_=-1)
    reward, fee = connection.execute(
        select(_total(ledger.c.reward * sign), _total(ledger.c.fee * sign)).where(
            ledger.c.hit_id == hit_id, ledger.c.what == "assignment"
        )
    ).one()
    return Amount(reward=_money(reward), fee=_money(fee))


def unreleased(connection: Connection, hit_id: str) -> list[tuple[date, Amount]]:
    """What was reserved for a HIT's assignments and not released, by day, the newest first."""
    sign = case((ledger.c.entry == "reserve", 1), else_=-1)
    rows = connection.execute(
        select(ledger.c.day, _total(ledger.c.reward * sign), _total(ledger.c.fee * sign))
        .where(
            ledger.c.hit_id == hit_id,
            ledger.c.what == "assignment",
            ledger.c.entry.in_(["reserve", "release"]),
        )
        .group_by(ledger.c.day)
        .order_by(ledger.c.day.desc())
    )
    return [(row[0], Amount(reward=_money(row[1]), fee=_money(row[2]))) for row in rows]


def entries(
    connection: Connection, pipeline: str | None = None, last: int | None = None
) -> list[Row[tuple[object, ...]]]:
    """The entries, oldest first; the `last` so many."""
    query = select(ledger).order_by(ledger.c.at.desc(), ledger.c.token.desc()).limit(last)
    if pipeline is not None:
        query = query.where(ledger.c.pipeline == pipeline)
    return list(connection.execute(query))[::-1]


def _sum(connection: Connection, entry: Entry, pipeline: str | None, stage: str | None) -> Amount:
    query = select(_total(ledger.c.reward), _total(ledger.c.fee)).where(ledger.c.entry == entry)
    if pipeline is not None:
        query = query.where(ledger.c.pipeline == pipeline)
    if stage is not None:
        query = query.where(ledger.c.stage == stage)
    reward, fee = connection.execute(query).one()
    return Amount(reward=_money(reward), fee=_money(fee))


def _total(amount: ColumnElement[Decimal]) -> ColumnElement[Decimal]:
    # A sum that stays money: an expression on cents would come back as a bare number.
    return type_coerce(func.sum(amount), Cents)


def _money(amount: Decimal | None) -> Decimal:
    return _ZERO if amount is None else amount
