"""How many known items a stage has had among the others, and which there are to ask again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from hitline.model import Item
from hitline.store.database import Store
from hitline.store.items import current_versions, load
from hitline.store.pieces import pieces
from hitline.store.schema import items, mixtures


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """So many items without a known answer, and so many known ones among them, copies too."""

    others: int
    known: int


def locked(store: Store, connection: Connection, pipeline: str, stage: str) -> Mixture:
    """What the stage has had so far; nobody else adds to it before the transaction ends."""
    store.insert_new(connection, mixtures, [{"pipeline": pipeline, "stage": stage}])
    row = connection.execute(
        select(mixtures.c.others, mixtures.c.known)
        .where(mixtures.c.pipeline == pipeline, mixtures.c.stage == stage)
        .with_for_update()
    ).one()
    return Mixture(others=row.others, known=row.known)


def record(connection: Connection, pipeline: str, stage: str, now: Mixture) -> None:
    connection.execute(
        update(mixtures)
        .where(mixtures.c.pipeline == pipeline, mixtures.c.stage == stage)
        .values(others=now.others, known=now.known)
    )


def present(connection: Connection, item_ids: Sequence[str]) -> set[str]:
    """Those of the items that are there already."""
    found: set[str] = set()
    for some in pieces(item_ids):
        found |= set(connection.scalars(select(items.c.id).where(items.c.id.in_(some))))
    return found


def seen(connection: Connection, pipeline: str, stage: str) -> bool:
    """Whether the stage has a known item to ask again."""
    query = select(items.c.id).where(
        items.c.pipeline == pipeline, items.c.stage == stage, items.c.gold.is_not(None)
    )
    return connection.scalar(query.limit(1)) is not None


def known_items(
    connection: Connection, pipeline: str, stage: str
) -> tuple[list[Item], dict[str, int]]:
    """The stage's known items in order of publication, and how many copies each has."""
    of_stage = (items.c.pipeline == pipeline, items.c.stage == stage)
    ids = connection.scalars(
        select(items.c.id).where(
            *of_stage,
            items.c.gold.is_not(None),
            items.c.copy_of.is_(None),
            items.c.withdrawn.is_(False),
        )
    )
    rows = connection.execute(
        select(items.c.copy_of, func.count())
        .where(*of_stage, items.c.copy_of.is_not(None))
        .group_by(items.c.copy_of)
    )
    return load(connection, ids), {row[0]: row[1] for row in rows}


def current_version(connection: Connection, pipeline: str, stage: str) -> int:
    """The version of the stage under which copies are published now."""
    return current_versions(connection, pipeline)[stage]
