"""What the operator may ask, beside the Requester API: is it up, and what has it done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from marketplace.engine import Engine, account, requesters
from marketplace.engine.account import Entry
from marketplace.engine.transaction import Transaction
from marketplace.store.schema import hits, outbox


def facts(engine: Engine) -> dict[str, Any]:
    """Notifications counted in events, money over all accounts and for each, HITs by status."""
    with engine.look() as tx:
        accounts = {
            requester.name: _account(tx, requester.requester_id)
            for requester in requesters.everybody(tx)
        }
        return {
            "now": tx.now.isoformat(),
            "notifications": _notifications(tx),
            "account": _added(list(accounts.values())),
            "accounts": {name: _written(figures) for name, figures in accounts.items()},
            "hits": _hits(tx),
        }


def _notifications(tx: Transaction) -> dict[str, int]:
    sent = outbox.c.sent_count > 0
    row = tx.connection.execute(
        select(
            func.count().filter(outbox.c.copy_of.is_(None)).label("events_emitted"),
            func.coalesce(func.sum(outbox.c.sent_count), 0).label("events_sent"),
            func.count(outbox.c.document_id.distinct()).filter(sent).label("documents_sent"),
            func.count().filter(outbox.c.lost.is_(True)).label("lost"),
            func.count()
            .filter(outbox.c.sent_at.is_(None), outbox.c.lost.is_(False))
            .label("pending"),
        ).select_from(outbox)
    ).one()
    return {name: int(number) for name, number in row._mapping.items()}


def _account(tx: Transaction, requester_id: str) -> dict[str, Decimal]:
    now, totals = account.of(tx, requester_id), account.totals(tx, requester_id)
    return {
        "opening": account.SANDBOX_BALANCE if tx.settings.sandbox else totals[Entry.DEPOSIT],
        "balance": now.balance,
        "liability": now.liability,
        "available": now.available,
        "spent_rewards": totals[Entry.REWARD] + totals[Entry.BONUS],
        "spent_fees": totals[Entry.FEE] + totals[Entry.BONUS_FEE],
    }


def _added(accounts: list[dict[str, Decimal]]) -> dict[str, str]:
    names = accounts[0] if accounts else {}
    return _written({name: sum((a[name] for a in accounts), Decimal("0.00")) for name in names})


def _written(figures: dict[str, Decimal]) -> dict[str, str]:
    return {name: f"{amount:.2f}" for name, amount in figures.items()}


def _hits(tx: Transaction) -> dict[str, int]:
    rows = tx.connection.execute(
        select(hits.c.status, func.count().label("number")).group_by(hits.c.status)
    )
    return {row.status: row.number for row in rows}
