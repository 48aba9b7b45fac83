"""What a stage still has out: unfinished items, HITs that may be taken, people who are owed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, func, select

from hitline.facts import PAUSED
from hitline.model import FINISHED, AssignmentStatus, HitStatus, ItemState
from hitline.store import ledger
from hitline.store.ledger import Amount
from hitline.store.pieces import pieces
from hitline.store.schema import assignments, dirt, hit_items, hits, intents, items


@dataclass(frozen=True, kw_only=True)
class Owed:
    """What may still have to be paid: money `reserved`, `unjudged` submissions that are known, and
    `held` assignments that workers had in hand when the endpoint was last asked."""

    reserved: Amount
    unjudged: int
    held: int


def owed(connection: Connection, pipeline: str, stage: str | None = None) -> Owed:
    """What a pipeline, or one stage of it, may still have to pay."""
    unjudged = (
        select(func.count())
        .select_from(assignments.join(hits, hits.c.hit_id == assignments.c.hit_id))
        .where(assignments.c.status == AssignmentStatus.SUBMITTED, *_of(hits, pipeline, stage))
    )
    held = select(func.coalesce(func.sum(hits.c.pending), 0)).where(
        hits.c.closed_at.is_(None), *_of(hits, pipeline, stage)
    )
    return Owed(
        reserved=ledger.reserved(connection, pipeline, stage),
        unjudged=connection.scalar(unjudged) or 0,
        held=connection.scalar(held) or 0,
    )


def nothing_left(connection: Connection) -> bool:
    """Whether no item waits to be looked at, no HIT to be closed, and no call has no outcome."""
    left = (
        select(dirt.c.item_id),
        select(hits.c.hit_id).where(hits.c.closed_at.is_(None)),
        select(intents.c.token).where(intents.c.wall_done_at.is_(None)),
    )
    return all(connection.execute(query.limit(1)).first() is None for query in left)


def open_hits(
    connection: Connection, pipeline: str, now: datetime, stage: str | None = None
) -> list[str]:
    """HITs that somebody may still accept, by what we know of them."""
    return list(
        connection.scalars(
            select(hits.c.hit_id)
            .where(
                hits.c.status.in_([HitStatus.ASSIGNABLE, HitStatus.UNASSIGNABLE]),
                hits.c.submitted < hits.c.max_assignments,
                hits.c.expires_at > now,
                *_of(hits, pipeline, stage),
            )
            .order_by(hits.c.created_at, hits.c.hit_id)
        )
    )


def unfinished(connection: Connection, pipeline: str, stage: str | None = None) -> list[str]:
    """Items that have not reached their end."""
    states = [str(state) for state in ItemState if state not in FINISHED]
    return _in_states(connection, states, pipeline, stage)


def held(connection: Connection, pipeline: str, stage: str | None = None) -> list[str]:
    """Items that wait for a person or for money."""
    return _in_states(connection, [ItemState.HELD], pipeline, stage)


def held_by_stage(connection: Connection) -> dict[tuple[str, str], tuple[int, str]]:
    """How many items of each (pipeline, stage) wait for a person, and the reason of one of them.

    What waits for a word that was deliberately not given (a pause) or for its turn is not counted.
    """
    rows = connection.execute(
        select(items.c.pipeline, items.c.stage, func.count(), func.min(items.c.reason))
        .where(
            items.c.state == ItemState.HELD,
            items.c.reason != PAUSED,
            items.c.reason.not_like("waits for its wave%"),
        )
        .group_by(items.c.pipeline, items.c.stage)
    )
    return {(row[0], row[1]): (row[2], row[3] or "") for row in rows}


def asked(connection: Connection, item_ids: Iterable[str]) -> set[str]:
    """Those of the items that a HIT ever carried."""
    return {
        item_id
        for some in pieces(item_ids)
        for item_id in connection.scalars(
            select(hit_items.c.item_id).where(hit_items.c.item_id.in_(some))
        )
    }


def _in_states(
    connection: Connection, states: Sequence[str], pipeline: str, stage: str | None
) -> list[str]:
    return list(
        connection.scalars(
            select(items.c.id)
            .where(items.c.state.in_(states), *_of(items, pipeline, stage))
            .order_by(items.c.position, items.c.id)
        )
    )


def _of(table: Table, pipeline: str, stage: str | None) -> list[ColumnElement[bool]]:
    of_pipeline = [table.c.pipeline == pipeline]
    return of_pipeline if stage is None else [*of_pipeline, table.c.stage == stage]
