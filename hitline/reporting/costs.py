"""What each item cost: its share of what its HITs paid, exact to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import Connection, func, select, type_coerce

from hitline.money import NOTHING, cents, from_cents
from hitline.store.schema import hit_items, hits, ledger
from hitline.store.types import Cents


def costs(
    connection: Connection, pipeline: str, item_ids: Collection[str] | None = None
) -> dict[str, Decimal]:
    """Dollars paid, fees included, by item; of all items of the pipeline, or of `item_ids`.

    Over all items they add up to what the ledger says was spent on assignments; bonuses are no
    item's.
    """
    paid = _paid(connection, pipeline)
    found: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for hit_id, carried in _slots(connection, pipeline, item_ids).items():
        shares = split(paid.get(hit_id, NOTHING), len(carried))
        for item_id, share in zip(carried, shares, strict=True):
            if item_ids is None or item_id in item_ids:
                found[item_id] += share
    return dict(found)


def split(amount: Decimal, parts: int) -> list[Decimal]:
    """`amount` in `parts` equal shares of whole cents; cents left over go to the first ones."""
    each, left = divmod(cents(amount), parts)
    return [from_cents(each + (at < left)) for at in range(parts)]


def _paid(connection: Connection, pipeline: str) -> dict[str, Decimal]:
    total = type_coerce(func.sum(ledger.c.reward + ledger.c.fee), Cents)
    rows = connection.execute(
        select(ledger.c.hit_id, total)
        .where(
            ledger.c.pipeline == pipeline,
            ledger.c.entry == "settle",
            ledger.c.what == "assignment",  # a bonus is a worker's, not an item's
        )
        .group_by(ledger.c.hit_id)
    )
    return {row[0]: row[1] for row in rows}


def _slots(
    connection: Connection, pipeline: str, item_ids: Collection[str] | None
) -> dict[str, list[str]]:
    """The items of each HIT, slot by slot; of the HITs that carry one of `item_ids`, if given."""
    query = (
        select(hit_items.c.hit_id, hit_items.c.item_id)
        .join(hits, hits.c.hit_id == hit_items.c.hit_id)
        .where(hits.c.pipeline == pipeline)
        .order_by(hit_items.c.hit_id, hit_items.c.slot)
    )
    if item_ids is not None:
        about = hit_items.alias("about")
        query = query.where(
            hit_items.c.hit_id.in_(select(about.c.hit_id).where(about.c.item_id.in_(item_ids)))
        )
    slots: dict[str, list[str]] = defaultdict(list)
    for hit_id, item_id in connection.execute(query):
        slots[hit_id].append(item_id)
    return slots
