"""Outcomes: what became of what workers took, since a stage was last resumed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from hitline.model import EventType
from hitline.store.schema import assignments, controls, events, hits

_CAME_BACK = (EventType.ASSIGNMENT_RETURNED, EventType.ASSIGNMENT_ABANDONED)


class Outcomes(NamedTuple):
    """How much of the latest came back without an answer, and how much was submitted."""

    came_back: int
    submitted: int


def latest(
    connection: Connection,
    pipeline: str,
    stage: str,
    *,
    most: int,
    by: datetime,
    unless: float = 0,
) -> Outcomes | None:
    """The `most` latest outcomes up to `by` since the stage, or its pipeline, was last resumed.

    None if no more than `unless` came back, however much was submitted. What came back is known by
    events alone, for the API shows none of it: lost ones count it low, forged ones high.
    """
    since = connection.scalar(
        select(func.max(controls.c.since)).where(
            controls.c.pipeline == pipeline, controls.c.stage.in_(["", stage])
        )
    )
    came_back = (
        select(events.c.at)
        .where(
            events.c.pipeline == pipeline,
            events.c.stage == stage,
            events.c.type.in_(_CAME_BACK),
            events.c.at <= by,
        )
        .order_by(events.c.at.desc())
        .limit(most)
    )
    submitted = (
        select(assignments.c.submitted_at)
        .join(hits, hits.c.hit_id == assignments.c.hit_id)
        .where(
            hits.c.pipeline == pipeline,
            hits.c.stage == stage,
            assignments.c.submitted_at <= by,
        )
        .order_by(assignments.c.submitted_at.desc())
        .limit(most)
    )
    if since is not None:
        came_back = came_back.where(events.c.at > since)
        submitted = submitted.where(assignments.c.submitted_at > since)
    times = [(at, True) for at in connection.scalars(came_back)]
    if len(times) <= unless:
        return None
    times += [(at, False) for at in connection.scalars(submitted)]
    newest = sorted(times, reverse=True)[:most]
    back = sum(returned for _, returned in newest)
    return Outcomes(came_back=back, submitted=len(newest) - back)


def with_returns(connection: Connection, since: datetime) -> list[tuple[str, str]]:
    """(pipeline, stage) of what came back in events received since then (wall time)."""
    rows = connection.execute(
        select(events.c.pipeline, events.c.stage)
        .where(
            events.c.type.in_(_CAME_BACK),
            events.c.pipeline.is_not(None),
            events.c.wall_received_at > since,
        )
        .distinct()
    )
    return [(row[0], row[1]) for row in rows]
