"""Destinations that take nothing, kept for those who wonder where their notifications are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from marketplace.store.schema import outages

LONGEST_DESTINATION = 2000  # characters that the table's key takes
LONGEST_REASON = 1000


def failures(connection: Connection) -> dict[str, int]:
    """How often each destination failed since it last took something."""
    rows = connection.execute(select(outages.c.destination, outages.c.failures))
    return {row.destination: row.failures for row in rows}


def note(
    connection: Connection, destination: str, reason: str, number: int, wall: datetime
) -> None:
    """The destination failed for the `number`th time in a row."""
    forget(connection, destination)
    if len(destination) <= LONGEST_DESTINATION:
        connection.execute(
            insert(outages).values(
                destination=destination,
                failed_at=wall,
                failures=number,
                reason=reason.replace("\x00", "")[:LONGEST_REASON],
            )
        )


def forget(connection: Connection, destination: str) -> None:
    """The destination took something."""
    connection.execute(delete(outages).where(outages.c.destination == destination))
