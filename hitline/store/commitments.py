"""Commitments: what was reserved and not released, which is what caps are held against.

The ledger grows for ever, and a cap is looked at before each call that buys. So entries are folded
now and then into sums of a stage and a day, and what is committed is those and the fresh entries.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, case, func, select, type_coerce, update
from sqlalchemy.sql.elements import ColumnElement

from hitline.store.database import Store
from hitline.store.schema import caps, commitments, ledger
from hitline.store.types import Cents

_ZERO = Decimal("0.00")
_SIGN = case((ledger.c.entry == "reserve", 1), else_=-1)


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A sum that caps are `held` against, and what the entries under it come to."""

    pipeline: str
    stage: str
    day: date
    held: Decimal
    entered: Decimal


def committed(
    connection: Connection, pipeline: str, stage: str | None = None, day: date | None = None
) -> Decimal:
    """What was reserved and not released: of one stage, of one day, or of all.

    Settling moves money from reserved to spent, so only a release makes it less.
    """
    folded = select(func.coalesce(func.sum(commitments.c.amount), 0)).where(
        commitments.c.pipeline == pipeline
    )
    fresh = select(func.coalesce(func.sum((ledger.c.reward + ledger.c.fee) * _SIGN), 0)).where(
        ledger.c.pipeline == pipeline, ledger.c.folded.is_(False), _bears()
    )
    if stage is not None:
        folded = folded.where(commitments.c.stage == stage)
        fresh = fresh.where(ledger.c.stage == stage)
    if day is not None:
        folded = folded.where(commitments.c.day == day)
        fresh = fresh.where(ledger.c.day == day)
    # In one statement, which sees an entry either folded or fresh.
    whole = folded.scalar_subquery() + fresh.scalar_subquery()
    amount = connection.scalar(select(type_coerce(whole, Cents)))
    return _ZERO if amount is None else amount


def room(connection: Connection, pipeline: str) -> Decimal | None:
    """What the pipeline's own budget still allows in all; None if it has none."""
    budget = connection.scalar(
        select(caps.c.total).where(caps.c.pipeline == pipeline, caps.c.stage == "")
    )
    return None if budget is None else Decimal(budget) - committed(connection, pipeline)


def fresh(connection: Connection, pipeline: str) -> int:
    """How many entries of the pipeline are not folded yet."""
    query = select(func.count()).where(ledger.c.pipeline == pipeline, ledger.c.folded.is_(False))
    return connection.scalar(query) or 0


def fold(store: Store, connection: Connection, pipeline: str) -> int:
    """Add the pipeline's fresh entries to the sums; how many. The caller has locked its caps."""
    entries = connection.execute(
        update(ledger)
        .where(ledger.c.pipeline == pipeline, ledger.c.folded.is_(False))
        .values(folded=True)
        .returning(ledger.c.stage, ledger.c.day, ledger.c.entry, ledger.c.reward, ledger.c.fee)
    ).all()
    sums: defaultdict[tuple[str, date], Decimal] = defaultdict(lambda: _ZERO)
    for row in entries:
        if row.entry != "settle":
            amount = row.reward + row.fee
            sums[row.stage, row.day] += amount if row.entry == "reserve" else -amount
    for (stage, day), amount in sorted(sums.items()):
        row_of = store.insert(commitments).values(
            pipeline=pipeline, stage=stage, day=day, amount=amount
        )
        connection.execute(
            row_of.on_conflict_do_update(
                index_elements=[commitments.c.pipeline, commitments.c.stage, commitments.c.day],
                set_={"amount": commitments.c.amount + row_of.excluded.amount},
            )
        )
    return len(entries)


def drift(connection: Connection, pipeline: str | None = None) -> list[Drift]:
    """Where a sum is not that of its entries: nowhere, ever."""
    about = (ledger.c.pipeline, ledger.c.stage, ledger.c.day)
    total = type_coerce(func.sum((ledger.c.reward + ledger.c.fee) * _SIGN), Cents)
    entries = select(*about, total).where(ledger.c.folded, _bears()).group_by(*about)
    kept = select(commitments)
    if pipeline is not None:
        entries = entries.where(ledger.c.pipeline == pipeline)
        kept = kept.where(commitments.c.pipeline == pipeline)
    summed = {(row[0], row[1], row[2]): row[3] for row in connection.execute(entries)}
    sums = {(row.pipeline, row.stage, row.day): row.amount for row in connection.execute(kept)}
    found = [
        Drift(
            pipeline=which[0],
            stage=which[1],
            day=which[2],
            held=sums.get(which, _ZERO),
            entered=summed.get(which, _ZERO),
        )
        for which in sorted(sums.keys() | summed.keys())
    ]
    return [one for one in found if one.held != one.entered]


def _bears() -> ColumnElement[bool]:
    return ledger.c.entry.in_(["reserve", "release"])
