"""Requesters signing in to their console, with the access key that their clients sign with.

Tries are counted before the secret is looked at, as for workers. A session lasts no longer than
the last key of its requester is in force.
"""

from __future__ import annotations

import re

from sqlalchemy import delete

from marketplace.engine import requesters, sessions
from marketplace.engine.engine import Engine
from marketplace.engine.sessions import Session
from marketplace.engine.signing_in import (
    MOST_FOR_EMAIL,
    MOST_FROM_ADDRESS,
    MOST_FROM_ONE_PLACE,
    count_try,
)
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotSignIn
from marketplace.store.schema import attempts

KEY = re.compile("[A-Z0-9]{1,32}")


def sign_in(engine: Engine, access_key_id: str, secret: str, *, address: str) -> str:
    """A new session's token; raises `CannotSignIn`, which does not tell what was wrong."""
    with engine.act() as tx:
        tries = [
            count_try(tx, f"key {access_key_id} from {address}", MOST_FROM_ONE_PLACE),
            count_try(tx, f"key {access_key_id}", MOST_FOR_EMAIL),
            count_try(tx, f"address {address}", MOST_FROM_ADDRESS),
        ]
        is_key = KEY.fullmatch(access_key_id)
        holder = requesters.holder_with_secret(tx, access_key_id, secret) if is_key else None
        if holder is not None:
            tx.connection.execute(delete(attempts).where(attempts.c.id.in_(tries)))
            return sessions.open_session(tx, "requester", holder)
    raise CannotSignIn("Access key id or secret is wrong.")


def session_of(tx: Transaction, token: str | None) -> Session | None:
    """The requester's session that the cookie's token opens."""
    session = sessions.session_of(tx, "requester", token)
    if session is None:
        return None
    keys = requesters.keys_held(tx, session.person_id)
    return session if any(key.revoked_at is None for key in keys) else None
