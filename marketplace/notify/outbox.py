"""The outbox as the sender sees it: events without a document, and documents that are due."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from marketplace.notify.documents import EVENTS_A_DOCUMENT, Address, Document, Event
from marketplace.store.schema import outbox

_NOT_COPIED = ("id", "document_id", "sent_at", "sent_count", "lost", "copy_of")

UNDOCUMENTED = (
    select(outbox)
    .where(outbox.c.document_id.is_(None))
    .order_by(outbox.c.id)
    .limit(bindparam("limit"))
)
DUE = (
    select(outbox)
    .where(
        outbox.c.document_id.is_not(None),
        outbox.c.sent_at.is_(None),
        outbox.c.lost.is_(False),
        outbox.c.due_at <= bindparam("wall"),
        outbox.c.destination.not_in(bindparam("except_to", expanding=True)),
    )
    # A document's events leave together, so they follow upon each other.
    .order_by(outbox.c.due_at, outbox.c.document_id, outbox.c.id)
    .limit(bindparam("limit"))
)
MARK = (
    update(outbox)
    .where(outbox.c.document_id == bindparam("document"))
    .values(sent_at=bindparam("wall"), sent_count=outbox.c.sent_count + bindparam("count"))
)


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """What was drawn for a new document."""

    document: Document
    due_at: datetime
    """Wall time."""
    lost: bool


def events_without_document(connection: Connection, *, limit: int) -> list[Event]:
    """The oldest events that no document carries yet, in the order they happened."""
    rows = connection.execute(UNDOCUMENTED, {"limit": limit})
    return [event_in(row) for row in rows.mappings()]


def keep(connection: Connection, dispatches: Sequence[Dispatch]) -> None:
    """Write down which document carries which events, and when it leaves."""
    _update(
        connection,
        [
            {
                "row": event.id,
                "document_id": dispatch.document.id,
                "due_at": dispatch.due_at,
                "lost": dispatch.lost,
            }
            for dispatch in dispatches
            for event in dispatch.document.events
        ],
    )


def due_documents(
    connection: Connection, wall: datetime, *, except_to: Collection[str], limit: int
) -> list[Document]:
    """Documents to be sent by `wall`, the longest due first, except to some destinations."""
    most = limit * EVENTS_A_DOCUMENT
    rows = connection.execute(DUE, {"wall": wall, "except_to": list(except_to), "limit": most})
    documents = [
        Document(id=document_id, events=[event_in(row) for row in same])
        for document_id, same in groupby(rows.mappings(), lambda row: row["document_id"])
    ]
    # The limit may have cut the last one, which then is not among the first `limit`.
    return documents[:limit]


def mark_sent(connection: Connection, messages: Mapping[str, int], wall: datetime) -> None:
    """Documents left at `wall`, each in that many messages more."""
    if messages:
        connection.execute(
            MARK,
            [
                {"document": document, "count": count, "wall": wall}
                for document, count in messages.items()
            ],
        )


def repeat(connection: Connection, events: Sequence[Event]) -> None:
    """Have these events sent once more, in documents that are still to be made."""
    columns = [column for column in outbox.c if column.name not in _NOT_COPIED]
    connection.execute(
        insert(outbox).from_select(
            [*(column.name for column in columns), "copy_of"],
            select(*columns, outbox.c.id).where(outbox.c.id.in_([event.id for event in events])),
        )
    )


def _update(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(
            update(outbox)
            .where(outbox.c.id == bindparam("row"))
            .values({name: bindparam(name) for name in rows[0] if name != "row"}),
            rows,
        )


def event_in(row: RowMapping | Mapping[str, Any]) -> Event:
    """The event that a row of the outbox holds."""
    return Event(
        id=row["id"],
        address=Address(
            transport=row["transport"],
            destination=row["destination"],
            hit_type_id=row["hit_type_id"],
            version=row["version"],
            requester_id=row["requester_id"],
            source_account=row["source_account"],
        ),
        event_type=row["event_type"],
        at=row["at"],
        hit_id=row["hit_id"],
        assignment_id=row["assignment_id"],
        details=row["details"] or {},
        is_copy=row["copy_of"] is not None,
    )
