"""What became of a pipeline's finished items: what a forecast may go by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean

from sqlalchemy import ColumnElement, Connection, func, or_, select

from hitline.model import FINISHED, ItemState
from hitline.prospects import PastItem, PastStage
from hitline.reporting.checked import Asked, right
from hitline.store.schema import answers, assignments, hit_items, hits, items
from hitline.wage import Work, typical


@dataclass
class _Counts:
    """What hangs on items, by their id."""

    answers: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    children: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))


def past(
    connection: Connection,
    pipeline: str,
    asked: Asked,
    since: datetime | None = None,
) -> dict[str, PastStage]:
    """The finished items of each stage in `asked`.

    `since`: only of what was published then, at that very moment, and what came from it. Left out
    are copies of known items, and items that a person ended before their time.
    """
    chosen = _chosen(pipeline, since)
    counts = _counts(connection, pipeline)
    parent = items.alias("parent")
    rows = connection.execute(
        select(items, parent.c.finished_at.label("begun_at"))
        .outerjoin(parent, parent.c.id == items.c.parent_id)
        .where(*chosen, items.c.stage.in_(list(asked)))
        .order_by(items.c.position, items.c.id)
    )
    found: dict[str, list[PastItem]] = defaultdict(list)
    unfinished: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.state not in [str(state) for state in FINISHED] or row.finished_at is None:
            unfinished[row.stage] += 1
            continue
        begun = row.begun_at or row.created_at
        found[row.stage].append(
            PastItem(
                answers=counts.answers[row.id],
                hours=max(0.0, (row.finished_at - begun).total_seconds() / 3600),
                settled=row.state == ItemState.SETTLED,
                right=right(asked, row.stage, row.state, row.label, row.gold),
                agreement=row.agreement,
                children=counts.children[row.id],
            )
        )
    return {
        stage: PastStage(
            items=tuple(found[stage]),
            unfinished=unfinished[stage],
            seconds=_seconds(connection, pipeline, stage),
            a_day=_a_day(connection, pipeline, stage),
        )
        for stage in asked
    }


def _chosen(pipeline: str, since: datetime | None) -> list[ColumnElement[bool]]:
    chosen = [
        items.c.pipeline == pipeline,
        items.c.withdrawn.is_(False),
        items.c.copy_of.is_(None),
    ]
    stopped = (
        select(hit_items.c.item_id)
        .join(hits, hits.c.hit_id == hit_items.c.hit_id)
        .where(hits.c.pipeline == pipeline, hits.c.ended_by_us.is_(True))
    )
    chosen.append(items.c.id.not_in(stopped))
    never_asked = ~select(hit_items.c.item_id).where(hit_items.c.item_id == items.c.id).exists()
    chosen.append(~((items.c.state == ItemState.DROPPED) & never_asked))
    if since is not None:
        roots = select(items.c.id).where(
            items.c.pipeline == pipeline, items.c.created_at == since, items.c.parent_id.is_(None)
        )
        chosen.append(or_(items.c.id.in_(roots), items.c.root_id.in_(roots)))
    return chosen


def _counts(connection: Connection, pipeline: str) -> _Counts:
    counts = _Counts()
    of_pipeline = items.c.pipeline == pipeline
    asked = connection.execute(
        select(answers.c.item_id, hits.c.rung, func.count())
        .join(items, items.c.id == answers.c.item_id)
        .join(hits, hits.c.hit_id == answers.c.hit_id)
        .where(of_pipeline)
        .group_by(answers.c.item_id, hits.c.rung)
    )
    for item_id, rung, count in asked:
        counts.answers[item_id][rung] = count
    made = connection.execute(
        select(items.c.parent_id, items.c.stage, func.count())
        .where(of_pipeline, items.c.parent_id.is_not(None), items.c.withdrawn.is_(False))
        .group_by(items.c.parent_id, items.c.stage)
    )
    for parent_id, stage, count in made:
        counts.children[parent_id][stage] = count
    return counts


def _seconds(connection: Connection, pipeline: str, stage: str) -> float:
    """The typical time of a submission in a stage."""
    rows = connection.execute(
        select(assignments.c.worker_id, assignments.c.accepted_at, assignments.c.submitted_at)
        .join(hits, hits.c.hit_id == assignments.c.hit_id)
        .where(hits.c.pipeline == pipeline, hits.c.stage == stage)
    )
    works = [
        Work(worker_id=row.worker_id, accepted_at=row.accepted_at, submitted_at=row.submitted_at)
        for row in rows
    ]
    return typical(works) / timedelta(seconds=1)


def _a_day(connection: Connection, pipeline: str, stage: str) -> float:
    """How many submissions a worker makes in a stage on a day on which they make any."""
    rows = connection.execute(
        select(assignments.c.worker_id, func.date(assignments.c.submitted_at), func.count())
        .join(hits, hits.c.hit_id == assignments.c.hit_id)
        .where(hits.c.pipeline == pipeline, hits.c.stage == stage)
        .group_by(assignments.c.worker_id, func.date(assignments.c.submitted_at))
    )
    counts = [row[2] for row in rows]
    return fmean(counts) if counts else 1.0
