"""What the store knows of workers: their standing, and the known items that it rests on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from hitline.policies import Step
from hitline.standing import Evidence, Standing, median_pace
from hitline.store import sanctions
from hitline.store.schema import answers, items, paces, standings


class KnownAnswer(NamedTuple):
    """An answer to a known item, by the key of the item as it was handed in."""

    key: str
    right: bool
    submitted_at: datetime


def standings_of(
    connection: Connection,
    pipeline: str,
    stage: str | None = None,
    worker_id: str | None = None,
) -> list[Standing]:
    """How workers do, stage by stage, the least accurate first, then by id."""
    rows = connection.execute(
        select(standings)
        .where(*_where(standings, pipeline, stage, worker_id))
        .order_by(standings.c.stage)
    ).all()
    steps = sanctions.standing_steps(connection, pipeline)
    own, whole = _paces(connection, pipeline, stage)
    found = [
        _standing(
            row,
            own.get((row.stage, row.worker_id)),
            whole.get(row.stage),
            steps.get((row.stage, row.worker_id)),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.stage, one.evidence.accuracy, one.worker_id))


def judged(connection: Connection, pipeline: str, stage: str, least: int) -> list[Standing]:
    """Those whom at least so many known answers since their pardon allow to judge, by id."""
    rows = connection.execute(
        select(standings)
        .where(*_where(standings, pipeline, stage, None), standings.c.fresh_known >= least)
        .order_by(standings.c.worker_id)
    ).all()
    steps = sanctions.standing_steps(connection, pipeline)
    return [_standing(row, None, None, steps.get((row.stage, row.worker_id))) for row in rows]


def known_answers(
    connection: Connection,
    pipeline: str,
    stage: str,
    worker_id: str,
    since: datetime | None = None,
) -> list[KnownAnswer]:
    """A worker's answers to known items of a stage, in the order submitted."""
    root = items.alias("root")
    query = (
        select(root.c.key, answers.c.known_right, answers.c.submitted_at)
        .join(items, items.c.id == answers.c.item_id)
        .join(root, root.c.id == func.coalesce(items.c.copy_of, items.c.id))
        .where(*_where(answers, pipeline, stage, worker_id), answers.c.known_right.is_not(None))
        .order_by(answers.c.submitted_at, answers.c.assignment_id)
    )
    if since is not None:
        query = query.where(answers.c.submitted_at >= since)
    return [KnownAnswer(*row) for row in connection.execute(query)]


def known_since(
    connection: Connection, pipeline: str, stage: str, worker_id: str, at: datetime
) -> int:
    """How many known items of a stage the worker answered after `at`."""
    return (
        connection.scalar(
            select(func.count()).where(
                *_where(answers, pipeline, stage, worker_id),
                answers.c.known_right.is_not(None),
                answers.c.submitted_at > at,
            )
        )
        or 0
    )


def pardon(connection: Connection, pipeline: str, stage: str, worker_id: str, at: datetime) -> None:
    """What was seen of the worker before `at` leads to nothing any more."""
    connection.execute(
        update(standings)
        .where(*_where(standings, pipeline, stage, worker_id))
        .values(since=at, fresh_known=0, fresh_right=0, fresh_compared=0, fresh_agreed=0)
    )


def stages_of(
    connection: Connection, worker_id: str, pipeline: str | None = None, stage: str | None = None
) -> list[tuple[str, str]]:
    """(pipeline, stage) of what the worker has answered in."""
    query = select(standings.c.pipeline, standings.c.stage).where(
        standings.c.worker_id == worker_id
    )
    if pipeline is not None:
        query = query.where(standings.c.pipeline == pipeline)
    if stage is not None:
        query = query.where(standings.c.stage == stage)
    rows = connection.execute(query.order_by(standings.c.pipeline, standings.c.stage))
    return [(row.pipeline, row.stage) for row in rows]


def unscored(connection: Connection) -> list[tuple[str, str]]:
    """(pipeline, stage) of items whose answers are still to be entered."""
    rows = connection.execute(
        select(items.c.pipeline, items.c.stage).where(items.c.unscored.is_(True)).distinct()
    )
    return sorted((row.pipeline, row.stage) for row in rows)


def _standing(
    row: Row[Any], seconds: float | None, stage_seconds: float | None, step: Step | None
) -> Standing:
    return Standing(
        worker_id=row.worker_id,
        stage=row.stage,
        answers=row.answers,
        evidence=Evidence(
            known=row.known, right=row.right, compared=row.compared, agreed=row.agreed
        ),
        fresh=Evidence(
            known=row.fresh_known,
            right=row.fresh_right,
            compared=row.fresh_compared,
            agreed=row.fresh_agreed,
        ),
        seconds=seconds,
        stage_seconds=stage_seconds,
        step=step,
    )


def _paces(
    connection: Connection, pipeline: str, stage: str | None
) -> tuple[dict[tuple[str, str], float | None], dict[str, float | None]]:
    """The median seconds of each worker in each stage, and of each stage."""
    own: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    whole: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in connection.execute(select(paces).where(*_where(paces, pipeline, stage, None))):
        own[row.stage, row.worker_id][row.bucket] = row.answers
        whole[row.stage][row.bucket] += row.answers
    return (
        {who: median_pace(counts) for who, counts in own.items()},
        {name: median_pace(counts) for name, counts in whole.items()},
    )


def _where(
    table: Any, pipeline: str, stage: str | None, worker_id: str | None
) -> Sequence[ColumnElement[bool]]:
    conditions = [table.c.pipeline == pipeline]
    if stage is not None:
        conditions.append(table.c.stage == stage)
    if worker_id is not None:
        conditions.append(table.c.worker_id == worker_id)
    return conditions
