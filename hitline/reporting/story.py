"""The whole story of an item: what was asked, what came, what was decided and why, what followed.

Told for the item itself, for those it was made from and for those that were made from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from hitline.consensus.grounds import Grounds
from hitline.errors import HitlineError
from hitline.model import AssignmentStatus, HitStatus, Item, ItemState, Label
from hitline.money import NOTHING
from hitline.reporting.costs import costs
from hitline.store import items as item_rows
from hitline.store import models
from hitline.store.schema import answers, assignments, hit_items, hits, items, verdicts


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A HIT that asked about the item, as it is by now; `items` share it."""

    at: datetime
    hit_id: str
    generation: int
    sibling: int
    rung: int
    reward: Decimal
    items: int
    max_assignments: int
    submitted: int
    expires_at: datetime
    ended_by_us: bool
    status: HitStatus
    closed_at: datetime | None
    disposed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Came:
    """One worker's answer: its values or the problem of reading them; `why_not` it counts."""

    at: datetime
    hit_id: str
    assignment_id: str
    worker_id: str
    status: AssignmentStatus
    values: dict[str, Any] | None
    problem: str | None
    counted: bool
    why_not: str | None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A verdict, and what carrying it out came to; `door` tells what made us look.

    `confidence`: how likely the label is right, as the version `model` of the workers' model says.
    """

    at: datetime
    door: str
    kind: str
    why: str
    outcome: str | None
    hit_id: str | None
    flow_run: str | None
    confidence: float | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True)
class Story:
    """All about one item of one stage. `children` are the items that were made from it."""

    item: Item
    created_at: datetime
    finished_at: datetime | None
    reason: str | None
    problem: str | None
    posted: tuple[Posted, ...]
    came: tuple[Came, ...]
    decided: tuple[Decision, ...]
    cost: Decimal
    children: tuple[Item, ...]
    would_flip: Label | None = None
    grounds: Grounds | None = None
    """What the model held of those who answered when the label that stands was settled."""


def stories(connection: Connection, name: str) -> list[Story]:
    """The stories of the items with that id or key, of their ancestors and descendants.

    In order of publication. Raises HitlineError if there is no such item.
    """
    found = item_rows.find(connection, name)
    if not found:
        raise HitlineError(
            f'no item has the id or key {name!r}; "hitline results" lists those there are'
        )
    return [_story(connection, item) for item in _family(connection, found)]


def _family(connection: Connection, found: Iterable[Item]) -> list[Item]:
    up = down = {item.id for item in found}
    family = set(up)
    while up := _ids(
        connection, items.c.id.in_(select(items.c.parent_id).where(items.c.id.in_(up))), family
    ):
        family |= up
    while down := _ids(connection, items.c.parent_id.in_(down), family):
        family |= down
    return item_rows.load(connection, family)


def _ids(connection: Connection, where: ColumnElement[bool], known: set[str]) -> set[str]:
    return set(connection.scalars(select(items.c.id).where(where))) - known


def _story(connection: Connection, item: Item) -> Story:
    row = connection.execute(select(items).where(items.c.id == item.id)).one()
    children = connection.scalars(select(items.c.id).where(items.c.parent_id == item.id))
    decided = _decided(connection, item.id)
    version = next((one.model for one in reversed(decided) if one.kind == "settle"), None)
    kept = models.load(connection, item.pipeline, item.stage, version) if version else None
    return Story(
        item=item,
        created_at=row.created_at,
        finished_at=row.finished_at,
        reason=row.reason,
        problem=row.problem,
        posted=_posted(connection, item.id),
        came=_came(connection, item.id),
        decided=decided,
        cost=costs(connection, item.pipeline, [item.id]).get(item.id, NOTHING),
        children=tuple(item_rows.load(connection, children)),
        would_flip=row.would_flip,
        grounds=kept if item.state is ItemState.SETTLED else None,
    )


def _posted(connection: Connection, item_id: str) -> tuple[Posted, ...]:
    beside = hit_items.alias("beside")
    carried = select(func.count()).where(beside.c.hit_id == hits.c.hit_id).scalar_subquery()
    rows = connection.execute(
        select(hits, carried.label("items"))
        .join(hit_items, hit_items.c.hit_id == hits.c.hit_id)
        .where(hit_items.c.item_id == item_id)
        .order_by(hits.c.created_at, hits.c.generation, hits.c.sibling, hits.c.hit_id)
    )
    return tuple(
        Posted(
            at=row.created_at,
            hit_id=row.hit_id,
            generation=row.generation,
            sibling=row.sibling,
            rung=row.rung,
            reward=row.reward,
            items=row.items,
            max_assignments=row.max_assignments,
            submitted=row.submitted,
            expires_at=row.expires_at,
            ended_by_us=row.ended_by_us,
            status=HitStatus(row.status),
            closed_at=row.closed_at,
            disposed_at=row.disposed_at,
        )
        for row in rows
    )


def _came(connection: Connection, item_id: str) -> tuple[Came, ...]:
    submission = (answers.c.assignment_id == assignments.c.assignment_id) & (
        answers.c.worker_id == assignments.c.worker_id
    )
    rows = connection.execute(
        select(answers, answers.c["values"].label("said"), assignments.c.status)
        .join(assignments, submission)
        .where(answers.c.item_id == item_id)
        .order_by(answers.c.submitted_at, answers.c.assignment_id)
    )
    return tuple(
        Came(
            at=row.submitted_at,
            hit_id=row.hit_id,
            assignment_id=row.assignment_id,
            worker_id=row.worker_id,
            status=AssignmentStatus(row.status),
            values=row.said,
            problem=row.problem,
            counted=row.counted,
            why_not=row.why_not,
        )
        for row in rows
    )


def _decided(connection: Connection, item_id: str) -> tuple[Decision, ...]:
    rows = connection.execute(
        select(verdicts).where(verdicts.c.item_id == item_id).order_by(verdicts.c.id)
    )
    return tuple(
        Decision(
            at=row.at,
            door=row.door,
            kind=row.kind,
            why=row.why,
            outcome=row.outcome,
            hit_id=row.hit_id,
            flow_run=row.flow_run,
            confidence=row.confidence,
            model=row.model,
        )
        for row in rows
    )
