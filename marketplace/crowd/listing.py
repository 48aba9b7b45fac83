"""What the crowd looks up in the marketplace's database; it changes nothing there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, literal_column, select

from marketplace.crowd.questions import Asked, asked_in
from marketplace.engine.states import LIVE, AssignmentStatus, HitStatus
from marketplace.store.schema import assignments, hit_types, hits

IDS_A_QUERY = 500

# Written into the statement: the index of open HITs serves no parameter.
_is_open = hits.c.status == literal_column(f"'{HitStatus.ASSIGNABLE}'")
_firsts = (
    select(func.min(hits.c.id).label("id")).where(_is_open).group_by(hits.c.hit_type_id).subquery()
)
GROUPS = (
    select(
        hits.c.hit_type_id,
        hits.c.hit_id,
        hit_types.c.title,
        hit_types.c.reward,
        hit_types.c.duration,
    )
    .join(_firsts, hits.c.id == _firsts.c.id)
    .join(hit_types, hits.c.hit_type_id == hit_types.c.hit_type_id)
    .order_by(hits.c.id)
)
NEXT = (
    select(hits.c.hit_id)
    .where(
        hits.c.hit_type_id == bindparam("hit_type_id"),
        _is_open,
        ~exists().where(
            assignments.c.hit_id == hits.c.hit_id,
            assignments.c.worker_id == bindparam("worker_id"),
        ),
    )
    .order_by(hits.c.id)
    .limit(1)
)
IN_HAND = (
    select(
        assignments.c.assignment_id,
        assignments.c.hit_id,
        assignments.c.worker_id,
        hit_types.c.reward,
        assignments.c.accepted_at,
        assignments.c.deadline,
    )
    .join(hits, assignments.c.hit_id == hits.c.hit_id)
    .join(hit_types, hits.c.hit_type_id == hit_types.c.hit_type_id)
    .where(assignments.c.status == AssignmentStatus.ACCEPTED.value)
    .order_by(assignments.c.accepted_at, assignments.c.id)
)
LAST_SUBMISSION = select(func.max(assignments.c.submitted_at)).where(
    assignments.c.worker_id == bindparam("worker_id")
)
QUESTION = select(hits.c.question).where(hits.c.hit_id == bindparam("hit_id"))


class Listed(NamedTuple):
    """An open HIT on the list of what is offered, without its question."""

    hit_id: str
    reward: Decimal
    duration: timedelta
    available: int


class Group(NamedTuple):
    """The open HITs of one type."""

    hit_type_id: str
    title: str
    reward: Decimal
    duration: timedelta
    first: str
    """The oldest one's id."""


class InHand(NamedTuple):
    """An assignment that somebody holds."""

    assignment_id: str
    hit_id: str
    worker_id: str
    reward: Decimal
    accepted_at: datetime
    deadline: datetime


@dataclass(frozen=True, kw_only=True)
class PastWork:
    """An assignment that was not returned, as it stands."""

    assignment_id: str
    hit_id: str
    worker_id: str
    accepted_at: datetime
    duration: timedelta
    status: AssignmentStatus

    @property
    def is_held(self) -> bool:
        return self.status is AssignmentStatus.ACCEPTED

    @property
    def is_abandoned(self) -> bool:
        return self.status is AssignmentStatus.ABANDONED


def open_hits(connection: Connection, now: datetime) -> list[Listed]:
    """Every HIT that can be accepted now, oldest first."""
    return [_listed(row) for row in connection.execute(_open(now).order_by(hits.c.id))]


def open_hit(connection: Connection, now: datetime, hit_id: str) -> Listed | None:
    """This HIT if it can be accepted now, else None."""
    row = connection.execute(_open(now).where(hits.c.hit_id == hit_id)).one_or_none()
    return None if row is None else _listed(row)


def _open(now: datetime) -> Select[Any]:
    taken = hits.c.held + hits.c.submitted + hits.c.approved + hits.c.rejected
    return (
        select(
            hits.c.hit_id,
            hit_types.c.reward,
            hit_types.c.duration,
            (hits.c.max_assignments - taken).label("available"),
        )
        .join(hit_types, hits.c.hit_type_id == hit_types.c.hit_type_id)
        .where(hits.c.status == HitStatus.ASSIGNABLE.value, hits.c.expires_at > now)
    )


def _listed(row: Row[Any]) -> Listed:
    return Listed(row.hit_id, row.reward, timedelta(seconds=row.duration), row.available)


def open_groups(connection: Connection) -> list[Group]:
    """Every HIT type of which a HIT is Assignable, in the order of their first ones."""
    rows = connection.execute(GROUPS)
    return [
        Group(row.hit_type_id, row.title, row.reward, timedelta(seconds=row.duration), row.hit_id)
        for row in rows
    ]


def next_hit(connection: Connection, hit_type_id: str, worker_id: str) -> str | None:
    """The type's oldest Assignable HIT that the worker never accepted."""
    return connection.scalar(NEXT, {"hit_type_id": hit_type_id, "worker_id": worker_id})


def in_hand(connection: Connection) -> list[InHand]:
    """Every assignment that somebody holds, in the order they were accepted."""
    return [InHand(*row) for row in connection.execute(IN_HAND)]


def last_submission(connection: Connection, worker_id: str) -> datetime | None:
    """When the worker last submitted anything."""
    last: datetime | None = connection.scalar(LAST_SUBMISSION, {"worker_id": worker_id})
    return last


def question(connection: Connection, hit_id: str) -> str:
    """A HIT's question."""
    return str(connection.scalar(QUESTION, {"hit_id": hit_id}))


def questions(connection: Connection, hit_ids: Collection[str]) -> dict[str, tuple[Asked, ...]]:
    """What these HITs ask the recorded crowd."""
    wanted = list(hit_ids)
    asked: dict[str, tuple[Asked, ...]] = {}
    for start in range(0, len(wanted), IDS_A_QUERY):
        rows = connection.execute(
            select(hits.c.hit_id, hits.c.question).where(
                hits.c.hit_id.in_(wanted[start : start + IDS_A_QUERY])
            )
        )
        asked.update({hit_id: asked_in(question) for hit_id, question in rows})
    return asked


def first_created(
    connection: Connection, is_meant: Callable[[tuple[Asked, ...]], bool]
) -> datetime | None:
    """When the first HIT was posted that asks what is meant, whatever became of it since."""
    rows = connection.execute(
        select(hits.c.question, hits.c.created_at)
        .order_by(hits.c.id)
        .execution_options(yield_per=IDS_A_QUERY)
    )
    return next((row.created_at for row in rows if is_meant(asked_in(row.question))), None)


def past_work(connection: Connection) -> list[PastWork]:
    """Every assignment of anyone that was not returned, in the order they were accepted."""
    counted = [status.value for status in (*LIVE, AssignmentStatus.ABANDONED)]
    rows = connection.execute(
        select(assignments)
        .where(assignments.c.status.in_(counted))
        .order_by(assignments.c.accepted_at, assignments.c.id)
    )
    return [_past_work(row) for row in rows]


def _past_work(row: Row[Any]) -> PastWork:
    return PastWork(
        assignment_id=row.assignment_id,
        hit_id=row.hit_id,
        worker_id=row.worker_id,
        accepted_at=row.accepted_at,
        duration=row.deadline - row.accepted_at,
        status=AssignmentStatus(row.status),
    )
