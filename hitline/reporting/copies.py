"""Copies of known items: no results of their own, but asked and paid for like any other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, func, select

from hitline.money import NOTHING
from hitline.reporting.costs import costs
from hitline.store.schema import answers, items


@dataclass(frozen=True, kw_only=True)
class Copies:
    """How many copies of known items were made, and answers came to them; what those cost."""

    items: int = 0
    answers: int = 0
    cost: Decimal = NOTHING


def copies(connection: Connection, pipeline: str) -> Copies:
    """All of the pipeline's; the cost is dollars paid so far, fees included."""
    ids = set(
        connection.scalars(
            select(items.c.id).where(items.c.pipeline == pipeline, items.c.copy_of.is_not(None))
        )
    )
    if not ids:
        return Copies()
    came = connection.scalar(
        select(func.count())
        .select_from(answers.join(items, items.c.id == answers.c.item_id))
        .where(items.c.pipeline == pipeline, items.c.copy_of.is_not(None))
    )
    # Of all items: so many ids are more than one query takes.
    paid = costs(connection, pipeline)
    return Copies(
        items=len(ids),
        answers=came or 0,
        cost=sum((paid.get(item_id, NOTHING) for item_id in ids), NOTHING),
    )
