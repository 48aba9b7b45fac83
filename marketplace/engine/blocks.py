"""Blocks: workers that a requester wants no more work from.

A block counts from the next accept on; what the worker holds already may still be submitted.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, func, insert, select, update

from marketplace.engine.transaction import Transaction
from marketplace.errors import ParameterValidationError
from marketplace.store.schema import blocks, workers

MOST_BLOCKS = 100_000  # for each requester, says the model of CreateWorkerBlock
INVALID_WORKER = "WorkerId is invalid."

_THIS = (
    blocks.c.requester_id == bindparam("requester"),
    blocks.c.worker_id == bindparam("worker"),
)
IS_BLOCKED = select(exists().where(*_THIS))
BLOCKING = select(blocks.c.requester_id).where(blocks.c.worker_id == bindparam("worker"))
IS_KNOWN = select(exists().where(workers.c.worker_id == bindparam("worker")))
COUNT = select(func.count()).where(blocks.c.requester_id == bindparam("requester"))


def is_blocked(tx: Transaction, requester_id: str, worker_id: str) -> bool:
    """Whether the worker may not accept this requester's HITs."""
    pair = {"requester": requester_id, "worker": worker_id}
    return bool(tx.connection.scalar(IS_BLOCKED, pair))


def blocking(tx: Transaction, worker_id: str) -> set[str]:
    """The ids of all requesters who block the worker."""
    return set(tx.connection.scalars(BLOCKING, {"worker": worker_id}))


def block(tx: Transaction, requester_id: str, worker_id: str, reason: str) -> None:
    """Block a worker; a second block replaces the reason.

    Raises ParameterValidationError for an unknown worker, in the words that MTurk was seen to use.
    """
    if not _is_known(tx, worker_id):
        raise ParameterValidationError(
            f'The value "{worker_id}" is not valid for the parameter WorkerId.'
        )
    if is_blocked(tx, requester_id, worker_id):
        tx.connection.execute(
            update(blocks)
            .where(blocks.c.requester_id == requester_id, blocks.c.worker_id == worker_id)
            .values(reason=reason)
        )
        return
    if (tx.connection.scalar(COUNT, {"requester": requester_id}) or 0) >= MOST_BLOCKS:
        raise ParameterValidationError(
            f"You block {MOST_BLOCKS} workers, the most allowed: delete a block first."
        )
    tx.connection.execute(
        insert(blocks).values(
            requester_id=requester_id, worker_id=worker_id, reason=reason, created_at=tx.now
        )
    )


def unblock(tx: Transaction, requester_id: str, worker_id: str) -> None:
    """Lift a block; without one, nothing happens.

    Raises ParameterValidationError for an unknown worker, in the words of DeleteWorkerBlock's page.
    """
    if not _is_known(tx, worker_id):
        raise ParameterValidationError(INVALID_WORKER)
    tx.connection.execute(
        delete(blocks).where(blocks.c.requester_id == requester_id, blocks.c.worker_id == worker_id)
    )


def listing(tx: Transaction, requester_id: str, *, after: int | None, limit: int) -> list[Row[Any]]:
    """Rows of `blocks`, oldest first, from above the number `after`."""
    query = select(blocks).where(blocks.c.requester_id == requester_id)
    if after is not None:
        query = query.where(blocks.c.id > after)
    return list(tx.connection.execute(query.order_by(blocks.c.id).limit(limit)))


def _is_known(tx: Transaction, worker_id: str) -> bool:
    return bool(tx.connection.scalar(IS_KNOWN, {"worker": worker_id}))
