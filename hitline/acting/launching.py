"""Launching: a pipeline's versions, HIT types and notification paths, then its items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection

from hitline.acting import auditing, budgeting, mixing, offering
from hitline.acting.paying import assignment_cost
from hitline.errors import InvalidItems, UnreadableAnswer
from hitline.fields import spelled
from hitline.itemsfile import ItemRow
from hitline.model import Door, Item, Label
from hitline.mturk.client import NEEDED_EVENTS, Transport
from hitline.pipeline import Link, Pipeline, Stage
from hitline.policies import WALL, staff_of
from hitline.store import forecasts, hit_types, items, leases, subscriptions
from hitline.store import pipelines as pipeline_rows
from hitline.tokens import item_id
from hitline.wiring import Hitline


@dataclass(frozen=True, kw_only=True)
class Launched:
    """How many items were new, and how many were known by their key."""

    added: int
    known: int


def prepare(
    hitline: Hitline, pipeline: Pipeline, source: Path, *, transport: Transport, destination: str
) -> int:
    """Make the HIT types of all rungs of all stages and subscribe them, before any HIT is posted.

    Those whose notifications a person switched off stay so; how many these are. A changed
    notification setting may take minutes to act (MTurk's API reference,
    UpdateNotificationSettings), and an event that was not subscribed to is never sent.
    """
    wall = hitline.clock.wall()
    with hitline.store.writing() as connection:
        pipeline_rows.register(hitline.store, connection, pipeline.name, str(source), wall)
        budgeting.launch(hitline, connection, pipeline)
    auditing.note_balance(hitline)
    left_off: set[str] = set()
    for stage in pipeline.stages:
        policy, required = stage.policy, offering.requirements(hitline, pipeline.name, stage)
        type_ids = [
            offering.make_type(hitline, stage, policy, rung, required)
            for rung in range(len(policy.rewards))
        ]
        with hitline.store.reading() as connection:
            off = subscriptions.switched_off(connection, type_ids)
        left_off |= off
        to_send = [type_id for type_id in dict.fromkeys(type_ids) if type_id not in off]
        for type_id in to_send:
            hitline.requester.notify(
                type_id,
                destination=destination,
                transport=transport,
                events=NEEDED_EVENTS,
            )
        with hitline.store.writing() as connection:
            version = items.register_version(
                connection, pipeline.name, stage.name, stage.policy, wall
            )
            hit_types.record(
                hitline.store, connection, pipeline.name, stage.name, version, type_ids
            )
            subscriptions.record(hitline.store, connection, to_send, transport, destination, wall)
        offering.prepare_staff(hitline, pipeline.name, stage, version)
    return len(left_off)


def check(pipeline: Pipeline, rows: Sequence[ItemRow], file: Path) -> None:
    """Refuse an items file whose known answers are for no stage, or no label of it."""
    for row in rows:
        for stage_name, label in row.gold.items():
            stage = pipeline.first if stage_name == "" else pipeline.stage(stage_name)
            try:
                spelled(stage.fields, label)
            except UnreadableAnswer as wrong:
                raise InvalidItems(
                    f"{file}, line {row.line}, column gold_{stage.name}: no label of stage "
                    f"{stage.name}; {wrong}"
                ) from wrong


def launch(hitline: Hitline, pipeline: Pipeline, rows: Sequence[ItemRow]) -> Launched:
    """Add the items to the first stage and mark them to be published; known keys are skipped."""
    with hitline.store.writing() as connection:
        return add(hitline, connection, pipeline, rows)


def add(
    hitline: Hitline, connection: Connection, pipeline: Pipeline, rows: Sequence[ItemRow]
) -> Launched:
    """As `launch`, in the caller's transaction; a forecast of just these items becomes theirs."""
    stage, now = pipeline.first, hitline.clock.now()
    version = items.current_versions(connection, pipeline.name)[stage.name]
    new = [
        Item(
            id=item_id(pipeline.name, stage.name, row.key),
            pipeline=pipeline.name,
            stage=stage.name,
            key=row.key,
            input=row.input,
            golds=_golds(pipeline, row),
            version=version,
        )
        for row in rows
    ]
    mixing.refuse_without(hitline, connection, new)
    mixed = mixing.mix(hitline, connection, new)
    added = items.add(hitline.store, connection, mixed, now)
    leases.mark(hitline.store, connection, added, Door.PUBLISH, "new", hitline.clock.wall())
    handed_in = set(added) & {item.id for item in new}
    forecasts.launched(connection, pipeline.name, handed_in, now)
    return Launched(added=len(handed_in), known=len(rows) - len(handed_in))


def _golds(pipeline: Pipeline, row: ItemRow) -> dict[str, Label]:
    """The row's known answers by stage, spelled as labels are."""
    golds = {}
    for name, label in row.gold.items():
        stage = pipeline.stage(name) if name else pipeline.first
        try:
            golds[stage.name] = spelled(stage.fields, label)
        except UnreadableAnswer:
            golds[stage.name] = label
    return golds


def most_it_can_cost(hitline: Hitline, pipeline: Pipeline, count: int) -> Decimal | None:
    """What `count` items may cost at most, fees included: every answer bought at the last rung.

    None where that has no bound that can be known: a chain rule may make many items of one.
    """
    feeds = [link for link in pipeline.links if isinstance(link, Link)]
    if any(link.rounds is not None for link in feeds):
        return None
    return sum(
        (
            _dearest(hitline, stage) * count + _copies(hitline, stage, count)
            for stage in pipeline.stages
        ),
        Decimal("0.00"),
    )


def _dearest(hitline: Hitline, stage: Stage) -> Decimal:
    policy = stage.policy
    most = policy.redundancy.most
    # Past the wall of nine, answers come from further HITs of nine at most.
    crowd = assignment_cost(hitline, policy.rewards[-1], min(most, WALL)).total * most
    staff = staff_of(policy.end)
    if staff is None or staff.offered is None:
        return crowd
    return crowd + assignment_cost(hitline, staff.offered, staff.answers).total * staff.answers


def _copies(hitline: Hitline, stage: Stage, count: int) -> Decimal:
    """What copies of known items may cost among so many others: they are asked once, at the base
    reward, of as many people as `known` says, or as a stage asks of at most."""
    if stage.known is None:
        return Decimal("0.00")
    answers = stage.known.answers or stage.policy.redundancy.most
    each = assignment_cost(hitline, stage.policy.rewards[0], answers).total * answers
    return each * math.ceil(count * stage.known.share)
