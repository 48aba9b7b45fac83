"""Sanctions: the steps that were taken about workers, with their evidence, and those taken back.

A row is written before anything is done about the worker. It is done with at `wall_done_at`, and,
once taken back (`undone_at`), that is done with at `wall_undone_at`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from hitline.model import FINISHED
from hitline.policies import Step
from hitline.store import revisions
from hitline.store.database import Store
from hitline.store.hits import STOPPED
from hitline.store.schema import answers, items, sanctions, standings
from hitline.tokens import call_token

STANDARDS, PERSON = "standards", "person"
"""By whom a step was taken: by the stage's declared standards, or by somebody's word."""

_AWAY = [str(Step.STOP), str(Step.BLOCK)]
"""The steps after which a worker's answers do not count."""


@dataclass(frozen=True, kw_only=True)
class Sanction:
    """A step about a worker in a stage. `evidence`: counts, interval, and keys of known items."""

    id: int
    token: str
    pipeline: str
    stage: str
    worker_id: str
    step: Step
    by: str
    reason: str
    message: str | None
    evidence: Mapping[str, Any]
    at: datetime
    done: bool
    problem: str | None
    undone_at: datetime | None
    undone_why: str | None


def take(
    store: Store,
    connection: Connection,
    *,
    pipeline: str,
    stage: str,
    worker_id: str,
    step: Step,
    by: str,
    reason: str,
    message: str | None,
    evidence: Mapping[str, Any],
    at: datetime,
) -> Sanction | None:
    """Write a step down, if it does not stand already."""
    if step in steps_against(connection, pipeline, stage, worker_id):
        return None
    earlier = connection.scalar(
        select(func.count()).where(*_about(pipeline, stage, worker_id), sanctions.c.step == step)
    )
    # The same of two runs at once, of which one writes it.
    token = call_token("sanction", pipeline, stage, worker_id, step, earlier)
    row = {
        "token": token,
        "pipeline": pipeline,
        "stage": stage,
        "worker_id": worker_id,
        "step": step,
        "by": by,
        "reason": reason,
        "message": message,
        "evidence": dict(evidence),
        "at": at,
    }
    if not store.insert_new(connection, sanctions, [row]):
        return None
    found = connection.execute(select(sanctions).where(sanctions.c.token == token)).one()
    return _sanction(found)


def undo(
    connection: Connection, pipeline: str, stage: str, worker_id: str, why: str, at: datetime
) -> list[Sanction]:
    """Take back every step that stands against a worker in a stage; those that were."""
    standing = [
        one for one in of_worker(connection, worker_id, pipeline, stage) if one.undone_at is None
    ]
    connection.execute(
        update(sanctions)
        .where(sanctions.c.id.in_([one.id for one in standing]))
        .values(undone_at=at, undone_why=why, wall_begun_at=None)
    )
    return standing


def unfinished(connection: Connection, pipeline: str, stage: str) -> list[Sanction]:
    """Steps that were written down and not carried out, or taken back and not lifted, in order."""
    rows = connection.execute(
        select(sanctions)
        .where(sanctions.c.pipeline == pipeline, sanctions.c.stage == stage, _open())
        .order_by(sanctions.c.id)
    )
    return [_sanction(row) for row in rows]


def stages_with_unfinished(connection: Connection) -> list[tuple[str, str]]:
    """(pipeline, stage) of steps that are still to be carried out or lifted."""
    rows = connection.execute(
        select(sanctions.c.pipeline, sanctions.c.stage).where(_open()).distinct()
    )
    return sorted((row.pipeline, row.stage) for row in rows)


def begin(connection: Connection, number: int, wall: datetime, patience: timedelta) -> bool:
    """Whether this run is to carry the step out, or lift it: no other has begun to lately."""
    begun = sanctions.c.wall_begun_at
    return (
        connection.execute(
            update(sanctions)
            .where(sanctions.c.id == number, or_(begun.is_(None), begun < wall - patience))
            .values(wall_begun_at=wall)
        ).rowcount
        == 1
    )


def done(connection: Connection, number: int, wall: datetime, problem: str | None = None) -> None:
    """The step was carried out."""
    _change(connection, number, wall_done_at=wall, problem=problem)


def lifted(connection: Connection, number: int, wall: datetime, problem: str | None) -> None:
    """What the step had done was taken back."""
    _change(connection, number, wall_undone_at=wall, problem=problem)


def in_trouble(connection: Connection, number: int, problem: str) -> None:
    """It could not be carried out, or lifted, and is tried again."""
    _change(connection, number, problem=problem)


def of_worker(
    connection: Connection, worker_id: str, pipeline: str | None = None, stage: str | None = None
) -> list[Sanction]:
    """Every step that was ever taken about a worker, oldest first."""
    query = select(sanctions).where(sanctions.c.worker_id == worker_id)
    if pipeline is not None:
        query = query.where(sanctions.c.pipeline == pipeline)
    if stage is not None:
        query = query.where(sanctions.c.stage == stage)
    return [_sanction(row) for row in connection.execute(query.order_by(sanctions.c.id))]


