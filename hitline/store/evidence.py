"""What a stage's workers said: the answers that its labels are judged by, all at once."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from hitline.model import FINISHED, ItemState, Label
from hitline.store.items import policies
from hitline.store.schema import answers, hit_items, hits, items


class Said(NamedTuple):
    """One counted answer, the item's known answer if there is one, and whether it has settled."""

    item_id: str
    worker_id: str
    label: Label
    gold: Label | None
    settled: bool


def of_stage(connection: Connection, pipeline: str, stage: str) -> list[Said]:
    """Every counted answer of the stage, in no order. 100,000 of them take half a second."""
    # Taken out of the JSON by the database; an item's field is its own version's.
    label = case(
        *(
            (items.c.version == version, answers.c["values"][policy.field].as_string())
            for version, policy in policies(connection, pipeline, stage).items()
        )
    )
    rows = connection.execute(
        select(
            answers.c.item_id,
            answers.c.worker_id,
            label,
            items.c.gold,
            items.c.state == ItemState.SETTLED,
        )
        .join(items, items.c.id == answers.c.item_id)
        .where(items.c.pipeline == pipeline, items.c.stage == stage, answers.c.counted.is_(True))
    )
    return [Said(*row) for row in rows]


def asked(connection: Connection, pipeline: str, stage: str) -> dict[str, int]:
    """How many answers each unfinished item was asked for; slots that ran out unused count too."""
    total = func.sum(hits.c.max_assignments)
    rows = connection.execute(
        select(hit_items.c.item_id, total)
        .join(hits, hits.c.hit_id == hit_items.c.hit_id)
        .join(items, items.c.id == hit_items.c.item_id)
        .where(
            items.c.pipeline == pipeline,
            items.c.stage == stage,
            items.c.state.not_in(sorted(FINISHED)),
        )
        .group_by(hit_items.c.item_id)
    )
    return {item: int(count) for item, count in rows}
