"""Items, the policies they were published under, and what was decided about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, insert, select, update

from hitline.facts import Control
from hitline.model import Door, Item, ItemState, Label
from hitline.policies import Policy
from hitline.store.database import Store
from hitline.store.pieces import pieces
from hitline.store.schema import controls, items, stage_versions, verdicts


@dataclass(frozen=True, kw_only=True)
class VerdictRow:
    """What was decided about an item, to be kept for its story."""

    item: Item
    door: Door
    kind: str
    why: str
    outcome: str | None
    hit_id: str | None
    flow_run: str | None
    at: datetime
    wall_at: datetime
    wall_sent_at: datetime | None
    confidence: float | None = None
    model: str | None = None


def add(store: Store, connection: Connection, new: Sequence[Item], at: datetime) -> list[str]:
    """Add the items that are not there yet; their ids."""
    start = connection.scalar(select(func.coalesce(func.max(items.c.position), 0))) or 0
    added = []
    for position, item in enumerate(new, start + 1):
        row = {
            "id": item.id,
            "pipeline": item.pipeline,
            "stage": item.stage,
            "key": item.key,
            "input": item.input,
            "gold": item.gold,
            "golds": item.golds,
            "version": item.version,
            "parent_id": item.parent_id,
            "root_id": item.root_id,
            "round": item.round,
            "copy_of": item.copy_of,
            "gathered_from": item.gathered_from,
            "position": position,
            "state": ItemState.NEW,
            "created_at": at,
        }
        if store.insert_new(connection, items, [row]):
            added.append(item.id)
    return added


def load(connection: Connection, ids: Iterable[str]) -> list[Item]:
    """The items of these ids, in their order of publication."""
    rows = [
        row
        for some in pieces(ids)
        for row in connection.execute(select(items).where(items.c.id.in_(some)))
    ]
    rows.sort(key=lambda row: (row.position, row.id))
    return [_item(row) for row in rows]


def ids_of(connection: Connection, pipeline: str, stage: str) -> set[str]:
    """The ids of all items of a stage."""
    of_stage = (items.c.pipeline == pipeline, items.c.stage == stage)
    return set(connection.scalars(select(items.c.id).where(*of_stage)))


def find(connection: Connection, name: str) -> list[Item]:
    """The items with that id or key, in any stage."""
    rows = connection.execute(
        select(items)
        .where((items.c.id == name) | (items.c.key == name))
        .order_by(items.c.position, items.c.id)
    )
    return [_item(row) for row in rows]


def children(connection: Connection, parent_id: str, stage: str) -> list[Item]:
    """The items of `stage` that were made from this one, in the order in which they were."""
    rows = connection.execute(
        select(items)
        .where(items.c.parent_id == parent_id, items.c.stage == stage)
        .order_by(items.c.position, items.c.id)
    )
    return [_item(row) for row in rows]


def lock(connection: Connection, item_id: str) -> None:
    """Let nobody else change what hangs on this item before the transaction ends."""
    connection.execute(
        select(items.c.id).where(items.c.id == item_id).with_for_update(key_share=True)
    )


def opened(connection: Connection, ids: Iterable[str]) -> None:
    """These items have been asked."""
    connection.execute(
        update(items)
        .where(
            items.c.id.in_(sorted(set(ids))),
            items.c.state.in_([ItemState.NEW, ItemState.HELD, ItemState.OPEN]),
        )
        .values(state=ItemState.OPEN, reason=None, problem=None, look_at=None, attempts=0)
    )


def held(connection: Connection, item_id: str, why: str, *, for_money: bool = False) -> bool:
    """The item waits for a person, or for money; whether that, or the reason for it, is new.

    An item in the staff queue waits for a person anyway, and stays there.
    """
    known = items.c.state.in_([ItemState.HELD, ItemState.STAFF]) & (items.c.reason == why)
    new = connection.scalar(select(items.c.id).where(items.c.id == item_id, known)) is None
    state = case((items.c.state == ItemState.STAFF, items.c.state), else_=str(ItemState.HELD))
    _change(connection, item_id, state=state, reason=why, for_money=for_money)
    return new


def look_again(connection: Connection, item_id: str, at: datetime | None) -> None:
    """The sweep looks at the item at `at` (business time), if no event comes before."""
    _change(connection, item_id, look_at=at)


def finished(
    connection: Connection,
    item_id: str,
    state: ItemState,
    why: str,
    at: datetime,
    *,
    label: Label | None = None,
    agreement: float | None = None,
    confidence: float | None = None,
    final: bool = False,
) -> None:
    """The item has reached its end in this stage; what follows from it is yet to be made."""
    _change(
        connection,
        item_id,
        state=state,
        label=label,
        agreement=agreement,
        confidence=confidence,
        reason=why,
        problem=None,
        look_at=None,
        finished_at=at,
        unscored=True,
        final=final,
        would_flip=None,
        chained=False,
    )


def chained(connection: Connection, item_id: str) -> None:
    """What follows from the item has been made."""
    _change(connection, item_id, chained=True, problem=None, chain_failures=0)


def chain_failed(connection: Connection, item_id: str, problem: str) -> int:
    """What follows from the item could not be made; how often in a row by now."""
    return int(
        connection.execute(
            update(items)
            .where(items.c.id == item_id)
            .values(problem=problem, chain_failures=items.c.chain_failures + 1)
            .returning(items.c.chain_failures)
        ).scalar_one()
    )


def in_trouble(connection: Connection, item_id: str, problem: str) -> None:
    """Something about the item needs a person's attention; it shows in `hitline status`."""
    connection.execute(
        update(items)
        .where(items.c.id == item_id)
        .values(problem=problem, attempts=items.c.attempts + 1)
    )


