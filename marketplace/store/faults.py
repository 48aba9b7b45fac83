"""The faults that an operator set since the service started."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from marketplace.store.schema import meta

KEY = "faults"

_kept = select(meta.c.value).where(meta.c.key == KEY)
KEPT = _kept.scalar_subquery()


def kept_faults(connection: Connection) -> str | None:
    """JSON of `marketplace.faults`, if any were set."""
    return connection.scalar(_kept)


def keep_faults(connection: Connection, text: str | None) -> None:
    """Keep these in place of what was kept; None forgets them."""
    connection.execute(delete(meta).where(meta.c.key == KEY))
    if text is not None:
        connection.execute(insert(meta), {"key": KEY, "value": text})
