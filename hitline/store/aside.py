"""Items that failed too often in a row: found, and kept from being tried for ever."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, or_, select, update

from hitline.model import Door
from hitline.store.leases import NEVER, POISONED, free
from hitline.store.pieces import pieces
from hitline.store.schema import dirt, items

# Closing pays those who answered, so it goes on for as many failures more.
_WAITS = or_(dirt.c.door != Door.CLOSE, items.c.attempts >= 2 * POISONED)
# By its marks, too: what may begin its count anew sets nothing that waits going.
_TOO_OFTEN = or_(
    items.c.attempts >= POISONED,
    items.c.chain_failures >= POISONED,
    items.c.id.in_(select(dirt.c.item_id).where(dirt.c.wall_not_before == NEVER)),
)


def poisoned(connection: Connection, pipeline: str, stage: str, wall: datetime) -> list[str]:
    """Items that are due to be tried again at a door, and have failed too often for that."""
    return list(
        connection.scalars(
            select(items.c.id)
            .join(dirt, dirt.c.item_id == items.c.id)
            .where(
                dirt.c.pipeline == pipeline,
                dirt.c.stage == stage,
                items.c.attempts >= POISONED,
                dirt.c.wall_not_before <= wall,
                _WAITS,
                free(wall),
            )
            .distinct()
            .order_by(items.c.id)
        )
    )


def set_aside(connection: Connection, item_ids: Collection[str]) -> None:
    """Keep the marks of these items, but let none of them ring before a person says so.

    Their HITs are closed and what was submitted is judged all the same, unless that fails, too.
    """
    waits = exists().where(items.c.id == dirt.c.item_id, _WAITS)
    for ids in pieces(item_ids):
        connection.execute(
            update(dirt).where(dirt.c.item_id.in_(ids), waits).values(wall_not_before=NEVER)
        )


def of_pipeline(connection: Connection, pipeline: str, stage: str | None = None) -> list[str]:
    """The items that have failed too often, they or their chain rules, in their order."""
    of_stage = [] if stage is None else [items.c.stage == stage]
    return list(
        connection.scalars(
            select(items.c.id)
            .where(items.c.pipeline == pipeline, _TOO_OFTEN, *of_stage)
            .order_by(items.c.position, items.c.id)
        )
    )


def everything(connection: Connection) -> Sequence[Row[Any]]:
    """Id, pipeline, stage, key and last problem of each item that has failed too often."""
    columns = (items.c.id, items.c.pipeline, items.c.stage, items.c.key, items.c.problem)
    return connection.execute(select(*columns).where(_TOO_OFTEN).order_by(items.c.position)).all()


def try_again(connection: Connection, item_ids: Collection[str], wall: datetime) -> None:
    """Begin anew with items that were set aside."""
    for ids in pieces(item_ids):
        anew = update(items).where(items.c.id.in_(ids))
        connection.execute(anew.values(attempts=0, chain_failures=0))
        connection.execute(update(dirt).where(dirt.c.item_id.in_(ids)).values(wall_not_before=wall))
