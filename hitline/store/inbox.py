"""Events as they came in: stored once, counted when repeated, and turned into marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from hitline.model import Door, EventType
from hitline.notifications import Document
from hitline.store import leases
from hitline.store.database import Store
from hitline.store.schema import events, hit_items, hits, unparsed, ways

DOORS = {
    EventType.HIT_REVIEWABLE: Door.AGGREGATE,
    EventType.HIT_EXPIRED: Door.REPOST,
    EventType.ASSIGNMENT_SUBMITTED: Door.EVALUATE,
}
"""The events that wake a flow; the others are recorded."""

EARLY_LOOK = timedelta(seconds=1.5)
"""How long an early look at a HIT waits, in wall time: the last answer's HITReviewable follows in
a moment, and one look serves both."""

FORGOTTEN_AT_ONCE = 5000
"""Events that are removed in one transaction."""


@dataclass(frozen=True, kw_only=True)
class Unresolved:
    """An event whose HIT has no row: a lost row, or somebody else's HIT."""

    identity: str
    type: EventType
    hit_id: str


def receive(
    store: Store,
    connection: Connection,
    document: Document,
    *,
    sent_at: datetime | None,
    wall: datetime,
) -> int:
    """Store a document's events and mark their items; how many events were new.

    A repeat is counted and still marks its items: what is true is read from the endpoint anyway.
    """
    fresh = 0
    for event in document.events:
        owner = _owner(connection, event.hit_id)
        row = {
            "identity": event.identity,
            "type": event.type,
            "at": event.at,
            "hit_id": event.hit_id,
            "hit_type_id": event.hit_type_id,
            "assignment_id": event.assignment_id,
            # MTurk's are shorter than the column; whoever sends another only has it recorded.
            "document_id": document.document_id and document.document_id[:64],
            "pipeline": owner[0] if owner else None,
            "stage": owner[1] if owner else None,
            "resolved": owner is not None or event.type is EventType.PING,
            "wall_sent_at": sent_at,
            "wall_received_at": wall,
        }
        if store.insert_new(connection, events, [row]):
            fresh += 1
        else:
            connection.execute(
                update(events)
                .where(events.c.identity == event.identity)
                .values(repeats=events.c.repeats + 1)
            )
        if event.hit_id is not None:
            mark_items_of(store, connection, event.hit_id, event.type, wall, sent_at=sent_at)
    return fresh


def came_by(
    store: Store, connection: Connection, way: str, types: Iterable[EventType], wall: datetime
) -> None:
    """Note by which way events of these types came, repeats included."""
    # In one order everywhere, so that two intakes do not wait for each other's rows in a circle.
    for kind, count in sorted(Counter(types).items()):
        row = {"way": way, "type": kind, "count": count, "wall_last_at": wall}
        if not store.insert_new(connection, ways, [row]):
            connection.execute(
                update(ways)
                .where(ways.c.way == way, ways.c.type == kind)
                .values(count=ways.c["count"] + count, wall_last_at=wall)
            )


def last_event(connection: Connection, kind: EventType | None = None) -> datetime | None:
    """When the last event came, or the last of a kind, by whichever way (wall time)."""
    query = select(func.max(ways.c.wall_last_at)).where(ways.c.way != "replay")
    at: datetime | None = connection.scalar(
        query if kind is None else query.where(ways.c.type == kind)
    )
    return at


def keep_unparsed(
    store: Store, connection: Connection, message_id: str, body: str, reason: str, wall: datetime
) -> None:
    """Keep what could not be read, with the reason; it shows in `hitline status`."""
    row = {
        "message_id": storable(message_id)[-100:],
        "body": storable(body),
        "reason": storable(reason),
        "wall_received_at": wall,
    }
    store.insert_new(connection, unparsed, [row])


