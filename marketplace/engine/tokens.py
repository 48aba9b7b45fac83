"""Idempotency tokens: remembered for 24 hours, for each requester and operation."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, delete, insert, select

from marketplace.engine.transaction import Transaction
from marketplace.errors import RequestError
from marketplace.store.schema import tokens
from marketplace.store.schema.types import Moment

MEMORY = timedelta(hours=24)


_this = (
    tokens.c.requester_id == bindparam("requester"),
    tokens.c.operation == bindparam("of"),
    tokens.c.token == bindparam("this"),
)
USED_FOR = select(tokens.c.object_id).where(
    *_this, tokens.c.created_at > bindparam("since", type_=Moment)
)
FORGET = delete(tokens).where(*_this)
REMEMBER = insert(tokens)


def used_for(tx: Transaction, requester_id: str, operation: str, token: str) -> str | None:
    """The id of the object that the token was used for, if it is still remembered."""
    key = {"requester": requester_id, "of": operation, "this": token}
    return tx.connection.scalar(USED_FOR, {**key, "since": tx.now - MEMORY})


def refuse_reuse(tx: Transaction, requester_id: str, operation: str, token: str) -> None:
    """Answer a remembered token as MTurk does: with an error, whatever the other parameters."""
    if used_for(tx, requester_id, operation, token) is not None:
        raise RequestError(f'The idempotency token "{token}" has already been processed.')


def remember(
    tx: Transaction, requester_id: str, operation: str, token: str, object_id: str
) -> None:
    """Keep the token; an older use that was forgotten makes room."""
    tx.connection.execute(FORGET, {"requester": requester_id, "of": operation, "this": token})
    row = {
        "requester_id": requester_id,
        "operation": operation,
        "token": token,
        "object_id": object_id,
        "created_at": tx.now,
    }
    tx.connection.execute(REMEMBER, row)
