"""Submissions as they are judged: what is known of them, and what their answers then count for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, func, or_, select, type_coerce, update

from hitline.consensus.known import meets
from hitline.model import AssignmentStatus, HitStatus
from hitline.store import revisions
from hitline.store.database import Store
from hitline.store.hits import STOPPED, HitRow
from hitline.store.items import policies
from hitline.store.schema import answers, assignments, hit_items, hits, items, standings
from hitline.store.types import UtcTime

REJECTED = "rejected"
"""Why the answers of a rejected assignment do not count."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """An assignment that somebody submitted."""

    assignment_id: str
    worker_id: str
    hit_id: str
    pipeline: str
    stage: str
    status: AssignmentStatus
    accepted_at: datetime | None
    submitted_at: datetime
    judge_by: datetime


@dataclass(frozen=True, kw_only=True)
class Record:
    """A worker's answers to a stage's known questions, and those of one submission of theirs that
    were wrong, by the keys of the items. Of a question that was asked again the first counts."""

    right: int
    known: int
    failed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a submission says of one item; `why_not`: why it does not count, if it does not."""

    key: str
    gold: str | None
    values: dict[str, Any] | None
    problem: str | None
    why_not: str | None


def find(connection: Connection, assignment_id: str) -> Submission | None:
    """The submission of that id; the newest, should the endpoint have given the id out twice."""
    return _first(connection, _submissions().where(assignments.c.assignment_id == assignment_id))


def newest_of(connection: Connection, worker_id: str) -> Submission | None:
    """The worker's newest submission on a HIT that is not disposed of: what a bonus may go to."""
    query = _submissions().where(
        assignments.c.worker_id == worker_id, hits.c.status != HitStatus.DISPOSED
    )
    return _first(connection, query)


def record(connection: Connection, hit: HitRow, assignment_id: str, worker_id: str) -> Record:
    """What the worker said to known questions of the HIT's stage since they were last pardoned."""
    versions = policies(connection, hit.pipeline, hit.stage)
    since = connection.scalar(
        select(standings.c.since).where(
            standings.c.pipeline == hit.pipeline,
            standings.c.stage == hit.stage,
            standings.c.worker_id == worker_id,
        )
    )
    first: dict[str, bool] = {}
    failed = []
    for row in connection.execute(_known(hit, worker_id)):
        policy = versions.get(row.version)
        if row.said is None or policy is None or policy.field not in row.said:
            continue
        right = meets(policy, row.said, row.gold)
        if since is None or row.submitted_at >= since:
            first.setdefault(row.root, right)
        if row.assignment_id == assignment_id and not right:
            failed.append(row.key)
    return Record(right=sum(first.values()), known=len(first), failed=tuple(failed))


def answers_of(connection: Connection, assignment_id: str, worker_id: str) -> list[Said]:
    """What a submission says of each of its items, in the order of their slots."""
    rows = connection.execute(
        select(answers, answers.c["values"].label("said"), items.c.key, items.c.gold)
        .join(items, items.c.id == answers.c.item_id)
        .join(
            hit_items,
            and_(hit_items.c.hit_id == answers.c.hit_id, hit_items.c.item_id == answers.c.item_id),
        )
        .where(answers.c.assignment_id == assignment_id, answers.c.worker_id == worker_id)
        .order_by(hit_items.c.slot)
    )
    return [
        Said(
            key=row.key,
            gold=row.gold,
            values=row.said,
            problem=row.problem,
            why_not=row.why_not,
        )
        for row in rows
    ]


def discount(store: Store, connection: Connection, hit: HitRow, who: tuple[str, str]) -> bool:
    """The answers of this (assignment, worker) do not count any more; whether any did."""
    counts = or_(answers.c.counted.is_(True), answers.c.why_not == STOPPED)
    return _weigh(store, connection, hit, who, counts, counted=False, why_not=REJECTED)


def any_rejected(connection: Connection, item_id: str) -> bool:
    """Whether an answer to the item does not count because it was rejected."""
    rejected = select(answers.c.item_id).where(
        answers.c.item_id == item_id, answers.c.why_not == REJECTED
    )
    return connection.execute(rejected.limit(1)).first() is not None


