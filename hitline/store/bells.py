"""When each stage's bells were rung, answered and done with: so that wakes coalesce."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from hitline.model import Door
from hitline.store import repairs
from hitline.store.database import Store
from hitline.store.leases import LEASE, Waiting
from hitline.store.schema import bells

AT_MOST_EVERY = timedelta(seconds=1)
UNANSWERED = timedelta(seconds=10)
"""Wall time after which a bell that started no run is rung again; twice as long each time."""
UNANSWERED_AT_MOST = timedelta(seconds=30)
"""What may have been lost thrice is not waited for any longer than that."""


def unanswered(connection: Connection, waiting: Sequence[Waiting], wall: datetime) -> list[Waiting]:
    """Those bells that are to be rung again now, because no run came for the last time."""
    rung = _rung(connection)
    return [
        one
        for one in waiting
        if (row := rung.get(_key(one))) is not None
        and _may_ring(row, wall)
        and _missed(row) == repairs.NO_RUN_CAME
    ]


def due(
    store: Store,
    connection: Connection,
    waiting: Sequence[Waiting],
    wall: datetime,
    *,
    queued: Collection[Waiting] = (),
) -> list[Waiting]:
    """Those bells that are to be rung now; they are written down as rung.

    A run that answered drains all that is marked while it works, so it needs no second bell. Nor
    does one that is `queued` and will answer as soon as a worker takes it. What is rung again
    because nobody came, or nobody finished, is counted as a repair.
    """
    rung = _rung(connection)
    ringing = []
    again: Counter[str] = Counter()
    for one in waiting:
        row = rung.get(_key(one))
        if row is not None and not _may_ring(row, wall):
            continue
        if row is not None and one in queued:
            _note(store, connection, one.pipeline, one.stage, one.door, wall_rung_at=wall)
            continue
        ringing.append(one)
        missed = None if row is None else _missed(row)
        if missed is not None:
            again[missed] += 1
        rings = row.rings + 1 if row is not None and missed == repairs.NO_RUN_CAME else 1
        _note(store, connection, one.pipeline, one.stage, one.door, wall_rung_at=wall, rings=rings)
    repairs.count(store, connection, again, wall)
    return ringing


def answered(
    store: Store,
    connection: Connection,
    pipeline: str,
    stage: str,
    door: Door,
    wall: datetime,
    *,
    flow_run: str | None = None,
) -> None:
    """A run has begun to drain what waits."""
    _note(
        store, connection, pipeline, stage, door, wall_answered_at=wall, flow_run=flow_run or None
    )


def finished(
    store: Store, connection: Connection, pipeline: str, stage: str, door: Door, wall: datetime
) -> None:
    """A run found nothing left to drain."""
    _note(store, connection, pipeline, stage, door, wall_finished_at=wall)


def unheard(connection: Connection, waiting: Sequence[Waiting]) -> None:
    """These could not be rung: nobody took them, so they may be rung as soon as somebody does."""
    for one in waiting:
        connection.execute(
            update(bells)
            .filter_by(pipeline=one.pipeline, stage=one.stage, door=one.door)
            .values(wall_rung_at=None, rings=0)
        )


def abandoned(connection: Connection, flow_runs: Sequence[str], wall: datetime) -> None:
    """These runs are dead: the bells that they answered may ring at once."""
    unfinished = or_(
        bells.c.wall_finished_at.is_(None), bells.c.wall_finished_at < bells.c.wall_answered_at
    )
    connection.execute(
        update(bells)
        .where(bells.c.flow_run.in_(flow_runs), unfinished)
        .values(wall_finished_at=wall)
    )


def _rung(connection: Connection) -> dict[tuple[str, str, str], Row[Any]]:
    """The bells that were ever rung or answered, by stage and door."""
    rows = connection.execute(select(bells)).all()
    return {(row.pipeline, row.stage, row.door): row for row in rows}


def _key(one: Waiting) -> tuple[str, str, str]:
    return one.pipeline, one.stage, one.door


def _missed(bell: Row[Any]) -> str | None:
    """Why a bell that rang before was of no use, if it was not."""
    rung, answered, finished = bell.wall_rung_at, bell.wall_answered_at, bell.wall_finished_at
    if rung is None or (finished is not None and finished >= rung):
        return None
    if answered is not None and answered >= rung:
        return repairs.RUN_NOT_FINISHED
    return repairs.NO_RUN_CAME


def _may_ring(bell: Row[Any], wall: datetime) -> bool:
    rung, answered, finished = bell.wall_rung_at, bell.wall_answered_at, bell.wall_finished_at
    if rung is None:
        return True
    if finished is not None and finished >= rung:
        return bool(wall - rung >= AT_MOST_EVERY)
    if answered is not None and answered >= rung:
        return bool(wall - answered >= LEASE)  # the run died with its leases
    doublings = min(max(bell.rings - 1, 0), 6)
    return bool(wall - rung >= min(UNANSWERED * (1 << doublings), UNANSWERED_AT_MOST))


def _note(
    store: Store,
    connection: Connection,
    pipeline: str,
    stage: str,
    door: Door,
    **changes: datetime | str | int | None,
) -> None:
    which = {"pipeline": pipeline, "stage": stage, "door": door}
    if not store.insert_new(connection, bells, [{**which, **changes}]):
        connection.execute(update(bells).filter_by(**which).values(**changes))
