"""Forecasts that were made, and the runs that they were made for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hitline.store.schema import forecasts


@dataclass(frozen=True, kw_only=True)
class Made:
    """A forecast as it was made; `launched_at` is when its items were published."""

    number: int
    pipeline: str
    items: int
    source: str
    figures: Mapping[str, Mapping[str, float]]
    wall_made_at: datetime
    launched_at: datetime | None


def digest(item_ids: Iterable[str]) -> str:
    """Says which items a forecast is about, whatever their order."""
    return hashlib.sha256("\n".join(sorted(item_ids)).encode()).hexdigest()


def keep(
    connection: Connection,
    pipeline: str,
    item_ids: Iterable[str],
    figures: Mapping[str, Any],
    source: str,
    wall: datetime,
) -> None:
    """Keep a forecast of these items; should a run publish just them, it is compared with it."""
    ids = list(item_ids)
    connection.execute(
        insert(forecasts).values(
            pipeline=pipeline,
            items=len(ids),
            items_digest=digest(ids),
            source=source,
            figures=figures,
            wall_made_at=wall,
        )
    )


def launched(connection: Connection, pipeline: str, item_ids: Iterable[str], at: datetime) -> bool:
    """These items were published at `at`: their newest forecast becomes the run's."""
    newest = connection.scalar(
        select(forecasts.c.id)
        .where(
            forecasts.c.pipeline == pipeline,
            forecasts.c.items_digest == digest(item_ids),
            forecasts.c.launched_at.is_(None),
        )
        .order_by(forecasts.c.id.desc())
        .limit(1)
    )
    if newest is None:
        return False
    connection.execute(update(forecasts).where(forecasts.c.id == newest).values(launched_at=at))
    return True


def followed(connection: Connection, pipeline: str) -> list[Made]:
    """The forecasts that a run followed, oldest first."""
    rows = connection.execute(
        select(forecasts)
        .where(forecasts.c.pipeline == pipeline, forecasts.c.launched_at.is_not(None))
        .order_by(forecasts.c.launched_at, forecasts.c.id)
    )
    return [
        Made(
            number=row.id,
            pipeline=row.pipeline,
            items=row.items,
            source=row.source,
            figures=row.figures,
            wall_made_at=row.wall_made_at,
            launched_at=row.launched_at,
        )
        for row in rows
    ]
