"""Queries of the sweep: which items should have been looked at and were not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, false, func, select, tuple_

from hitline.model import FINISHED, AssignmentStatus, Door, Item, ItemState
from hitline.policies import STAFF_RUNG, Policy
from hitline.store import caps
from hitline.store import items as item_rows
from hitline.store.leases import POISONED
from hitline.store.ledger import day_of
from hitline.store.pieces import pieces
from hitline.store.schema import (
    assignments,
    controls,
    dirt,
    hit_items,
    hits,
    items,
    stage_versions,
)

MOST = 1000
"""How many items of one cause a sweep marks at most; the next sweep goes on."""

_FINISHED = [str(state) for state in FINISHED]


def unmarked(connection: Connection, item_ids: Iterable[str], door: Door) -> list[str]:
    """Those of the items that no mark brings through `door`, or another that serves as well.

    One look answers every door but closing, which does not look; so neither stands for the other.
    """
    serves = dirt.c.door == Door.CLOSE if door is Door.CLOSE else dirt.c.door != Door.CLOSE
    found: list[str] = []
    for ids in pieces(item_ids):
        marked = select(dirt.c.item_id).where(dirt.c.item_id.in_(ids), serves)
        found += sorted(set(ids) - set(connection.scalars(marked)))
    return found


def expired(connection: Connection, now: datetime) -> Sequence[str]:
    """Unfinished items of HITs whose time has run out, and which have no HIT that still runs."""
    running = (
        select(hit_items.c.item_id)
        .join(hits, hits.c.hit_id == hit_items.c.hit_id)
        .where(hits.c.expires_at > now, hits.c.submitted < hits.c.max_assignments)
    )
    return _ids(
        connection,
        select(items.c.id)
        .join(hit_items, hit_items.c.item_id == items.c.id)
        .join(hits, hits.c.hit_id == hit_items.c.hit_id)
        .where(
            items.c.state == ItemState.OPEN,
            items.c.look_at.is_(None),
            hits.c.closed_at.is_(None),
            hits.c.expires_at <= now,
            items.c.id.not_in(running),
        ),
    )


def due(connection: Connection, now: datetime) -> Sequence[str]:
    """Items that a decision said to look at again by now."""
    return _ids(
        connection,
        select(items.c.id).where(
            items.c.state.in_([ItemState.OPEN, ItemState.STAFF]), items.c.look_at <= now
        ),
    )


def never_asked(connection: Connection) -> Sequence[str]:
    """New items, and open ones without any HIT."""
    new = _ids(connection, select(items.c.id).where(items.c.state == ItemState.NEW))
    return [*new, *without_hit(connection)]


def without_hit(connection: Connection) -> Sequence[str]:
    """Items that were asked, though no HIT of theirs is known; not those about to be asked."""
    asked = exists().where(hit_items.c.item_id == items.c.id)
    marked = exists().where(dirt.c.item_id == items.c.id)
    return _ids(
        connection, select(items.c.id).where(items.c.state == ItemState.OPEN, ~asked, ~marked)
    )


def may_go_on(connection: Connection, now: datetime, pipeline: str | None = None) -> list[str]:
    """Held items that were asked before, or wait for a person and not for money, may be tried.

    Not those of a paused stage, nor where a cap has no cent left. What waits to be asked for the
    first time goes on in waves (`hitline/acting/admitting.py`).
    """
    paused = {
        (row.pipeline, row.stage)
        for row in connection.execute(select(controls).where(controls.c.control == "paused"))
    }
    asked = exists().where(hit_items.c.item_id == items.c.id)
    of_pipeline = [] if pipeline is None else [items.c.pipeline == pipeline]
    held = (items.c.state == ItemState.HELD, ~items.c.for_money | asked, *of_pipeline)
    kinds = connection.execute(
        select(items.c.pipeline, items.c.stage, items.c.for_money).where(*held).distinct()
    ).all()
    going = [
        (row.pipeline, row.stage, row.for_money)
        for row in kinds
        if not {(row.pipeline, ""), (row.pipeline, row.stage)} & paused
        and not (row.for_money and _is_poor(connection, row.pipeline, row.stage, now))
    ]
    # Chosen before it is cut off: a thousand that may not go on hide none that may. And in turn
    # from all who wait for one thing: what the first of them wait for may never come.
    of_these = tuple_(items.c.pipeline, items.c.stage, items.c.for_money).in_(going)
    alike = [items.c.pipeline, items.c.stage, items.c.reason]
    turn = func.row_number().over(partition_by=alike, order_by=[items.c.position, items.c.id])
    query = select(items.c.id).where(*held, of_these).order_by(turn, items.c.position)
    return list(connection.scalars(query.limit(MOST))) if going else []


def _is_poor(connection: Connection, pipeline: str, stage: str, now: datetime) -> bool:
    """Whether a cap that the stage is under has no cent left."""
    limits = caps.limits(connection, pipeline, day_of(now), stage)
    return any(limit.room <= 0 for limit in limits)


def unjudged(connection: Connection, now: datetime) -> Sequence[str]:
    """Items of submissions that are to be judged by now and are not."""
    return _ids(
        connection,
        select(hit_items.c.item_id)
        .join(assignments, assignments.c.hit_id == hit_items.c.hit_id)
        .where(assignments.c.status == AssignmentStatus.SUBMITTED, assignments.c.judge_by <= now),
    )


def unclosed(connection: Connection, now: datetime) -> Sequence[str]:
    """Finished items with a HIT that is not closed and carries no unfinished item.

    Where a stage's policy delays approval, those with submissions that are not due are left out.
    """
    delayed = [
        (row.pipeline, row.stage, row.version)
        for row in connection.execute(select(stage_versions))
        if Policy.from_json(row.policy).pay.delay
    ]
    waiting = select(assignments.c.hit_id).where(
        assignments.c.status == AssignmentStatus.SUBMITTED, assignments.c.judge_by > now
    )
    of_these = tuple_(items.c.pipeline, items.c.stage, items.c.version).in_(delayed)
    not_due = of_these & hits.c.hit_id.in_(waiting) if delayed else false()
    beside = hit_items.alias("beside")
    other = items.alias("other")
    unfinished = (
        select(beside.c.hit_id)
        .join(other, other.c.id == beside.c.item_id)
        .where(other.c.state.not_in(_FINISHED))
    )
    return _ids(
        connection,
        select(items.c.id)
        .join(hit_items, hit_items.c.item_id == items.c.id)
        .join(hits, hits.c.hit_id == hit_items.c.hit_id)
        .where(
            items.c.state.in_(_FINISHED),
            ~((items.c.state == ItemState.STAFF) & (hits.c.rung == STAFF_RUNG)),
            hits.c.closed_at.is_(None),
            hits.c.hit_id.not_in(unfinished),
            ~not_due,
        ),
    )


def disposable(connection: Connection, now: datetime) -> list[str]:
    """Items of closed HITs whose grace period is over."""
    found: list[str] = []
    for published in connection.execute(select(stage_versions)).all():
        kept_for = Policy.from_json(published.policy).kept_for
        carried = (
            select(hit_items.c.item_id)
            .join(hits, hits.c.hit_id == hit_items.c.hit_id)
            .where(hits.c.disposed_at.is_(None), hits.c.closed_at <= now - kept_for)
        )
        found += _ids(
            connection,
            select(items.c.id).where(
                items.c.pipeline == published.pipeline,
                items.c.stage == published.stage,
                items.c.version == published.version,
                items.c.id.in_(carried),
            ),
        )
    return found


def unchained(connection: Connection) -> list[Item]:
    """Finished items whose chain rule failed, and that were not set aside for it."""
    ids = _ids(
        connection,
        select(items.c.id).where(
            items.c.state.in_(_FINISHED),
            items.c.chained.is_(False),
            items.c.problem.is_not(None),
            items.c.chain_failures < POISONED,
        ),
    )
    return item_rows.load(connection, ids)


def _ids(connection: Connection, query: Select[Any]) -> list[str]:
    return list(connection.scalars(query.distinct().limit(MOST)))
