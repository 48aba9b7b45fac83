"""Names that stand for workers: the same for a worker in all exports of one database.

A keyed hash, the key being random and never leaving the database: who has the export alone can
neither turn a name back nor try out the ids of workers whom they know.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as random_keys

from sqlalchemy import Connection, select

from hitline.store.database import Store
from hitline.store.schema import secrets

NAME = "pseudonyms"
LENGTH = 20
"""Hexadecimal digits of a pseudonym: 80 bits, so that no two workers share one."""


class Pseudonyms:
    """Called with a worker's id, it gives their pseudonym."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}

    def __call__(self, worker_id: str) -> str:
        if worker_id not in self._known:
            digest = hmac.new(self._key, worker_id.encode(), hashlib.sha256).hexdigest()
            self._known[worker_id] = f"P{digest[:LENGTH].upper()}"
        return self._known[worker_id]

    def within(self, text: str, worker_id: str) -> str:
        """`text`, with the worker's id replaced where their own form sent it along."""
        return text.replace(worker_id, self(worker_id)) if worker_id in text else text


def pseudonyms(store: Store) -> Pseudonyms:
    """The pseudonyms of this database; its key is made when it is first needed."""
    with store.writing() as connection:
        fresh = {"name": NAME, "value": random_keys.token_hex(32)}
        store.insert_new(connection, secrets, [fresh])
        return Pseudonyms(_key(connection))


def _key(connection: Connection) -> bytes:
    value = connection.scalar(select(secrets.c.value).where(secrets.c.name == NAME))
    return bytes.fromhex(str(value))
