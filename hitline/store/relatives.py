"""Relatives: who has answered about an item before, or about what it is related to."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from hitline.model import Item
from hitline.policies import Once
from hitline.store import items as item_rows
from hitline.store.schema import answers, items, pipelines


def answered_before(connection: Connection, item: Item, once: Once) -> set[str]:
    """Workers whose next answer about the item would not count, by what counts of them already."""
    return _counted(connection, [item.id]) | had_a_part(connection, item, once)


def had_a_part(connection: Connection, item: Item, once: Once) -> set[str]:
    """Workers who may not answer about the item for what they have answered elsewhere."""
    if once.per == "stage":
        return _in_stage(connection, item) | _counted(connection, related(connection, item, once))
    return _counted(connection, related(connection, item, once))


def related(connection: Connection, item: Item, once: Once) -> list[str]:
    """The items whose workers may not answer about this one, without itself.

    Of a stage named in `not_by`: the items that this one comes from, or else those that the nearest
    item on the way here led to.
    """
    found: list[str] = []
    if once.per == "parent" and item.parent_id is not None:
        found += _children(connection, item.parent_id, item.stage)
    if once.not_by:
        way = _way_here(connection, item)
        for stage in once.not_by:
            found += _of_stage(connection, way, stage)
    return [other for other in dict.fromkeys(found) if other != item.id]


def pairs_by_parent(
    connection: Connection, pipeline: str, stage: str, parents: Iterable[str]
) -> set[tuple[str, str]]:
    """(parent, worker) of what counts about the items of a stage that these led to."""
    rows = connection.execute(
        select(items.c.parent_id, answers.c.worker_id)
        .join(answers, answers.c.item_id == items.c.id)
        .where(
            items.c.pipeline == pipeline,
            items.c.stage == stage,
            items.c.parent_id.in_(sorted(set(parents))),
            answers.c.counted.is_(True),
        )
        .distinct()
    )
    return {(row[0], row[1]) for row in rows}


def submitters(connection: Connection, item_ids: Iterable[str]) -> dict[str, set[str]]:
    """Everybody who submitted anything about each of the items, counted or not."""
    rows = connection.execute(
        select(answers.c.item_id, answers.c.worker_id).where(
            answers.c.item_id.in_(sorted(set(item_ids)))
        )
    )
    found: dict[str, set[str]] = {}
    for item_id, worker_id in rows:
        found.setdefault(item_id, set()).add(worker_id)
    return found


def repeats(connection: Connection, item_ids: Iterable[str], reasons: Iterable[str]) -> list[str]:
    """The item of each answer that did not count for one of these reasons."""
    return list(
        connection.scalars(
            select(answers.c.item_id).where(
                answers.c.item_id.in_(sorted(set(item_ids))),
                answers.c.why_not.in_(sorted(reasons)),
            )
        )
    )


def lock(connection: Connection, item: Item, once: Once) -> None:
    """Let nobody else count an answer that decides whether one about this item counts."""
    if once.per == "stage":
        connection.execute(
            select(pipelines.c.name)
            .where(pipelines.c.name == item.pipeline)
            .with_for_update(key_share=True)
        )
    elif once.per == "parent" and item.parent_id is not None:
        item_rows.lock(connection, item.parent_id)


def _counted(connection: Connection, item_ids: Iterable[str]) -> set[str]:
    ids = sorted(set(item_ids))
    if not ids:
        return set()
    return set(
        connection.scalars(
            select(answers.c.worker_id).where(
                answers.c.item_id.in_(ids), answers.c.counted.is_(True)
            )
        )
    )


def _in_stage(connection: Connection, item: Item) -> set[str]:
    """Those who have answered about another item of the stage."""
    return set(
        connection.scalars(
            select(answers.c.worker_id)
            .join(items, items.c.id == answers.c.item_id)
            .where(
                items.c.pipeline == item.pipeline,
                items.c.stage == item.stage,
                items.c.id != item.id,
                answers.c.counted.is_(True),
            )
            .distinct()
        )
    )


def _children(connection: Connection, parent_id: str, stage: str) -> list[str]:
    return list(
        connection.scalars(
            select(items.c.id).where(items.c.parent_id == parent_id, items.c.stage == stage)
        )
    )


def _way_here(connection: Connection, item: Item) -> list[tuple[str, str]]:
    """(id, stage) of the items that this one comes from, the nearest first."""
    way: list[tuple[str, str]] = []
    above = item.parent_id
    while above is not None:
        row = connection.execute(
            select(items.c.id, items.c.stage, items.c.parent_id).where(items.c.id == above)
        ).one()
        way.append((row.id, row.stage))
        above = row.parent_id
    return way


def _of_stage(connection: Connection, way: list[tuple[str, str]], stage: str) -> list[str]:
    passed = [item_id for item_id, of in way if of == stage]
    if passed:
        return passed
    for item_id, _ in way:
        if beside := _children(connection, item_id, stage):
            return beside
    return []
