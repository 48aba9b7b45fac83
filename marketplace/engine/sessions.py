"""Sessions of people who signed in, workers and requesters alike.

The browser holds a token, the database only its hash: whoever reads the database cannot sign in
with what it holds. Sessions end by wall time.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import bindparam, delete, insert, select

from marketplace.engine.transaction import Transaction
from marketplace.store.schema import sessions
from marketplace.store.schema.types import Moment

Kind = Literal["worker", "requester"]

LASTS = {"worker": timedelta(days=14), "requester": timedelta(hours=12)}


@dataclass(frozen=True, kw_only=True)
class Session:
    """Somebody who is signed in; every form they post must repeat `form_token`."""

    kind: Kind
    person_id: str
    form_token: str


OPEN = select(sessions.c.person_id, sessions.c.form_token).where(
    sessions.c.token == bindparam("digest"),
    sessions.c.kind == bindparam("kind"),
    sessions.c.expires_at > bindparam("wall", type_=Moment),
)


def open_session(tx: Transaction, kind: Kind, person_id: str) -> str:
    """Begin a session; returns the token for the cookie, which is always a new one."""
    tx.connection.execute(delete(sessions).where(sessions.c.expires_at <= tx.wall))
    token = secrets.token_urlsafe(32)
    tx.connection.execute(
        insert(sessions).values(
            token=digest(token),
            kind=kind,
            person_id=person_id,
            form_token=secrets.token_urlsafe(32),
            created_at=tx.wall,
            expires_at=tx.wall + LASTS[kind],
        )
    )
    return token


def session_of(tx: Transaction, kind: Kind, token: str | None) -> Session | None:
    """The session that the cookie's token opens, None where it ended or never was."""
    if not token:
        return None
    given = {"digest": digest(token), "kind": kind, "wall": tx.wall}
    row = tx.connection.execute(OPEN, given).one_or_none()
    if row is None:
        return None
    return Session(kind=kind, person_id=row.person_id, form_token=row.form_token)


def close_session(tx: Transaction, token: str) -> None:
    """Sign out; a token that is none is let be."""
    tx.connection.execute(delete(sessions).where(sessions.c.token == digest(token)))


def close_all(tx: Transaction, kind: Kind, person_id: str) -> None:
    """Sign a person out everywhere."""
    tx.connection.execute(
        delete(sessions).where(sessions.c.kind == kind, sessions.c.person_id == person_id)
    )


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
