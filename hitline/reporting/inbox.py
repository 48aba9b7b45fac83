"""What came through the queue, of all pipelines together; `received_at` is wall time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from hitline.store.schema import events, unparsed, ways


@dataclass(frozen=True, kw_only=True)
class Notifications:
    """Counted in events; `received` includes the `duplicates`, not what is `unparsed`."""

    received: int
    duplicates: int
    unparsed: int


@dataclass(frozen=True, kw_only=True)
class Received:
    """An event, how often it came again, and whose it is: PIPELINE/STAGE, or why nobody's."""

    received_at: datetime
    type: str
    at: datetime | None
    repeats: int
    stage: str | None
    hit_id: str | None
    assignment_id: str | None
    problem: str | None


@dataclass(frozen=True, kw_only=True)
class Unparsed:
    """A message that is no event document, as it came."""

    received_at: datetime
    message_id: str
    reason: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Events of one type that came by one way: how many, repeats included, and when the last."""

    way: str
    type: str
    count: int
    last_at: datetime


def notifications(connection: Connection) -> Notifications:
    """What came in so far."""
    first, repeats = connection.execute(
        select(func.count(), func.coalesce(func.sum(events.c.repeats), 0)).select_from(events)
    ).one()
    return Notifications(
        received=first + repeats,
        duplicates=repeats,
        unparsed=connection.scalar(select(func.count()).select_from(unparsed)) or 0,
    )


def heard(connection: Connection) -> list[Heard]:
    """Every way and type of event that ever came."""
    rows = connection.execute(
        select(ways.c.way, ways.c.type, ways.c["count"], ways.c.wall_last_at).order_by(
            ways.c.way, ways.c.type
        )
    )
    return [Heard(way=row[0], type=row[1], count=row[2], last_at=row[3]) for row in rows]


def last_events(connection: Connection, most: int) -> list[Received]:
    """The newest events, newest first."""
    rows = connection.execute(
        select(events)
        .order_by(events.c.wall_received_at.desc(), events.c.at.desc(), events.c.identity)
        .limit(most)
    )
    return [
        Received(
            received_at=row.wall_received_at,
            type=row.type,
            at=row.at,
            repeats=row.repeats,
            stage=None if row.stage is None else f"{row.pipeline}/{row.stage}",
            hit_id=row.hit_id,
            assignment_id=row.assignment_id,
            problem=row.problem,
        )
        for row in rows
    ]


def last_unparsed(connection: Connection, most: int) -> list[Unparsed]:
    """The newest messages that could not be read, newest first."""
    rows = connection.execute(select(unparsed).order_by(unparsed.c.id.desc()).limit(most))
    return [
        Unparsed(
            received_at=row.wall_received_at,
            message_id=row.message_id,
            reason=row.reason,
            body=row.body,
        )
        for row in rows
    ]