def storable(text: str) -> str:
    """`text` with escapes for what a database cannot hold as text: NUL, and half characters."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def mark_items_of(
    store: Store,
    connection: Connection,
    hit_id: str,
    event_type: EventType,
    wall: datetime,
    *,
    sent_at: datetime | None = None,
) -> Sequence[str]:
    """Mark the items that a HIT carries for the door that this type of event opens; which they are.

    There are none where the type opens no door, or the HIT is not known.
    """
    door = DOORS.get(event_type)
    if door is None:
        return []
    query = select(hit_items.c.item_id).where(hit_items.c.hit_id == hit_id)
    carried = connection.scalars(query).all()
    leases.mark(
        store,
        connection,
        carried,
        door,
        str(event_type),
        wall,
        sent_at=sent_at,
        not_before=wall + EARLY_LOOK if door is Door.EVALUATE else wall,
    )
    return carried


def stored(
    connection: Connection,
    *,
    kind: EventType | None = None,
    hit_id: str | None = None,
    since: datetime | None = None,
) -> list[tuple[str, EventType]]:
    """HIT and type of each stored event that is about a HIT, in the order in which they came."""
    query = select(events.c.hit_id, events.c.type).where(events.c.hit_id.is_not(None))
    if kind is not None:
        query = query.where(events.c.type == kind)
    if hit_id is not None:
        query = query.where(events.c.hit_id == hit_id)
    if since is not None:
        query = query.where(events.c.wall_received_at >= since)
    rows = connection.execute(query.order_by(events.c.wall_received_at))
    return [(row.hit_id, EventType(row.type)) for row in rows]


def unread(connection: Connection, since: datetime | None = None) -> list[tuple[str, str]]:
    """(message id, body) of what could not be read, oldest first."""
    query = select(unparsed.c.message_id, unparsed.c.body).order_by(unparsed.c.id)
    if since is not None:
        query = query.where(unparsed.c.wall_received_at >= since)
    return [(row.message_id, row.body) for row in connection.execute(query)]


def read_at_last(connection: Connection, message_id: str) -> None:
    """What could not be read has been read by a later version."""
    connection.execute(delete(unparsed).where(unparsed.c.message_id == message_id))


def forget(connection: Connection, before: datetime) -> int:
    """Remove a few thousand explained events received before then (wall time); how many."""
    old = (
        select(events.c.identity)
        .where(events.c.wall_received_at < before, events.c.resolved.is_(True))
        .limit(FORGOTTEN_AT_ONCE)
    )
    return connection.execute(delete(events).where(events.c.identity.in_(old))).rowcount


def forget_unparsed(connection: Connection, before: datetime) -> int:
    """Remove unread messages received before then (wall time); how many."""
    return connection.execute(delete(unparsed).where(unparsed.c.wall_received_at < before)).rowcount


def unresolved(connection: Connection, before: datetime, most: int) -> list[Unresolved]:
    """Events received before `before` (wall time) whose HIT we still do not know."""
    rows = connection.execute(
        select(events.c.identity, events.c.type, events.c.hit_id)
        .where(events.c.resolved.is_(False), events.c.wall_received_at < before)
        .order_by(events.c.wall_received_at)
        .limit(most)
    )
    return [
        Unresolved(identity=row.identity, type=EventType(row.type), hit_id=row.hit_id)
        for row in rows
    ]


def resolve(
    connection: Connection, hit_id: str, owner: tuple[str, str] | None, problem: str | None = None
) -> None:
    """The events of a HIT are explained: they belong to a stage, or are not for us."""
    connection.execute(
        update(events)
        .where(events.c.hit_id == hit_id, events.c.resolved.is_(False))
        .values(
            resolved=True,
            pipeline=owner[0] if owner else None,
            stage=owner[1] if owner else None,
            problem=problem,
        )
    )


def early_types(connection: Connection, hit_id: str) -> Sequence[EventType]:
    """The types of events that arrived before the HIT's own row was written."""
    rows = connection.scalars(
        select(events.c.type).where(events.c.hit_id == hit_id, events.c.resolved.is_(False))
    )
    return [EventType(name) for name in rows]


def _owner(connection: Connection, hit_id: str | None) -> tuple[str, str] | None:
    if hit_id is None:
        return None
    row = connection.execute(
        select(hits.c.pipeline, hits.c.stage).where(hits.c.hit_id == hit_id)
    ).one_or_none()
    return None if row is None else (row.pipeline, row.stage)
