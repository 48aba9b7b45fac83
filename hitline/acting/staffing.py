"""Staffing: items go into the staff queue, and come out of it by what staff say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from hitline.errors import HitlineError, InvalidItems, UnreadableAnswer
from hitline.fields import spelled
from hitline.itemsfile import told
from hitline.model import Door, Item, ItemState, Label
from hitline.pipeline import Pipeline
from hitline.policies import staff_of
from hitline.stafffile import Row
from hitline.store import alerts, items, leases, staffing
from hitline.store.alerts import Alert
from hitline.wiring import Hitline


def heed(hitline: Hitline, connection: Connection, item: Item, state: ItemState) -> None:
    """An item, until now as in `item`, is in `state`: ask staff for it, or see the queue empty."""
    wall = hitline.clock.wall()
    if state is ItemState.STAFF:
        policy = items.policies(connection, item.pipeline, item.stage)[item.version]
        staff = staff_of(policy.end)
        if staff is not None and staff.offered is not None:
            leases.mark(hitline.store, connection, [item.id], Door.PUBLISH, "for staff", wall)
        alerts.raise_alert(connection, _alert(item), hitline.clock.now())
    elif item.state is ItemState.STAFF and not staffing.waiting(
        connection, item.pipeline, item.stage
    ):
        alerts.over(connection, _alert(item), wall)


def take_over(hitline: Hitline, pipeline: Pipeline, rows: Sequence[Row], file: Path) -> int:
    """Take the labels of a file over and mark their items to be settled; how many those are.

    Raises InvalidItems with line and column of up to ten problems, and then changes nothing.
    """
    problems: list[str] = []
    with hitline.store.writing() as connection:
        known = {item.id: item for item in items.load(connection, [row.item for row in rows])}
        for row in rows:
            try:
                item = _waiting(known.get(row.item), pipeline.name)
                label = spelled(pipeline.stage(item.stage).fields, row.label)
            except UnreadableAnswer as wrong:
                problems.append(f"line {row.line}, column label: {wrong}")
            except HitlineError as wrong:
                problems.append(f"line {row.line}, column item: {row.item!r} {wrong}")
            else:
                _say(hitline, connection, item, label, file.name)
        if problems:
            raise InvalidItems(f"{told(file, problems)}\nnothing was taken over")
    return len(rows)


def give_up(hitline: Hitline, pipeline: Pipeline, names: Sequence[str]) -> int:
    """Drop these items, by id or key, from the queue; how many those are.

    Raises HitlineError for a name that no item in the queue bears, and then changes nothing.
    """
    with hitline.store.writing() as connection:
        given_up = 0
        for name in names:
            found = [
                item
                for item in items.find(connection, name)
                if item.pipeline == pipeline.name and item.state is ItemState.STAFF
            ]
            if not found:
                raise HitlineError(f'no item "{name}" of {pipeline.name} is in the staff queue')
            for item in found:
                _say(hitline, connection, item, None, "by hand")
            given_up += len(found)
    return given_up


def _waiting(item: Item | None, pipeline: str) -> Item:
    """The item, if it is in the pipeline's queue."""
    if item is None or item.pipeline != pipeline:
        raise HitlineError(f"is no item of {pipeline}")
    if item.state is not ItemState.STAFF:
        raise HitlineError(f"is not in the staff queue: it is {item.state}")
    return item


def _say(
    hitline: Hitline, connection: Connection, item: Item, label: Label | None, source: str
) -> None:
    staffing.keep(
        hitline.store, connection, item.id, item.generation, label, source, hitline.clock.now()
    )
    wall = hitline.clock.wall()
    leases.mark(hitline.store, connection, [item.id], Door.AGGREGATE, "staff said", wall)


def _alert(item: Item) -> Alert:
    return Alert(
        kind="staff-queue",
        pipeline=item.pipeline,
        stage=item.stage,
        text=f"items of {item.pipeline}/{item.stage} wait for staff; "
        f'"hitline staff list --pipeline {item.pipeline}" shows them',
    )
