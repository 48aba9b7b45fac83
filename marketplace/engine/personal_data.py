"""What is stored of a worker: handing it over, and erasing what ties it to a person.

After erasure the worker's id stays where the books need it: with assignments and their answers,
which are the requesters', with payments, qualifications and blocks. Nothing says any more whose
the id was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, delete, select, update

from marketplace.engine import sessions, work
from marketplace.engine.transaction import Transaction
from marketplace.errors import UnknownWorker
from marketplace.store import schema

# By name in the export: the table, and what is left out of it.
STORED: dict[str, tuple[Table, set[str]]] = {
    "worker": (schema.workers, set()),
    "login": (schema.logins, {"password"}),
    "assignments": (schema.assignments, {"id", "due_at"}),
    "bonuses": (schema.bonuses, {"id"}),
    "qualifications": (schema.qualifications, set()),
    "qualification_requests": (schema.qualification_requests, {"id", "answer_key"}),
    "messages": (schema.messages, {"id"}),
    "blocks": (schema.blocks, {"id"}),
}


def export(tx: Transaction, worker_id: str) -> dict[str, Any]:
    """Everything stored of a worker, fit for JSON; raises `UnknownWorker`.

    Left out are secrets (the password's hash, the keys of tests) and our own row numbers.
    """
    content: dict[str, Any] = {
        name: [
            _plain(row._mapping.items(), hidden)
            for row in tx.connection.execute(
                select(table).where(table.c.worker_id == worker_id).order_by(*table.primary_key)
            )
        ]
        for name, (table, hidden) in STORED.items()
    }
    if not content["worker"]:
        raise UnknownWorker(f"There is no worker {worker_id}: `marketplace worker list` shows all.")
    opened = tx.connection.execute(
        select(schema.sessions.c.created_at, schema.sessions.c.expires_at).where(
            schema.sessions.c.kind == "worker", schema.sessions.c.person_id == worker_id
        )
    )
    content["sessions"] = [_plain(row._mapping.items(), set()) for row in opened]
    return {"worker_id": worker_id, "exported_at": tx.wall.isoformat(), **content}


def erase(tx: Transaction, worker_id: str) -> None:
    """Forget who a worker is: login, sessions, links, messages, answers to tests.

    Held work is returned. Raises `UnknownWorker`.
    """
    if not work.is_known(tx, worker_id):
        raise UnknownWorker(f"There is no worker {worker_id}: `marketplace worker list` shows all.")
    work.give_back_all(tx, worker_id)
    sessions.close_all(tx, "worker", worker_id)
    for table in (schema.links, schema.messages, schema.logins):
        tx.connection.execute(delete(table).where(table.c.worker_id == worker_id))
    requests = schema.qualification_requests
    tx.connection.execute(
        update(requests).where(requests.c.worker_id == worker_id).values(answer=None)
    )


def _plain(items: Iterable[tuple[Any, Any]], hidden: set[str]) -> dict[str, Any]:
    return {str(name): _written(value) for name, value in items if name not in hidden}


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
