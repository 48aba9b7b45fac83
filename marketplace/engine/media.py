"""Whose media there are, under which names and addresses.

An address stands for one content for ever, so that it can be cached and a HIT goes on showing what
it was posted with: a file that changed gets another address under its old name, and one that
changed back its first.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row, bindparam, delete, exists, insert, select

from marketplace.engine.transaction import Transaction
from marketplace.store.schema import media

LONGEST_NAME = 255
TOKEN_BYTES = 24
TOKEN = re.compile("[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class Medium:
    """A file that is served; `name` is its path inside the folder that was added."""

    token: str
    requester_id: str
    name: str
    content_type: str
    sha256: str
    size: int
    added_at: datetime

    @property
    def address(self) -> str:
        """Where it is served, from the root of the service."""
        return f"/media/{self.token}/{quote(self.name)}"


BY_TOKEN = select(media).where(media.c.token == bindparam("token"))
BY_CONTENT = select(media).where(
    media.c.requester_id == bindparam("requester_id"),
    media.c.name == bindparam("name"),
    media.c.sha256 == bindparam("sha256"),
)


def add(
    tx: Transaction,
    requester_id: str,
    name: str,
    *,
    content_type: str,
    sha256: str,
    size: int,
) -> Medium:
    """The requester's file of that name and content, as before if it was added before."""
    key = {"requester_id": requester_id, "name": name, "sha256": sha256}
    known = tx.connection.execute(BY_CONTENT, key).one_or_none()
    if known is not None:
        return _medium(known)
    medium = Medium(
        token=secrets.token_urlsafe(TOKEN_BYTES),
        requester_id=requester_id,
        name=name,
        content_type=content_type,
        sha256=sha256,
        size=size,
        added_at=tx.now,
    )
    tx.connection.execute(insert(media), asdict(medium))
    return medium


def find(tx: Transaction, token: str, name: str) -> Medium | None:
    """What is served under this token, provided that it bears this name."""
    if not TOKEN.fullmatch(token):  # PostgreSQL takes no NUL, not even to look for it
        return None
    row = tx.connection.execute(BY_TOKEN, {"token": token}).one_or_none()
    return _medium(row) if row is not None and row.name == name else None


def listing(tx: Transaction, requester_id: str) -> list[Medium]:
    """The requester's media by name, the oldest of one name first."""
    query = select(media).where(media.c.requester_id == requester_id)
    rows = tx.connection.execute(query.order_by(media.c.name, media.c.added_at, media.c.token))
    return [_medium(row) for row in rows]


def remove(tx: Transaction, tokens: Collection[str]) -> None:
    """Take these addresses away."""
    for token in tokens:
        tx.connection.execute(delete(media).where(media.c.token == token))


def is_used(tx: Transaction, sha256: str) -> bool:
    """Whether any name, of any requester, stands for this content."""
    return bool(tx.connection.scalar(select(exists().where(media.c.sha256 == sha256))))


def _medium(row: Row[Any]) -> Medium:
    return Medium(**row._mapping)
