"""Signing in with email and password, slowly for those who guess.

Tries are counted before the password is looked at, by email and by address, so that guesses made
at once do not slip through. An unknown email costs the same time and gets the same answer.
"""

from __future__ import annotations

import hashlib
import math
from datetime import timedelta

from sqlalchemy import delete, func, insert, select

from marketplace.engine import passwords, people, sessions
from marketplace.engine.engine import Engine
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotSignIn
from marketplace.store.schema import attempts

WINDOW = timedelta(minutes=15)
MOST_FROM_ONE_PLACE = 8  # tries for one email from one address
MOST_FOR_EMAIL = 40
MOST_FROM_ADDRESS = 60  # a whole office may share one


def sign_in(engine: Engine, email: str, password: str, *, address: str) -> str:
    """A new session's token; raises `CannotSignIn`, which does not tell what was wrong."""
    email = people.folded(email)
    # Hashing is slow, so it stands between two transactions.
    with engine.act() as tx:
        tries = [
            count_try(tx, f"{email} from {address}", MOST_FROM_ONE_PLACE),
            count_try(tx, f"email {email}", MOST_FOR_EMAIL),
            count_try(tx, f"address {address}", MOST_FROM_ADDRESS),
        ]
        person = people.find_by_email(tx, email)
        kept = people.kept_password(tx, person.worker_id) if person else None
    matches = passwords.matches(kept, password)
    if not matches or person is None or kept is None or person.closed_at is not None:
        raise CannotSignIn("Email or password is wrong.")
    fresh = passwords.hashed(password) if passwords.is_outdated(kept) else None
    with engine.act() as tx:
        if people.kept_password(tx, person.worker_id) != kept:
            raise CannotSignIn("Email or password is wrong.")  # changed in between
        if fresh is not None:
            people.rehash(tx, person.worker_id, fresh)
        tx.connection.execute(delete(attempts).where(attempts.c.id.in_(tries)))
        return sessions.open_session(tx, "worker", person.worker_id)


def count_try(tx: Transaction, subject: str, most: int) -> int:
    """Count a try, and return its number.

    Raises `CannotSignIn` where there were `most` within the window.
    """
    subject = hashlib.sha256(subject.encode()).hexdigest()
    since = tx.wall - WINDOW
    tx.connection.execute(delete(attempts).where(attempts.c.at <= since))
    row = tx.connection.execute(
        select(func.count().label("number"), func.min(attempts.c.at).label("first")).where(
            attempts.c.subject == subject
        )
    ).one()
    if row.number >= most:
        minutes = math.ceil((row.first + WINDOW - tx.wall) / timedelta(minutes=1))
        raise CannotSignIn(
            f"Too many tries: wait {minutes} minute{'s' if minutes > 1 else ''}, then try again."
        )
    made = insert(attempts).values(subject=subject, at=tx.wall).returning(attempts.c.id)
    number: int = tx.connection.execute(made).scalar_one()
    return number
