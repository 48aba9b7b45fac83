"""Lineage: which items were made from which, and which labels something is built on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, update

from hitline.model import Item, ItemState
from hitline.store.items import load
from hitline.store.pieces import pieces
from hitline.store.schema import hit_items, intent_items, intents, items


def made_from(connection: Connection, ids: Collection[str]) -> set[str]:
    """The items that were made from these directly, and are not withdrawn.

    What was gathered is made from the children that were gathered, and from their parent.
    """
    source = items.alias("source")
    gathered = and_(
        items.c.parent_id == source.c.parent_id, items.c.gathered_from == source.c.stage
    )
    rows = connection.scalars(
        select(items.c.id)
        .join(source, or_(items.c.parent_id == source.c.id, gathered))
        .where(source.c.id.in_(sorted(ids)), items.c.withdrawn.is_(False))
        .distinct()
    )
    return set(rows)


def descendants(connection: Connection, ids: Collection[str]) -> set[str]:
    """All that came of these items and is not withdrawn; they themselves are left out."""
    found: set[str] = set()
    newest = set(ids)
    while newest := made_from(connection, newest) - found:
        found |= newest
    return found - set(ids)


def begun(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of the items that a HIT carries, or a call about which may have taken effect."""
    carried = select(hit_items.c.item_id).where(hit_items.c.item_id.in_(sorted(ids)))
    return {*connection.scalars(carried), *called(connection, ids)}


def called(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of the items about which a call was begun that has no outcome yet."""
    return set(
        connection.scalars(
            select(intent_items.c.item_id)
            .join(intents, intents.c.token == intent_items.c.token)
            .where(intent_items.c.item_id.in_(sorted(ids)), intents.c.wall_done_at.is_(None))
        )
    )


def build_on(connection: Connection, ids: Iterable[str]) -> None:
    """These items are asked about now: the labels that they were made from are final."""
    below = [item for item in load(connection, ids) if item.parent_id is not None]
    sources = {item.parent_id for item in below if item.parent_id}
    for item in below:
        if item.gathered_from is not None:
            gathered = items.c.parent_id == item.parent_id, items.c.stage == item.gathered_from
            sources |= set(connection.scalars(select(items.c.id).where(*gathered)))
    make_final(connection, sources)


def make_final(connection: Connection, ids: Iterable[str]) -> int:
    """The labels of these items, as far as they have one, stay; how many that is news for."""
    news = 0
    for some in pieces(ids):
        news += connection.execute(
            update(items)
            .where(
                items.c.id.in_(some),
                items.c.state == ItemState.SETTLED,
                items.c.final.is_(False),
            )
            .values(final=True)
        ).rowcount
    return news


def withdraw(connection: Connection, gone: Iterable[Item], why: str, at: datetime) -> None:
    """Others will take the place of these items. Their HITs stay on record, to be closed."""
    found = list(gone)
    ids = sorted(item.id for item in found)
    connection.execute(
        update(items)
        .where(items.c.id.in_(ids))
        .values(
            state=ItemState.DROPPED,
            withdrawn=True,
            unscored=True,
            label=None,
            agreement=None,
            confidence=None,
            reason=why,
            problem=None,
            look_at=None,
            chained=True,
            would_flip=None,
            finished_at=at,
        )
    )
    parents = {item.parent_id for item in found if item.parent_id is not None}
    connection.execute(
        update(items).where(items.c.id.in_(sorted(parents))).values(remade=items.c.remade + 1)
    )
