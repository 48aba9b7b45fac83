"""Caps: the most that a pipeline or a stage may reserve and spend, in all and on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from hitline.store import commitments
from hitline.store.database import Store
from hitline.store.schema import caps, pipelines

WHOLE = ""
"""The stage of a cap that holds for all stages of a pipeline together."""


@dataclass(frozen=True, kw_only=True)
class Cap:
    """Dollars with fees, None: no cap. `daily` is for what is reserved on one UTC business day."""

    pipeline: str
    stage: str = WHOLE
    total: Decimal | None = None
    daily: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One cap as it stands: `committed` is reserved or spent under it. `day` of a daily one."""

    pipeline: str
    stage: str
    most: Decimal
    committed: Decimal
    day: date | None = None

    @property
    def room(self) -> Decimal:
        return self.most - self.committed

    def covers(self, stage: str) -> bool:
        """Whether what the stage spends counts under it."""
        return self.stage in (WHOLE, stage)

    @property
    def named(self) -> str:
        """As a sentence calls it: the daily budget of lab/ask (10.00)."""
        about = self.pipeline if self.stage == WHOLE else f"{self.pipeline}/{self.stage}"
        return f"the {'budget' if self.day is None else 'daily budget'} of {about} ({self.most})"

    @property
    def way_out(self) -> str:
        """The command that raises it."""
        option = "--total" if self.day is None else "--daily"
        about = f"{self.pipeline} {self.stage}".strip()
        command = f'"hitline budget {about} {option} AMOUNT" raises it'
        return command if self.day is None else f"it goes on tomorrow (UTC), or {command}"


def lock(connection: Connection, pipeline: str) -> None:
    """Let nobody else reserve, or change a cap, before the transaction ends.

    On SQLite a transaction that writes is alone anyway (BEGIN IMMEDIATE).
    """
    connection.execute(
        select(pipelines.c.name).where(pipelines.c.name == pipeline).with_for_update(key_share=True)
    )


def of(connection: Connection, pipeline: str) -> list[Cap]:
    """The caps of a pipeline, its own first, then those of its stages by name."""
    rows = connection.execute(
        select(caps).where(caps.c.pipeline == pipeline).order_by(caps.c.stage)
    )
    return [_cap(row) for row in rows]


def limits(
    connection: Connection, pipeline: str, today: date, stage: str | None = None
) -> list[Limit]:
    """Every cap of the pipeline and what is under it; with `stage` those that hold for that."""
    found = []
    for cap in of(connection, pipeline):
        if stage is not None and cap.stage not in (WHOLE, stage):
            continue
        for most, day in ((cap.total, None), (cap.daily, today)):
            if most is None:
                continue
            committed = commitments.committed(connection, pipeline, cap.stage or None, day)
            found.append(
                Limit(pipeline=pipeline, stage=cap.stage, most=most, committed=committed, day=day)
            )
    return found


def put(store: Store, connection: Connection, cap: Cap) -> None:
    """Store a cap as a person has set it; the caller has locked the pipeline."""
    values = {"total": cap.total, "daily": cap.daily}
    statement = store.insert(caps).values(pipeline=cap.pipeline, stage=cap.stage, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[caps.c.pipeline, caps.c.stage], set_=values)
    )


def merged(connection: Connection, defined: Cap) -> Cap:
    """What holds once the pipeline is launched with `defined`.

    A cap that a person set holds until the definition says something else than at the last launch.
    """
    row = connection.execute(select(caps).where(_this(defined))).one_or_none()
    if row is None:
        return defined
    return Cap(
        pipeline=defined.pipeline,
        stage=defined.stage,
        total=row.total if row.defined_total == defined.total else defined.total,
        daily=row.daily if row.defined_daily == defined.daily else defined.daily,
    )


def define(store: Store, connection: Connection, defined: Cap) -> None:
    """Store what holds after a launch, and what the definition said."""
    put(store, connection, merged(connection, defined))
    connection.execute(
        caps.update()
        .where(_this(defined))
        .values(defined_total=defined.total, defined_daily=defined.daily)
    )


def _this(cap: Cap) -> ColumnElement[bool]:
    return and_(caps.c.pipeline == cap.pipeline, caps.c.stage == cap.stage)


def _cap(row: Row[Any]) -> Cap:
    return Cap(pipeline=row.pipeline, stage=row.stage, total=row.total, daily=row.daily)
