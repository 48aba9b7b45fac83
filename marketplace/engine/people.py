"""Workers as people: signing up, their account, the links that stand for a password.

Times are wall times here. Hashing a password is slow on purpose, so callers do it before they open
a transaction; `engine.signing_in` shows the order.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Row, bindparam, exists, insert, select, update

from marketplace.engine import ids, sessions, work
from marketplace.engine.passwords import UNUSABLE
from marketplace.engine.transaction import Transaction
from marketplace.errors import InvalidLink, NameTaken, UnknownWorker
from marketplace.store.schema import links, logins, workers

Purpose = Literal["invitation", "reset"]

LINK_LASTS = {"invitation": timedelta(days=14), "reset": timedelta(days=3)}
EMAIL = re.compile(r"[^@\s<>\"',;:]+@[^@\s<>\"',;:]+")
COUNTRY = re.compile("[A-Z]{2}")
SUBDIVISION = re.compile("[A-Z0-9]{2}")
WORKER_ID = re.compile(r"A[A-Z0-9]{1,63}")
LONGEST_EMAIL = 254
LONGEST_NAME = 128


@dataclass(frozen=True, kw_only=True)
class Person:
    """A worker who can sign in; `country` and `subdivision` are two-letter codes."""

    worker_id: str
    email: str
    name: str
    country: str | None
    subdivision: str | None
    adult: bool
    created_at: datetime
    closed_at: datetime | None


BY_ID = select(logins).where(logins.c.worker_id == bindparam("worker_id"))


def find(tx: Transaction, worker_id: str) -> Person | None:
    """The person behind a worker's id; none behind one that never signed up, or was erased."""
    row = tx.connection.execute(BY_ID, {"worker_id": worker_id}).one_or_none()
    return None if row is None else _person(row)


def find_by_email(tx: Transaction, email: str) -> Person | None:
    row = tx.connection.execute(select(logins).where(logins.c.email == folded(email))).one_or_none()
    return None if row is None else _person(row)


def existing(tx: Transaction, worker_id: str) -> Person:
    """As `find`, but raises `UnknownWorker`."""
    person = find(tx, worker_id)
    if person is None:
        raise UnknownWorker(
            f"There is no worker {worker_id} who can sign in: "
            "`marketplace worker list` shows all, `marketplace worker add` makes one."
        )
    return person


def kept_password(tx: Transaction, worker_id: str) -> str:
    """The hash of a person's password."""
    return str(
        tx.connection.scalar(select(logins.c.password).where(logins.c.worker_id == worker_id))
    )


def everybody(tx: Transaction) -> list[tuple[str, Person | None]]:
    """All workers by time of joining, those without a login too."""
    rows = tx.connection.execute(
        select(workers.c.worker_id.label("id"), logins)
        .outerjoin(logins, logins.c.worker_id == workers.c.worker_id)
        .order_by(workers.c.created_at, workers.c.worker_id)
    )
    return [(row.id, _person(row) if row.email else None) for row in rows]


def sign_up(
    tx: Transaction,
    *,
    email: str,
    name: str,
    password: str = UNUSABLE,
    country: str | None = None,
    subdivision: str | None = None,
    adult: bool = False,
) -> str:
    """Make a worker with a login; `password` is its hash. Returns the worker's id.

    Raises `NameTaken` where somebody signs in with this email already.
    """
    if tx.connection.scalar(select(exists().where(logins.c.email == folded(email)))):
        raise NameTaken("Somebody signs in with this email already.")
    worker_id = ids.person_id()
    work.register(tx, worker_id)
    tx.connection.execute(
        insert(logins).values(
            worker_id=worker_id,
            email=folded(email),
            name=name,
            password=password,
            country=country,
            subdivision=subdivision,
            adult=adult,
            created_at=tx.wall,
        )
    )
    return worker_id


def change(
    tx: Transaction,
    worker_id: str,
    *,
    email: str,
    name: str,
    country: str | None,
    subdivision: str | None,
    adult: bool,
) -> None:
    """Change what a person said of themselves; raises `NameTaken` as `sign_up` does."""
    taken = exists().where(logins.c.email == folded(email), logins.c.worker_id != worker_id)
    if tx.connection.scalar(select(taken)):
        raise NameTaken("Somebody else signs in with this email.")
    tx.connection.execute(
        update(logins)
        .where(logins.c.worker_id == worker_id)
        .values(
            email=folded(email), name=name, country=country, subdivision=subdivision, adult=adult
        )
    )


def set_password(tx: Transaction, worker_id: str, password: str) -> None:
    """Keep the hash of a new password; who was signed in with the old one is no longer."""
    tx.connection.execute(
        update(logins).where(logins.c.worker_id == worker_id).values(password=password)
    )
    sessions.close_all(tx, "worker", worker_id)


def rehash(tx: Transaction, worker_id: str, password: str) -> None:
    """Keep the same password's hash at today's cost."""
    tx.connection.execute(
        update(logins).where(logins.c.worker_id == worker_id).values(password=password)
    )


def close(tx: Transaction, worker_id: str) -> None:
    """End a person's login for good, and return what they hold; their record stays."""
    existing(tx, worker_id)
    work.give_back_all(tx, worker_id)
    sessions.close_all(tx, "worker", worker_id)
    _drop_links(tx, worker_id)
    tx.connection.execute(
        update(logins).where(logins.c.worker_id == worker_id).values(closed_at=tx.wall)
    )


def make_link(tx: Transaction, purpose: Purpose, worker_id: str | None = None) -> str:
    """A secret for one use, that stands for a password or an invitation; only its hash is kept."""
    if worker_id is not None:
        if existing(tx, worker_id).closed_at is not None:
            raise UnknownWorker(f"The login of {worker_id} was closed.")
        _drop_links(tx, worker_id)
    token = secrets.token_urlsafe(24)
    tx.connection.execute(
        insert(links).values(
            token=sessions.digest(token),
            purpose=purpose,
            worker_id=worker_id,
            created_at=tx.wall,
            expires_at=tx.wall + LINK_LASTS[purpose],
        )
    )
    return token


def check_link(tx: Transaction, purpose: Purpose, token: str) -> str | None:
    """The worker whom an unused link is for (none on invitations); raises `InvalidLink`."""
    row = tx.connection.execute(
        select(links).where(
            links.c.token == sessions.digest(token),
            links.c.purpose == purpose,
            links.c.used_at.is_(None),
            links.c.expires_at > tx.wall,
        )
    ).one_or_none()
    if row is None:
        raise InvalidLink("This link was used before, or is too old: ask for a new one.")
    return None if row.worker_id is None else str(row.worker_id)


def use_link(tx: Transaction, purpose: Purpose, token: str) -> str | None:
    """As `check_link`, and the link is used up."""
    worker_id = check_link(tx, purpose, token)
    tx.connection.execute(
        update(links).where(links.c.token == sessions.digest(token)).values(used_at=tx.wall)
    )
    return worker_id


def folded(email: str) -> str:
    """How an email is kept and compared."""
    return email.strip().casefold()


def _drop_links(tx: Transaction, worker_id: str) -> None:
    tx.connection.execute(
        update(links)
        .where(links.c.worker_id == worker_id, links.c.used_at.is_(None))
        .values(used_at=tx.wall)
    )


def _person(row: Row[tuple[object, ...]]) -> Person:
    columns = row._mapping
    return Person(**{name: columns[name] for name in Person.__dataclass_fields__})