def record_verdict(connection: Connection, verdict: VerdictRow) -> None:
    connection.execute(
        insert(verdicts).values(
            item_id=verdict.item.id,
            pipeline=verdict.item.pipeline,
            stage=verdict.item.stage,
            door=verdict.door,
            kind=verdict.kind,
            why=verdict.why,
            outcome=verdict.outcome,
            confidence=verdict.confidence,
            model=verdict.model,
            hit_id=verdict.hit_id,
            flow_run=verdict.flow_run,
            at=verdict.at,
            wall_at=verdict.wall_at,
            wall_sent_at=verdict.wall_sent_at,
        )
    )


def register_version(
    connection: Connection, pipeline: str, stage: str, policy: Policy, wall: datetime
) -> int:
    """The version under which `policy` is stored for the stage; a changed policy gets a new one."""
    newest = connection.execute(
        select(stage_versions.c.version, stage_versions.c.policy)
        .where(stage_versions.c.pipeline == pipeline, stage_versions.c.stage == stage)
        .order_by(stage_versions.c.version.desc())
        .limit(1)
    ).one_or_none()
    if newest is not None and newest.policy == policy.to_json():
        return int(newest.version)
    version = 1 if newest is None else newest.version + 1
    connection.execute(
        insert(stage_versions).values(
            pipeline=pipeline,
            stage=stage,
            version=version,
            policy=policy.to_json(),
            wall_created_at=wall,
        )
    )
    return version


def policies(connection: Connection, pipeline: str, stage: str) -> dict[int, Policy]:
    """Every version of the stage's policy."""
    rows = connection.execute(
        select(stage_versions.c.version, stage_versions.c.policy).where(
            stage_versions.c.pipeline == pipeline, stage_versions.c.stage == stage
        )
    )
    return {row.version: Policy.from_json(row.policy) for row in rows}


def current_versions(connection: Connection, pipeline: str) -> dict[str, int]:
    """The newest version of each stage."""
    rows = connection.execute(
        select(stage_versions.c.stage, func.max(stage_versions.c.version))
        .where(stage_versions.c.pipeline == pipeline)
        .group_by(stage_versions.c.stage)
    )
    return {row[0]: row[1] for row in rows}


def control(connection: Connection, pipeline: str, stage: str) -> Control:
    """What a person said of the stage, or of its whole pipeline: the stricter of the two."""
    said = list(
        connection.scalars(
            select(controls.c.control).where(
                controls.c.pipeline == pipeline, controls.c.stage.in_(["", stage])
            )
        )
    )
    strictest = [Control.STOPPED, Control.PAUSED]
    return next((control for control in strictest if control in said), Control.RUNNING)


def stopped(connection: Connection) -> list[tuple[str, str]]:
    """Pipeline and stage of whatever a person stopped; the stage is "" where it is the whole."""
    rows = connection.execute(
        select(controls.c.pipeline, controls.c.stage)
        .where(controls.c.control == Control.STOPPED)
        .order_by(controls.c.pipeline, controls.c.stage)
    )
    return [(row.pipeline, row.stage) for row in rows]


def set_control(
    store: Store,
    connection: Connection,
    pipeline: str,
    stage: str,
    to: Control,
    since: datetime | None = None,
) -> None:
    """Remember what a person said of a stage, or of the pipeline (stage "").

    `since`: what came back before does not stop it again.
    """
    values = {"control": to} if since is None else {"control": to, "since": since}
    statement = store.insert(controls).values(pipeline=pipeline, stage=stage, **values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[controls.c.pipeline, controls.c.stage], set_=values
        )
    )


def _change(connection: Connection, item_id: str, **values: Any) -> None:
    connection.execute(update(items).where(items.c.id == item_id).values(**values))


def _item(row: Row[Any]) -> Item:
    return Item(
        id=row.id,
        pipeline=row.pipeline,
        stage=row.stage,
        key=row.key,
        input=row.input,
        golds=row.golds,
        state=ItemState(row.state),
        label=row.label,
        agreement=row.agreement,
        version=row.version,
        parent_id=row.parent_id,
        root_id=row.root_id,
        round=row.round,
        gathered_from=row.gathered_from,
        final=row.final,
        generation=row.generation,
        remade=row.remade,
        copy_of=row.copy_of,
    )
