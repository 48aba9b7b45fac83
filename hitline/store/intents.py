"""Intents: what is about to be called, written down before the call and crossed out after it.

A crash between the two is finished by the next run with the same token, never repeated under
another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from hitline.store.database import Store
from hitline.store.schema import intent_items, intents


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A call that was decided: `detail` is all that it takes to make it again."""

    token: str
    kind: str
    pipeline: str
    stage: str
    item_ids: tuple[str, ...]
    hit_id: str | None
    detail: dict[str, Any]
    created_at: datetime


def begin(store: Store, connection: Connection, intent: Intent, wall: datetime) -> None:
    """Write an intent down; one that is there already stays as it is, unless it had failed: then
    it is begun anew, as it was decided now."""
    row = {
        "token": intent.token,
        "kind": intent.kind,
        "pipeline": intent.pipeline,
        "stage": intent.stage,
        "hit_id": intent.hit_id,
        "detail": intent.detail,
        "created_at": intent.created_at,
        "wall_created_at": wall,
    }
    if store.insert_new(connection, intents, [row]):
        pairs = [{"token": intent.token, "item_id": item_id} for item_id in intent.item_ids]
        store.insert_new(connection, intent_items, pairs)
        return
    connection.execute(
        update(intents)
        .where(intents.c.token == intent.token, intents.c.outcome.like("failed%"))
        .values(wall_done_at=None, outcome=None, wall_created_at=wall, detail=intent.detail)
    )


def is_open(connection: Connection, token: str) -> bool:
    """Whether the call was begun, and what became of it is not known."""
    query = select(intents.c.token).where(
        intents.c.token == token, intents.c.wall_done_at.is_(None)
    )
    return connection.scalar(query) is not None


def is_young(connection: Connection, token: str, since: datetime) -> bool:
    """Whether the call was begun, or begun again, after `since` (wall time)."""
    query = select(intents.c.token).where(
        intents.c.token == token, intents.c.wall_created_at > since
    )
    return connection.scalar(query) is not None


def begun_at(connection: Connection, token: str) -> datetime | None:
    """When the intent was first written down (business time)."""
    return connection.scalar(select(intents.c.created_at).where(intents.c.token == token))


def done(connection: Connection, token: str, outcome: str, wall: datetime) -> None:
    """The call was made and its effect is stored; or it failed for good ("failed: …")."""
    connection.execute(
        update(intents).where(intents.c.token == token).values(wall_done_at=wall, outcome=outcome)
    )


def undone(connection: Connection, item_ids: Iterable[str]) -> list[Intent]:
    """What was begun for these items and has no outcome."""
    tokens = (
        select(intent_items.c.token)
        .where(intent_items.c.item_id.in_(sorted(set(item_ids))))
        .distinct()
    )
    rows = connection.execute(
        select(intents)
        .where(intents.c.token.in_(tokens), intents.c.wall_done_at.is_(None))
        .order_by(intents.c.wall_created_at)
    ).all()
    return [_intent(connection, row) for row in rows]


def stale(connection: Connection, before: datetime) -> list[str]:
    """The items of intents begun before `before` (wall time) that have no outcome."""
    return list(
        connection.scalars(
            select(intent_items.c.item_id)
            .join(intents, intents.c.token == intent_items.c.token)
            .where(intents.c.wall_done_at.is_(None), intents.c.wall_created_at < before)
            .distinct()
        )
    )


def _intent(connection: Connection, row: Row[Any]) -> Intent:
    carried: Sequence[str] = list(
        connection.scalars(select(intent_items.c.item_id).where(intent_items.c.token == row.token))
    )
    return Intent(
        token=row.token,
        kind=row.kind,
        pipeline=row.pipeline,
        stage=row.stage,
        item_ids=tuple(carried),
        hit_id=row.hit_id,
        detail=row.detail,
        created_at=row.created_at,
    )
