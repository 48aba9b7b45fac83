"""Hourly wages: which approved work was not reckoned yet, and what was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    insert,
    select,
    tuple_,
    type_coerce,
    update,
)

from hitline.model import AssignmentStatus
from hitline.money import NOTHING
from hitline.policies import Policy
from hitline.store.database import Store
from hitline.store.schema import (
    assignments,
    hit_items,
    hits,
    items,
    stage_versions,
    wage_days,
    wage_spells,
)
from hitline.store.types import Cents
from hitline.wage import Day, Spell, Work

SAMPLE = 1000
"""A stage's newest submissions, from which its typical time is taken."""

Published = tuple[str, int]
"""A stage and a version of its policy."""


@dataclass(frozen=True, kw_only=True)
class Approved:
    """Approved work that no day covers yet."""

    assignment_id: str
    stage: str
    reward: Decimal
    wage: Decimal
    work: Work


def rates(connection: Connection) -> dict[str, dict[Published, Decimal]]:
    """The hourly wages by pipeline; those without any are left out."""
    found: dict[str, dict[Published, Decimal]] = {}
    for row in connection.execute(select(stage_versions)):
        wage = Policy.from_json(row.policy).hourly_wage
        if wage is not None:
            found.setdefault(row.pipeline, {})[row.stage, row.version] = wage
    return found


def to_reckon(
    connection: Connection,
    pipeline: str,
    day: date,
    before: datetime,
    wages: Collection[Published],
) -> list[str]:
    """Workers with approved work that no day covers, and whose `day` was not reckoned yet."""
    reckoned = exists().where(
        wage_days.c.pipeline == pipeline,
        wage_days.c.worker_id == assignments.c.worker_id,
        wage_days.c.day == day,
    )
    query = _uncovered(select(assignments.c.worker_id), pipeline, before, wages)
    return list(connection.scalars(query.where(~reckoned).distinct()))


def approved(
    connection: Connection,
    pipeline: str,
    worker_id: str,
    before: datetime,
    wages: Mapping[Published, Decimal],
) -> list[Approved]:
    """A worker's approved work submitted before then that no day covers, in the order submitted."""
    columns = select(assignments, hits.c.stage, hits.c.reward, items.c.version)
    rows = connection.execute(
        _uncovered(columns, pipeline, before, wages)
        .where(assignments.c.worker_id == worker_id)
        .order_by(assignments.c.submitted_at, assignments.c.assignment_id)
    )
    return [
        Approved(
            assignment_id=row.assignment_id,
            stage=row.stage,
            reward=row.reward,
            wage=wages[row.stage, row.version],
            work=Work(
                worker_id=worker_id, accepted_at=row.accepted_at, submitted_at=row.submitted_at
            ),
        )
        for row in rows
    ]


def newest(connection: Connection, pipeline: str, stage: str) -> list[Work]:
    """The stage's newest submissions, whatever became of them."""
    rows = connection.execute(
        select(assignments.c.worker_id, assignments.c.accepted_at, assignments.c.submitted_at)
        .join(hits, hits.c.hit_id == assignments.c.hit_id)
        .where(hits.c.pipeline == pipeline, hits.c.stage == stage)
        .order_by(assignments.c.submitted_at.desc(), assignments.c.assignment_id)
        .limit(SAMPLE)
    )
    return [
        Work(worker_id=row.worker_id, accepted_at=row.accepted_at, submitted_at=row.submitted_at)
        for row in rows
    ]


def covered(connection: Connection, pipeline: str, worker_id: str, since: datetime) -> list[Spell]:
    """The worker's time after `since` that reckoned days have covered."""
    rows = connection.execute(
        select(wage_spells).where(
            wage_spells.c.pipeline == pipeline,
            wage_spells.c.worker_id == worker_id,
            wage_spells.c.ended_at > since,
        )
    )
    return [Spell(start=row.started_at, end=row.ended_at, wage=row.wage) for row in rows]


def record_day(
    store: Store, connection: Connection, pipeline: str, worker_id: str, day: date, reckoned: Day
) -> bool:
    """Write a worker's day down, once; whether it was new."""
    row = {
        "pipeline": pipeline,
        "worker_id": worker_id,
        "day": day,
        "seconds": reckoned.worked // timedelta(seconds=1),
        "worth": reckoned.worth,
        "rewards": reckoned.rewards,
        "due": reckoned.due,
    }
    return store.insert_new(connection, wage_days, [row]) == 1


def record_spells(
    connection: Connection,
    pipeline: str,
    day: date,
    spells: Sequence[tuple[Approved, Spell]],
) -> None:
    """Say which assignments a day covered, and with what time."""
    for work, spell in spells:
        connection.execute(
            insert(wage_spells).values(
                assignment_id=work.assignment_id,
                worker_id=work.work.worker_id,
                pipeline=pipeline,
                day=day,
                started_at=spell.start,
                ended_at=spell.end,
                wage=spell.wage,
            )
        )


def owed(connection: Connection, pipeline: str, worker_id: str) -> Decimal:
    """What the worker's days came to that no bonus was ordered for."""
    total = connection.scalar(
        select(type_coerce(func.sum(wage_days.c.due), Cents)).where(
            *_unordered(pipeline, worker_id)
        )
    )
    return NOTHING if total is None else total


def ordered(connection: Connection, pipeline: str, worker_id: str, token: str) -> None:
    """These days' top-ups went into a bonus."""
    connection.execute(
        update(wage_days).where(*_unordered(pipeline, worker_id)).values(token=token)
    )


def _uncovered(
    columns: Select[Any], pipeline: str, before: datetime, wages: Collection[Published]
) -> Select[Any]:
    """Approved work that no day covers, of the versions of stages that have a wage."""
    covers = exists().where(
        wage_spells.c.assignment_id == assignments.c.assignment_id,
        wage_spells.c.worker_id == assignments.c.worker_id,
    )
    return (
        columns.select_from(assignments)
        .join(hits, hits.c.hit_id == assignments.c.hit_id)
        .join(hit_items, and_(hit_items.c.hit_id == hits.c.hit_id, hit_items.c.slot == 1))
        .join(items, items.c.id == hit_items.c.item_id)
        .where(
            hits.c.pipeline == pipeline,
            tuple_(hits.c.stage, items.c.version).in_(sorted(wages)),
            assignments.c.status == AssignmentStatus.APPROVED,
            assignments.c.submitted_at < before,
            ~covers,
        )
    )


def _unordered(pipeline: str, worker_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        wage_days.c.pipeline == pipeline,
        wage_days.c.worker_id == worker_id,
        wage_days.c.token.is_(None),
    )
