"""What the ledger says of each HIT, and the account's balance when it was noted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from hitline.audit import Book
from hitline.money import NOTHING
from hitline.store import ledger as entries
from hitline.store.database import Store
from hitline.store.schema import balances, hits, intents, ledger


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What the account could spend at a moment, and what our ledger had paid by then, dollars."""

    at: datetime
    available: Decimal
    spent: Decimal


def books(
    connection: Connection, pipeline: str | None = None, only: Collection[str] | None = None
) -> list[Book]:
    """What stands of each HIT, by its id; of all pipelines, if none is named."""
    query = select(ledger).where(ledger.c.hit_id.is_not(None))
    known = select(hits.c.hit_id, hits.c.pipeline, hits.c.closed_at, hits.c.disposed_at)
    if pipeline is not None:
        query = query.where(ledger.c.pipeline == pipeline)
        known = known.where(hits.c.pipeline == pipeline)
    if only is not None:
        query = query.where(ledger.c.hit_id.in_(sorted(only)))
        known = known.where(hits.c.hit_id.in_(sorted(only)))
    settled: dict[str, dict[tuple[str, str], Decimal]] = defaultdict(dict)
    bonuses: dict[str, dict[str, list[tuple[Decimal, Decimal]]]] = defaultdict(dict)
    reserved: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for row in connection.execute(query):
        total = row.reward + row.fee
        if row.what == "assignment":
            reserved[row.hit_id] += total if row.entry == "reserve" else -total
        if row.entry != "settle":
            continue
        if row.what == "assignment":
            settled[row.hit_id][row.assignment_id, row.worker_id] = total
        else:
            paid = bonuses[row.hit_id].setdefault(row.assignment_id, [])
            paid.append((row.reward, row.fee))
    return [
        Book(
            hit_id=row.hit_id,
            pipeline=row.pipeline,
            closed=row.closed_at is not None,
            disposed=row.disposed_at is not None,
            settled=settled[row.hit_id],
            bonuses=bonuses[row.hit_id],
            reserved=reserved[row.hit_id],
        )
        for row in connection.execute(known.order_by(hits.c.hit_id))
    ]


def stray(connection: Connection, pipeline: str | None = None) -> list[tuple[str, Decimal]]:
    """(cause, dollars) of what is reserved for no HIT, by a call that was not begun or has ended.

    A call that is under way has no HIT yet.
    """
    under_way = select("reserve:" + intents.c.token).where(intents.c.wall_done_at.is_(None))
    query = select(ledger).where(
        ledger.c.entry == "reserve",
        ledger.c.what == "assignment",
        ledger.c.hit_id.is_(None),
        ledger.c.token.not_in(under_way),
    )
    if pipeline is not None:
        query = query.where(ledger.c.pipeline == pipeline)
    rows = connection.execute(query.order_by(ledger.c.at, ledger.c.token))
    return [(row.cause, row.reward + row.fee) for row in rows]


def note(store: Store, connection: Connection, available: Decimal, at: datetime) -> None:
    """Keep what the account can spend now, to be compared with later."""
    row = {
        "at": at,
        "available": available,
        "spent": entries.spent(connection, None).total,
    }
    store.insert_new(connection, balances, [row])


def noted(connection: Connection) -> Noted | None:
    """The balance that was noted last."""
    row = connection.execute(select(balances).order_by(balances.c.at.desc()).limit(1)).first()
    if row is None:
        return None
    return Noted(at=row.at, available=row.available, spent=row.spent)
