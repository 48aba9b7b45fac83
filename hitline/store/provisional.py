"""Settled labels that may be taken back, and those that would be if they were not final."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Select, bindparam, func, select, update

from hitline.model import ItemState, Label
from hitline.store import revisions, sanctions
from hitline.store.database import Store
from hitline.store.schema import answers, items


def would_flip(connection: Connection, pipeline: str, stage: str | None = None) -> dict[str, Label]:
    """Items whose label stays, though the rule would settle them otherwise by now; with what."""
    of_stage = [] if stage is None else [items.c.stage == stage]
    rows = connection.execute(
        select(items.c.id, items.c.would_flip)
        .where(
            items.c.pipeline == pipeline,
            *of_stage,
            items.c.state == ItemState.SETTLED,
            items.c.would_flip.is_not(None),
        )
        .order_by(items.c.position, items.c.id)
    )
    return {row[0]: row[1] for row in rows}


def report(connection: Connection, item_id: str, label: Label | None) -> None:
    """The item would flip to `label`; or, with None, it would not."""
    connection.execute(update(items).where(items.c.id == item_id).values(would_flip=label))


def restate(connection: Connection, stated: Mapping[str, float]) -> None:
    """State how likely these settled items' labels are right, as it is known by now."""
    which = items.c.id == bindparam("which"), items.c.state == ItemState.SETTLED
    if stated:
        connection.execute(
            update(items).where(*which).values(confidence=bindparam("stated")),
            [{"which": item, "stated": value} for item, value in stated.items()],
        )


def stated(connection: Connection, pipeline: str, stage: str) -> dict[str, float | None]:
    """What is stated of the settled items of a stage."""
    rows = connection.execute(
        select(items.c.id, items.c.confidence).where(
            items.c.pipeline == pipeline,
            items.c.stage == stage,
            items.c.state == ItemState.SETTLED,
        )
    )
    return {row[0]: row[1] for row in rows}


def times_reopened(connection: Connection, item_id: str) -> int:
    """How often new evidence reopened the item since a person last asked for it."""
    return connection.scalar(select(items.c.reopened).where(items.c.id == item_id)) or 0


def reopen(store: Store, connection: Connection, item_id: str, why: str) -> None:
    """Take the item's label back. Answers that came after it was settled count from now on."""
    connection.execute(
        update(items)
        .where(items.c.id == item_id)
        .values(
            state=ItemState.OPEN,
            label=None,
            agreement=None,
            confidence=None,
            reason=why,
            problem=None,
            look_at=None,
            finished_at=None,
            chained=False,
            final=False,
            would_flip=None,
            unscored=True,
            reopened=items.c.reopened + 1,
        )
    )
    count_late(store, connection, item_id)


def count_late(store: Store, connection: Connection, item_id: str) -> int:
    """Answers that came too late count after all, one a person; how many those are."""
    mine = answers.c.item_id == item_id
    heard = set(connection.scalars(_workers().where(mine, answers.c.counted.is_(True))))
    late = connection.execute(
        select(answers)
        .where(mine, answers.c.why_not == "late")
        .order_by(answers.c.submitted_at, answers.c.assignment_id)
    ).all()
    if late:
        heard |= sanctions.stopped(connection, late[0].pipeline, late[0].stage)
    fresh = {row.worker_id: row.assignment_id for row in reversed(late)}
    chosen = {who: assignment for who, assignment in fresh.items() if who not in heard}
    if not chosen:
        return 0
    revision = revisions.next_of(store, connection, late[0].pipeline, late[0].stage)
    for worker, assignment in chosen.items():
        connection.execute(
            update(answers)
            .where(
                mine,
                answers.c.worker_id == worker,
                answers.c.assignment_id == assignment,
            )
            .values(counted=True, why_not=None, revision=revision)
        )
    return len(chosen)


def _workers() -> Select[tuple[str]]:
    return select(func.distinct(answers.c.worker_id))
