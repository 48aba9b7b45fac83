"""Alerts: what a person should hear of. Raised once for each time that something arises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update

from hitline.store.schema import alerts


@dataclass(frozen=True, kw_only=True)
class Alert:
    """`kind`: a word for automations to match ("stage-stopped"); `subject`: what it is about, such
    as an item's id; `text`: one sentence for a person, with the way out; `number`: of its row, by
    which a person dismisses it."""

    kind: str
    pipeline: str
    stage: str
    text: str
    subject: str = ""
    number: int | None = field(default=None, compare=False)


def raise_alert(connection: Connection, alert: Alert, at: datetime) -> bool:
    """Write the alert down, unless it stands already; whether it is new."""
    if connection.scalar(select(alerts.c.id).where(_about(alert), alerts.c.wall_over_at.is_(None))):
        return False
    connection.execute(
        insert(alerts).values(
            kind=alert.kind,
            pipeline=alert.pipeline,
            stage=alert.stage,
            subject=alert.subject,
            text=alert.text,
            at=at,
        )
    )
    return True


def over(connection: Connection, alert: Alert, wall: datetime) -> None:
    """What the alert told of is in order again; should it arise once more, it is told once more."""
    connection.execute(
        update(alerts)
        .where(_about(alert), alerts.c.wall_over_at.is_(None))
        .values(wall_over_at=wall)
    )


def dismiss(connection: Connection, number: int, wall: datetime) -> Alert | None:
    """A person has seen to it. The alert, or None if none of that number stands."""
    this = and_(alerts.c.id == number, alerts.c.wall_over_at.is_(None))
    row = connection.execute(select(alerts).where(this)).one_or_none()
    if row is None:
        return None
    connection.execute(update(alerts).where(this).values(wall_over_at=wall))
    return _alert(row)


def unsent(connection: Connection) -> list[tuple[int, Alert]]:
    """What nobody was told yet, oldest first, by number."""
    rows = connection.execute(
        select(alerts).where(alerts.c.wall_sent_at.is_(None)).order_by(alerts.c.id)
    )
    return [(row.id, _alert(row)) for row in rows]


def sent(connection: Connection, numbers: Iterable[int], wall: datetime) -> None:
    """These have been told."""
    connection.execute(
        update(alerts).where(alerts.c.id.in_(sorted(numbers))).values(wall_sent_at=wall)
    )


def standing(connection: Connection, pipeline: str | None = None) -> list[Alert]:
    """What is not in order now, oldest first."""
    query = select(alerts).where(alerts.c.wall_over_at.is_(None)).order_by(alerts.c.id)
    if pipeline is not None:
        query = query.where(alerts.c.pipeline == pipeline)
    return [_alert(row) for row in connection.execute(query)]


def forget(connection: Connection, before: datetime) -> int:
    """Remove alerts that were over before then (wall time); how many."""
    return connection.execute(delete(alerts).where(alerts.c.wall_over_at < before)).rowcount


def _about(alert: Alert) -> ColumnElement[bool]:
    return and_(
        alerts.c.kind == alert.kind,
        alerts.c.pipeline == alert.pipeline,
        alerts.c.stage == alert.stage,
        alerts.c.subject == alert.subject,
    )


def _alert(row: Row[Any]) -> Alert:
    return Alert(
        kind=row.kind,
        pipeline=row.pipeline,
        stage=row.stage,
        subject=row.subject,
        text=row.text,
        number=row.id,
    )