def standing_steps(connection: Connection, pipeline: str) -> dict[tuple[str, str], Step]:
    """The strictest step that stands, by stage and worker."""
    rows = connection.execute(
        select(sanctions.c.stage, sanctions.c.worker_id, sanctions.c.step).where(
            sanctions.c.pipeline == pipeline, sanctions.c.undone_at.is_(None)
        )
    )
    order = list(Step)
    found: dict[tuple[str, str], Step] = {}
    for stage, worker_id, name in rows:
        step, before = Step(name), found.get((stage, worker_id))
        if before is None or order.index(step) > order.index(before):
            found[stage, worker_id] = step
    return found


def steps_against(
    connection: Connection, pipeline: str, stage: str, worker_id: str
) -> dict[Step, Sanction]:
    """The steps that stand against a worker in a stage."""
    rows = connection.execute(
        select(sanctions)
        .where(*_about(pipeline, stage, worker_id), sanctions.c.undone_at.is_(None))
        .order_by(sanctions.c.id)
    )
    return {Step(row.step): _sanction(row) for row in rows}


def stopped(connection: Connection, pipeline: str, stage: str) -> set[str]:
    """The workers whose answers in the stage do not count."""
    return set(
        connection.scalars(
            select(sanctions.c.worker_id).where(
                sanctions.c.pipeline == pipeline,
                sanctions.c.stage == stage,
                sanctions.c.step.in_(_AWAY),
                sanctions.c.undone_at.is_(None),
            )
        )
    )


def slipped_in(connection: Connection, pipeline: str, stage: str) -> list[str]:
    """Workers who were stopped, and of whose answers one counts: it came in the same moment."""
    away = (
        sanctions.c.worker_id == answers.c.worker_id,
        sanctions.c.step.in_(_AWAY),
        sanctions.c.undone_at.is_(None),
    )
    query = (
        select(answers.c.worker_id)
        .join(
            sanctions,
            and_(
                sanctions.c.pipeline == answers.c.pipeline,
                sanctions.c.stage == answers.c.stage,
                *away,
            ),
        )
        .where(
            sanctions.c.pipeline == pipeline,
            sanctions.c.stage == stage,
            answers.c.counted.is_(True),
        )
    )
    return sorted(set(connection.scalars(query)))


def blocked(connection: Connection, worker_id: str) -> bool:
    """Whether a block stands against the worker, in whatever stage it was decided on."""
    query = select(sanctions.c.id).where(
        sanctions.c.worker_id == worker_id,
        sanctions.c.step == Step.BLOCK,
        sanctions.c.undone_at.is_(None),
    )
    return connection.scalar(query.limit(1)) is not None


def reweigh(
    store: Store, connection: Connection, pipeline: str, stage: str, worker_id: str, *, count: bool
) -> list[str]:
    """Have a worker's answers in a stage not count any more, or again; the items that it touches.

    What does not count for another reason is left as it is.
    """
    lock(connection, pipeline, stage, worker_id)
    now = and_(answers.c.counted.is_(False), answers.c.why_not == STOPPED)
    if not count:
        now = answers.c.counted.is_(True)
    touched = connection.scalars(
        update(answers)
        .where(
            answers.c.worker_id == worker_id,
            answers.c.pipeline == pipeline,
            answers.c.stage == stage,
            now,
        )
        .values(
            counted=count,
            why_not=None if count else STOPPED,
            revision=revisions.next_of(store, connection, pipeline, stage),
        )
        .returning(answers.c.item_id)
    )
    return sorted(set(touched))


def answered(
    connection: Connection, pipeline: str, stage: str, worker_id: str, *, unfinished: bool = False
) -> list[str]:
    """The items that a worker answered in a stage; only those that are not at their end, if so."""
    query = select(answers.c.item_id).where(
        answers.c.worker_id == worker_id, answers.c.pipeline == pipeline, answers.c.stage == stage
    )
    if unfinished:
        query = query.join(items, items.c.id == answers.c.item_id).where(
            items.c.state.not_in(sorted(FINISHED))
        )
    return sorted(set(connection.scalars(query)))


def lock(connection: Connection, pipeline: str, stage: str, worker_id: str) -> None:
    """Let nobody else change the worker's counts, or act on them, before the transaction ends."""
    connection.execute(
        select(standings.c.worker_id)
        .where(
            standings.c.pipeline == pipeline,
            standings.c.stage == stage,
            standings.c.worker_id == worker_id,
        )
        .with_for_update()
    )


def _open() -> ColumnElement[bool]:
    return or_(
        sanctions.c.wall_done_at.is_(None),
        and_(sanctions.c.undone_at.is_not(None), sanctions.c.wall_undone_at.is_(None)),
    )


def _about(pipeline: str, stage: str, worker_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        sanctions.c.pipeline == pipeline,
        sanctions.c.stage == stage,
        sanctions.c.worker_id == worker_id,
    )


def _change(connection: Connection, number: int, **values: Any) -> None:
    connection.execute(update(sanctions).where(sanctions.c.id == number).values(**values))


def _sanction(row: Row[Any]) -> Sanction:
    return Sanction(
        id=row.id,
        token=row.token,
        pipeline=row.pipeline,
        stage=row.stage,
        worker_id=row.worker_id,
        step=Step(row.step),
        by=row.by,
        reason=row.reason,
        message=row.message,
        evidence=row.evidence,
        at=row.at,
        done=row.wall_done_at is not None,
        problem=row.problem,
        undone_at=row.undone_at,
        undone_why=row.undone_why,
    )
