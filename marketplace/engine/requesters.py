"""Requesters: who posts HITs, and the keys they sign with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, insert, select, update

from marketplace.engine import ids
from marketplace.engine.transaction import Transaction
from marketplace.errors import NameTaken, UnknownAccessKey, UnknownRequester
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


@dataclass(frozen=True, kw_only=True)
class StoredKey:
    """An access key as it is kept, its secret sealed."""

    access_key_id: str
    requester_id: str
    sealed_secret: str
    created_at: datetime
    revoked_at: datetime | None


def add(tx: Transaction, name: str) -> AccessKey:
    """Make a requester and a key, whose secret is not shown again; raises `NameTaken`."""
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
    return add_key(tx, requester_id)


def add_key(tx: Transaction, requester_id: str) -> AccessKey:
    """Make a further key; raises `KeyFileError` if the secrets so far cannot be read."""
    key = AccessKey(access_key_id=ids.access_key_id(), secret_access_key=ids.secret_access_key())
    if not any_secret_is_readable(tx):
        tx.secrets.make()
    tx.connection.execute(
        insert(access_keys).values(
            access_key_id=key.access_key_id,
            requester_id=requester_id,
            secret=tx.secrets.seal(key.secret_access_key),
            created_at=tx.now,
        )
    )
    return key


def any_secret_is_readable(tx: Transaction) -> bool:
    """Whether a key in force has a secret that the key file opens; False where no key is in force.

    Raises `KeyFileError` where a key is in force and the key file does not fit.
    """
    sealed = tx.connection.scalar(
        select(access_keys.c.secret).where(access_keys.c.revoked_at.is_(None)).limit(1)
    )
    if sealed is not None:
        tx.secrets.unseal(sealed)
    return sealed is not None


def revoke(tx: Transaction, access_key_id: str) -> None:
    """Nothing signed with this key is heard from now on; raises `UnknownAccessKey`."""
    key = key_of(tx.connection, access_key_id)
    if key is None:
        raise UnknownAccessKey(
            f"There is no access key {access_key_id!r}: `marketplace requester list` shows all."
        )
    tx.connection.execute(
        update(access_keys)
        .where(access_keys.c.access_key_id == access_key_id, access_keys.c.revoked_at.is_(None))
        .values(revoked_at=tx.now)
    )


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


def name_of(tx: Transaction, requester_id: str) -> str | None:
    """The name of a requester, None where there is none of that id."""
    return tx.connection.scalar(
        select(requesters.c.name).where(requesters.c.requester_id == requester_id)
    )


def keys_held(tx: Transaction, requester_id: str) -> list[StoredKey]:
    """All keys of a requester, the revoked too, oldest first."""
    rows = tx.connection.execute(
        select(access_keys)
        .where(access_keys.c.requester_id == requester_id)
        .order_by(access_keys.c.created_at, access_keys.c.access_key_id)
    )
    return [_stored(row) for row in rows]


KEY = select(access_keys).where(access_keys.c.access_key_id == bindparam("access_key_id"))


def key_of(connection: Connection, access_key_id: str) -> StoredKey | None:
    """The key of that id, revoked or not."""
    row = connection.execute(KEY, {"access_key_id": access_key_id}).one_or_none()
    return None if row is None else _stored(row)


def _stored(row: Row[Any]) -> StoredKey:
    return StoredKey(
        access_key_id=row.access_key_id,
        requester_id=row.requester_id,
        sealed_secret=row.secret,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )


def holder_with_secret(tx: Transaction, access_key_id: str, secret: str) -> str | None:
    """The id of the requester who holds this key in force and knows its secret."""
    key = key_of(tx.connection, access_key_id)
    if key is None or key.revoked_at is not None:
        return None
    kept = tx.secrets.unseal(key.sealed_secret)
    known = secrets.compare_digest(kept.encode(), secret.encode(errors="replace"))
    return key.requester_id if known else None
