"""What items have cost so far, and which of them wait to be asked for the first time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from hitline.model import FINISHED, ItemState
from hitline.store.schema import controls, hit_items, items, ledger, stage_versions
from hitline.store.types import Cents

SAMPLE = 200
"""So many of a stage's finished items, the latest, say what an item costs."""


@dataclass(frozen=True, kw_only=True)
class Outlay:
    """What is reserved and spent on an item, in dollars with fees; a shared HIT's cost is split."""

    item_id: str
    stage: str
    committed: Decimal


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An item that was never asked."""

    item_id: str
    stage: str


def asked() -> ColumnElement[bool]:
    """Whether a HIT ever carried the item."""
    return exists().where(hit_items.c.item_id == items.c.id)


def held_back() -> ColumnElement[bool]:
    """Whether the item waits for money and was never asked."""
    return and_(items.c.state == ItemState.HELD, items.c.for_money, ~asked())


def out(connection: Connection, pipeline: str) -> list[Outlay]:
    """The unfinished items that were asked, or are about to be."""
    halfway = and_(items.c.state == ItemState.HELD, asked())
    is_out = or_(items.c.state == ItemState.OPEN, halfway)
    return _outlays(
        connection,
        select(items.c.id, items.c.stage).where(items.c.pipeline == pipeline, is_out),
    )


def finished(connection: Connection, pipeline: str, stage: str) -> list[Outlay]:
    """The latest of a stage's items that were asked and have reached their end."""
    latest: list[Row[Any]] = []
    for state in sorted(FINISHED):  # one after the other, as the index has them
        latest += connection.execute(
            select(items.c.id, items.c.finished_at)
            .where(
                items.c.pipeline == pipeline,
                items.c.stage == stage,
                items.c.state == state,
                asked(),
            )
            .order_by(items.c.finished_at.desc())
            .limit(SAMPLE)
        ).all()
    latest.sort(key=lambda row: (row.finished_at, row.id), reverse=True)
    chosen = [row.id for row in latest[:SAMPLE]]
    return _outlays(connection, select(items.c.id, items.c.stage).where(items.c.id.in_(chosen)))


def followers(connection: Connection, parents: Collection[str]) -> dict[str, int]:
    """How many items were made from these, by their stage."""
    rows = connection.execute(
        select(items.c.stage, func.count())
        .where(items.c.parent_id.in_(sorted(parents)))
        .group_by(items.c.stage)
    )
    return {row[0]: row[1] for row in rows}


def made_and_not_asked(
    connection: Connection, pipeline: str, but: Collection[str]
) -> dict[str, int]:
    """How many items that others led to wait to be asked, by stage; `but` these."""
    rows = connection.execute(
        select(items.c.stage, func.count())
        .where(
            items.c.pipeline == pipeline,
            items.c.parent_id.is_not(None),
            or_(items.c.state == ItemState.NEW, held_back()),
            items.c.id.not_in(sorted(but)),
        )
        .group_by(items.c.stage)
    )
    return {row[0]: row[1] for row in rows}


def next_ones(connection: Connection, pipeline: str, most: int) -> list[Waiting]:
    """What is held back, in the order in which it goes on: first what others led to.

    Up to `most` of each stage, so that none whose own cap is in the way keeps another from its
    turn. Not what is in a paused stage.
    """
    paused = exists().where(
        controls.c.pipeline == items.c.pipeline,
        controls.c.stage.in_(["", items.c.stage]),
        controls.c.control == "paused",
    )
    root = case((items.c.parent_id.is_(None), 1), else_=0)
    stages = select(stage_versions.c.stage).where(stage_versions.c.pipeline == pipeline).distinct()
    rows = [
        row
        for stage in connection.scalars(stages).all()
        for row in connection.execute(
            select(root.label("root"), items.c.position, items.c.id, items.c.stage)
            .where(items.c.pipeline == pipeline, items.c.stage == stage, held_back(), ~paused)
            .order_by(root, items.c.position, items.c.id)
            .limit(most)
        )
    ]
    rows.sort(key=lambda row: (row.root, row.position, row.id))
    return [Waiting(item_id=row.id, stage=row.stage) for row in rows]


def pipelines_waiting(connection: Connection) -> list[str]:
    """The pipelines of what is held back."""
    return list(connection.scalars(select(items.c.pipeline).where(held_back()).distinct()))


def say(connection: Connection, pipeline: str, stage: str, why: str) -> bool:
    """Have all of a stage that is held back bear this reason; whether any had another."""
    changed = connection.execute(
        update(items)
        .where(
            items.c.pipeline == pipeline,
            items.c.stage == stage,
            items.c.reason != why,
            held_back(),
        )
        .values(reason=why)
        .returning(items.c.id)
    )
    return changed.first() is not None


def _outlays(connection: Connection, chosen: Select[Any]) -> list[Outlay]:
    wanted = chosen.subquery()
    carrying = select(hit_items.c.hit_id).join(wanted, wanted.c.id == hit_items.c.item_id)
    sign = case((ledger.c.entry == "reserve", 1), else_=-1)
    spent = (
        select(
            ledger.c.hit_id,
            type_coerce(func.sum((ledger.c.reward + ledger.c.fee) * sign), Cents).label("spent"),
        )
        .where(ledger.c.hit_id.in_(carrying), ledger.c.entry.in_(["reserve", "release"]))
        .group_by(ledger.c.hit_id)
        .subquery()
    )
    carried = (
        select(hit_items.c.hit_id, func.count().label("together"))
        .where(hit_items.c.hit_id.in_(carrying))
        .group_by(hit_items.c.hit_id)
        .subquery()
    )
    rows = connection.execute(
        select(wanted.c.id, wanted.c.stage, spent.c.spent, carried.c.together)
        .select_from(wanted)
        .outerjoin(hit_items, hit_items.c.item_id == wanted.c.id)
        .outerjoin(spent, spent.c.hit_id == hit_items.c.hit_id)
        .outerjoin(carried, carried.c.hit_id == hit_items.c.hit_id)
    )
    total: dict[tuple[str, str], Decimal] = {}
    for item_id, stage, amount, shared in rows:
        about = (item_id, stage)
        total[about] = total.get(about, Decimal(0)) + (amount or Decimal(0)) / (shared or 1)
    return [
        Outlay(item_id=item_id, stage=stage, committed=committed)
        for (item_id, stage), committed in total.items()
    ]
