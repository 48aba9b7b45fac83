"""What needs a person's eye: what could not be read, what is held or stuck, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from hitline.model import ItemState
from hitline.reporting.inbox import Heard, Unparsed, heard, last_unparsed, notifications
from hitline.store import repairs
from hitline.store.alerts import Alert, standing
from hitline.store.schema import answers, dirt, events, intents, items

SHOWN = 5
"""So many of the newest unreadable things are shown."""
GROUPS = 10
"""So many reasons are shown, those of most items first."""


@dataclass(frozen=True, kw_only=True)
class UnreadableAnswer:
    """An answer that was paid and not counted, because nobody could read it."""

    key: str
    stage: str
    assignment_id: str
    worker_id: str
    problem: str
    submitted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Group:
    """So many items of a stage for the same reason."""

    stage: str
    reason: str
    items: int


@dataclass(frozen=True, kw_only=True)
class Pending:
    """So many of a kind wait, the oldest since (wall time)."""

    stage: str
    kind: str
    count: int
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Leases:
    """Items that runs work on, and those whose run went away without a word."""

    held: int
    run_out: int


@dataclass(frozen=True, kw_only=True)
class Health:
    """Counts are complete; lists hold the newest or the largest."""

    unparsed: int
    last_unparsed: tuple[Unparsed, ...]
    unreadable: int
    last_unreadable: tuple[UnreadableAnswer, ...]
    held: tuple[Group, ...]
    troubled: tuple[Group, ...]
    foreign: int
    """Events of HITs that are none of ours, or gone."""
    unexplained: int
    """Events whose HIT has no row yet."""
    heard: tuple[Heard, ...]
    marks: tuple[Pending, ...]
    leases: Leases
    undone: tuple[Pending, ...]
    """Calls that were written down and have no outcome."""
    alerts: tuple[Alert, ...]
    """What is not in order now, told or not."""
    repaired: Mapping[str, int]
    """What was missed and put right in the last day, by cause."""


def health(connection: Connection, wall: datetime, pipeline: str | None = None) -> Health:
    """The state of things at `wall`; items and what concerns them of one pipeline only, if given.

    Events are told of all pipelines, for they come through one queue.
    """
    return Health(
        unparsed=notifications(connection).unparsed,
        last_unparsed=tuple(last_unparsed(connection, SHOWN)),
        unreadable=_unreadable_count(connection, pipeline),
        last_unreadable=_last_unreadable(connection, pipeline),
        held=_groups(connection, pipeline, items.c.reason, items.c.state == ItemState.HELD),
        troubled=_groups(connection, pipeline, items.c.problem, items.c.problem.is_not(None)),
        foreign=_count(connection, events, events.c.problem.is_not(None)),
        unexplained=_count(connection, events, events.c.resolved.is_(False)),
        heard=tuple(heard(connection)),
        marks=_pending(connection, dirt, pipeline, dirt.c.door, dirt.c.wall_marked_at),
        leases=Leases(
            held=_count(connection, items, items.c.wall_lease_until >= wall, *_of(items, pipeline)),
            run_out=_count(
                connection, items, items.c.wall_lease_until < wall, *_of(items, pipeline)
            ),
        ),
        undone=_pending(
            connection,
            intents,
            pipeline,
            intents.c.kind,
            intents.c.wall_created_at,
            intents.c.wall_done_at.is_(None),
        ),
        alerts=tuple(standing(connection, pipeline)),
        repaired=repairs.by_cause(connection, wall - timedelta(days=1)),
    )


def _count(connection: Connection, table: Table, *where: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def _of(table: Table, pipeline: str | None) -> list[ColumnElement[bool]]:
    return [] if pipeline is None else [table.c.pipeline == pipeline]


def _unreadable_count(connection: Connection, pipeline: str | None) -> int:
    query = (
        select(func.count())
        .select_from(answers.join(items, items.c.id == answers.c.item_id))
        .where(answers.c.problem.is_not(None), *_of(items, pipeline))
    )
    return connection.scalar(query) or 0


def _last_unreadable(connection: Connection, pipeline: str | None) -> tuple[UnreadableAnswer, ...]:
    rows = connection.execute(
        select(answers, items.c.key, items.c.stage)
        .join(items, items.c.id == answers.c.item_id)
        .where(answers.c.problem.is_not(None), *_of(items, pipeline))
        .order_by(answers.c.submitted_at.desc(), answers.c.assignment_id)
        .limit(SHOWN)
    )
    return tuple(
        UnreadableAnswer(
            key=row.key,
            stage=row.stage,
            assignment_id=row.assignment_id,
            worker_id=row.worker_id,
            problem=row.problem,
            submitted_at=row.submitted_at,
        )
        for row in rows
    )


def _groups(
    connection: Connection,
    pipeline: str | None,
    reason: ColumnElement[Any],
    where: ColumnElement[bool],
) -> tuple[Group, ...]:
    count = func.count()
    rows = connection.execute(
        select(items.c.stage, reason, count)
        .where(where, *_of(items, pipeline))
        .group_by(items.c.stage, reason)
        .order_by(count.desc(), items.c.stage, reason)
        .limit(GROUPS)
    )
    return tuple(Group(stage=row[0], reason=row[1] or "", items=row[2]) for row in rows)


def _pending(
    connection: Connection,
    table: Table,
    pipeline: str | None,
    kind: ColumnElement[Any],
    since: ColumnElement[Any],
    *where: ColumnElement[bool],
) -> tuple[Pending, ...]:
    rows = connection.execute(
        select(table.c.stage, kind, func.count(), func.min(since))
        .where(*where, *_of(table, pipeline))
        .group_by(table.c.stage, kind)
        .order_by(table.c.stage, kind)
    )
    return tuple(Pending(stage=row[0], kind=row[1], count=row[2], since=row[3]) for row in rows)
