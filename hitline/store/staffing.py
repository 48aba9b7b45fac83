"""The staff queue: what waits in it, and what staff have said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, select

from hitline.facts import Control, StaffLabel
from hitline.model import ItemState, Label
from hitline.policies import STAFF_RUNG, Policy, staff_of
from hitline.store import items as item_rows
from hitline.store.database import Store
from hitline.store.schema import answers, hit_items, hits, items, staff_labels, stage_versions


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An item in the queue: since when, and why it is there."""

    item_id: str
    since: datetime | None
    why: str


def waiting(connection: Connection, pipeline: str, stage: str | None = None) -> list[Waiting]:
    """The queue, in order of publication."""
    query = select(items.c.id, items.c.finished_at, items.c.reason).where(
        items.c.pipeline == pipeline, items.c.state == ItemState.STAFF
    )
    if stage is not None:
        query = query.where(items.c.stage == stage)
    return [
        Waiting(item_id=row.id, since=row.finished_at, why=row.reason or "")
        for row in connection.execute(query.order_by(items.c.position, items.c.id))
    ]


def said(connection: Connection, item_ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """What members of staff submitted about each item since it was last asked anew, one each."""
    rows = connection.execute(
        select(answers.c.item_id, answers.c.worker_id, answers.c["values"])
        .join(hits, hits.c.hit_id == answers.c.hit_id)
        .join(items, items.c.id == answers.c.item_id)
        .where(
            answers.c.item_id.in_(sorted(set(item_ids))),
            answers.c.counted.is_(True),
            hits.c.rung == STAFF_RUNG,
            hits.c.generation >= items.c.generation,
        )
        .order_by(answers.c.submitted_at, answers.c.assignment_id)
    )
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for item_id, worker_id, values in rows:
        found.setdefault(item_id, {}).setdefault(worker_id, values)
    return {item_id: list(by_worker.values()) for item_id, by_worker in found.items()}


def in_files(connection: Connection, item_ids: Iterable[str]) -> dict[str, StaffLabel]:
    """What staff said in files about each item since it was last asked anew."""
    rows = connection.execute(
        select(staff_labels.c.item_id, staff_labels.c.label, staff_labels.c.source)
        .join(
            items,
            and_(
                items.c.id == staff_labels.c.item_id,
                items.c.generation == staff_labels.c.generation,
            ),
        )
        .where(staff_labels.c.item_id.in_(sorted(set(item_ids))))
    )
    return {row.item_id: StaffLabel(label=row.label, source=row.source) for row in rows}


def keep(
    store: Store,
    connection: Connection,
    item_id: str,
    generation: int,
    label: Label | None,
    source: str,
    at: datetime,
) -> None:
    """Write down what staff said of an item; said again before it was heeded, the last stands."""
    values = {"label": label, "source": source, "at": at}
    statement = store.insert(staff_labels).values(item_id=item_id, generation=generation, **values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[staff_labels.c.item_id, staff_labels.c.generation], set_=values
        )
    )


def not_asked(connection: Connection) -> list[str]:
    """Items in the queue about which staff are to be asked by a HIT, and none was posted yet."""
    found: list[str] = []
    for published in connection.execute(select(stage_versions)).all():
        staff = staff_of(Policy.from_json(published.policy).end)
        where = (published.pipeline, published.stage)
        if staff is None or staff.offered is None:
            continue
        if item_rows.control(connection, *where) is not Control.RUNNING:
            continue
        posted = exists().where(
            hit_items.c.item_id == items.c.id,
            hits.c.hit_id == hit_items.c.hit_id,
            hits.c.rung == STAFF_RUNG,
            hits.c.generation >= items.c.generation,
        )
        found += connection.scalars(
            select(items.c.id).where(
                items.c.pipeline == published.pipeline,
                items.c.stage == published.stage,
                items.c.version == published.version,
                items.c.state == ItemState.STAFF,
                ~posted,
            )
        )
    return found
