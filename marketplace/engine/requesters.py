"""Requesters: who posts HITs, and the keys they sign with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, bindparam, exists, insert, select

from marketplace.engine import ids
from marketplace.engine.transaction import Transaction
from marketplace.errors import NameTaken, UnknownRequester
from marketplace.store.schema import access_keys, requesters


@dataclass(frozen=True, kw_only=True)
class Requester:
    """A requester; `account` is the linked AWS account's number."""

    requester_id: str
    name: str
    account: str


@dataclass(frozen=True, kw_only=True)
class AccessKey:
    """What a requester's client is configured with."""

    access_key_id: str
    secret_access_key: str


def add(tx: Transaction, name: str) -> AccessKey:
    """Make a requester and a key; the secret is shown here and not kept.

    Signatures are not verified yet, so nothing needs it afterwards.
    """
    if tx.connection.scalar(select(exists().where(requesters.c.name == name))):
        raise NameTaken(f"There is a requester {name!r} already: choose another name.")
    requester_id = ids.person_id()
    tx.connection.execute(
        insert(requesters).values(
            requester_id=requester_id,
            name=name,
            account=ids.account_number(),
            balance=Decimal("0.00"),
            liability=Decimal("0.00"),
            created_at=tx.now,
        )
    )
    key = AccessKey(access_key_id=ids.access_key_id(), secret_access_key=ids.secret_access_key())
    tx.connection.execute(
        insert(access_keys).values(
            access_key_id=key.access_key_id,
            requester_id=requester_id,
            secret="",
            created_at=tx.now,
        )
    )
    return key


def everybody(tx: Transaction) -> list[Requester]:
    """All requesters by name."""
    rows = tx.connection.execute(select(requesters).order_by(requesters.c.name))
    return [
        Requester(requester_id=row.requester_id, name=row.name, account=row.account) for row in rows
    ]


def named(tx: Transaction, name: str) -> Requester:
    """The requester of that name."""
    row = tx.connection.execute(select(requesters).where(requesters.c.name == name)).one_or_none()
    if row is None:
        raise UnknownRequester(
            f"There is no requester {name!r}: `marketplace requester list` shows all, "
            "`marketplace requester add` makes one."
        )
    return Requester(requester_id=row.requester_id, name=row.name, account=row.account)


HOLDER = select(access_keys.c.requester_id).where(
    access_keys.c.access_key_id == bindparam("access_key_id")
)


def holder_of(connection: Connection, access_key_id: str) -> str | None:
    """The id of the requester who holds this key."""
    return connection.scalar(HOLDER, {"access_key_id": access_key_id})