def count_again(store: Store, connection: Connection, hit: HitRow, who: tuple[str, str]) -> bool:
    """They count again, but for items that the worker has answered again meanwhile; whether any."""
    again = answers.alias("again")
    other = exists().where(
        again.c.item_id == answers.c.item_id,
        again.c.worker_id == answers.c.worker_id,
        again.c.assignment_id != answers.c.assignment_id,
        again.c.counted.is_(True),
    )
    rejected = and_(answers.c.why_not == REJECTED, ~other)
    return _weigh(store, connection, hit, who, rejected, counted=True, why_not=None)


def finished_at(connection: Connection, hit_id: str) -> datetime | None:
    """When the last of a HIT's items was finished; None for one whose items are asked anew."""
    found: datetime | None = connection.scalar(
        select(type_coerce(func.max(items.c.finished_at), UtcTime))
        .join(hit_items, hit_items.c.item_id == items.c.id)
        .where(hit_items.c.hit_id == hit_id)
    )
    return found


def unjudged(connection: Connection, hit_id: str) -> list[tuple[tuple[str, str], datetime]]:
    """((assignment, worker), submitted at) of what waits for a judgement, due or not."""
    rows = connection.execute(
        select(assignments)
        .where(assignments.c.hit_id == hit_id, assignments.c.status == AssignmentStatus.SUBMITTED)
        .order_by(assignments.c.submitted_at)
    )
    return [((row.assignment_id, row.worker_id), row.submitted_at) for row in rows]


def bring_forward(
    connection: Connection, assignment_id: str, worker_id: str, judge_by: datetime
) -> None:
    """The submission is to be judged by then already."""
    connection.execute(
        update(assignments)
        .where(
            assignments.c.assignment_id == assignment_id,
            assignments.c.worker_id == worker_id,
            assignments.c.judge_by > judge_by,
        )
        .values(judge_by=judge_by)
    )


def _weigh(
    store: Store,
    connection: Connection,
    hit: HitRow,
    who: tuple[str, str],
    which: Any,
    **values: Any,
) -> bool:
    these = and_(answers.c.assignment_id == who[0], answers.c.worker_id == who[1], which)
    if connection.execute(select(answers.c.item_id).where(these).limit(1)).first() is None:
        return False
    revision = revisions.next_of(store, connection, hit.pipeline, hit.stage)
    connection.execute(update(answers).where(these).values(revision=revision, **values))
    return True


def _known(hit: HitRow, worker_id: str) -> Select[Any]:
    return (
        select(
            answers.c.assignment_id,
            answers.c.submitted_at,
            answers.c["values"].label("said"),
            items.c.key,
            items.c.gold,
            items.c.version,
            func.coalesce(items.c.copy_of, items.c.id).label("root"),
        )
        .join(items, items.c.id == answers.c.item_id)
        .where(
            answers.c.worker_id == worker_id,
            items.c.pipeline == hit.pipeline,
            items.c.stage == hit.stage,
            items.c.gold.is_not(None),
            answers.c.problem.is_(None),
        )
        .order_by(answers.c.submitted_at, answers.c.assignment_id, answers.c.item_id)
    )


def _submissions() -> Select[Any]:
    return select(assignments, hits.c.pipeline, hits.c.stage).join(
        hits, hits.c.hit_id == assignments.c.hit_id
    )


def _first(connection: Connection, query: Select[Any]) -> Submission | None:
    newest = query.order_by(assignments.c.submitted_at.desc(), assignments.c.assignment_id)
    row: Row[Any] | None = connection.execute(newest.limit(1)).one_or_none()
    if row is None:
        return None
    return Submission(
        assignment_id=row.assignment_id,
        worker_id=row.worker_id,
        hit_id=row.hit_id,
        pipeline=row.pipeline,
        stage=row.stage,
        status=AssignmentStatus(row.status),
        accepted_at=row.accepted_at,
        submitted_at=row.submitted_at,
        judge_by=row.judge_by,
    )
