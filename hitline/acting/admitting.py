"""Admitting: items are asked for the first time in waves, as far as the caps let them be finished.

The rule is in `hitline/admission.py`; here it is given what the database knows, and carried out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Connection

from hitline.acting import budgeting
from hitline.acting.paying import assignment_cost
from hitline.admission import Open, Outlook, Record, Room, admit, share
from hitline.loading import if_it_loads
from hitline.model import Door, Item, ItemState
from hitline.money import NOTHING, round_cents
from hitline.pipeline import Gather, Link, Pipeline, Stage
from hitline.store import caps, items, leases, ledger, neglected, outlays, outstanding
from hitline.store.caps import Cap, Limit
from hitline.wiring import Hitline

WAVE = "waits for its wave"
"""How the reason begins of an item that waits for its turn, and for no person."""

MOST = 500
"""So many held items of a stage are weighed at a time; what closes next weighs the rest."""


def let_in(hitline: Hitline, wanted: Sequence[Item]) -> dict[str, str]:
    """Let in those of these items of one pipeline that the caps have room for; why not the others.

    An item that is let in is open from here on. One that was asked before is past being weighed.
    """
    if not wanted:
        return {}
    pipeline = hitline.pipeline(wanted[0].pipeline)
    with hitline.store.writing() as connection:
        caps.lock(connection, pipeline.name)
        limits = _limits(hitline, connection, pipeline.name)
        if not limits:
            return {}
        out_already = outstanding.asked(connection, [item.id for item in wanted])
        fresh = [
            item
            for item in wanted
            if item.state is not ItemState.OPEN and item.id not in out_already
        ]
        if not fresh:
            return {}
        fresh.sort(key=lambda item: item.parent_id is None)
        refused = _weigh(hitline, connection, pipeline, limits, fresh)
        items.opened(connection, [item.id for item in fresh if item.id not in refused])
    return refused


def next_wave(hitline: Hitline, connection: Connection, pipeline: str) -> list[str]:
    """What is held back and may be asked now; the others are told what they wait for."""
    waiting = outlays.next_ones(connection, pipeline, MOST)
    if not waiting:
        return []
    defined = hitline.pipeline(pipeline)
    # A stage may have been taken out of the definition; what waits in it is asked nothing.
    there = {stage.name for stage in defined.stages}
    waiting = [one for one in waiting if one.stage in there]
    caps.lock(connection, pipeline)
    limits = _limits(hitline, connection, pipeline)
    if not limits:
        return [one.item_id for one in waiting]
    found = items.load(connection, [one.item_id for one in waiting])
    by_id = {item.id: item for item in found}
    ordered = [by_id[one.item_id] for one in waiting]
    refused = _weigh(hitline, connection, defined, limits, ordered)
    reasons = {item.stage: refused[item.id] for item in ordered if item.id in refused}
    for stage, why in reasons.items():
        outlays.say(connection, pipeline, stage, why)
    return [item.id for item in ordered if item.id not in refused]


def go_on(hitline: Hitline, connection: Connection, pipeline: str) -> int:
    """Mark what may be asked now that money is free; how many items that is."""
    found = neglected.unmarked(connection, next_wave(hitline, connection, pipeline), Door.PUBLISH)
    wall = hitline.clock.wall()
    leases.mark(hitline.store, connection, found, Door.PUBLISH, "its wave has come", wall)
    return len(found)


def cap(hitline: Hitline, wanted: Cap) -> int:
    """Have another cap hold, and let go on what it has room for; how many items that is.

    Raises InvalidDefinition naming the field for a cap below what is reserved and spent already.
    """
    with hitline.store.writing() as connection:
        budgeting.change(hitline, connection, wanted)
        begun = neglected.may_go_on(connection, hitline.clock.now(), wanted.pipeline)
        wall = hitline.clock.wall()
        leases.mark(hitline.store, connection, begun, Door.AGGREGATE, "another budget", wall)
        return len(begun) + go_on(hitline, connection, wanted.pipeline)


def next_waves(hitline: Hitline, connection: Connection) -> list[str]:
    """What may be asked now, of every pipeline that holds something back."""
    return [
        item_id
        for pipeline in sorted(outlays.pipelines_waiting(connection))
        if if_it_loads(hitline.pipeline, pipeline) is not None
        for item_id in next_wave(hitline, connection, pipeline)
    ]


def _weigh(
    hitline: Hitline,
    connection: Connection,
    pipeline: Pipeline,
    limits: Sequence[Limit],
    candidates: Sequence[Item],
) -> dict[str, str]:
    """Why not, by item, of those that do not fit; what others led to comes before the rest."""
    records, learned = _records(hitline, connection, pipeline)
    rounds = sum(link.rounds or 0 for link in pipeline.links if isinstance(link, Link))
    outlook = Outlook(records, rounds)
    rooms = [_room(limit) for limit in limits]
    out = [
        Open(stage=one.stage, committed=float(one.committed))
        for one in outlays.out(connection, pipeline.name)
        if one.stage in records
    ]
    children = [item for item in candidates if item.parent_id is not None]
    roots = [item for item in candidates if item.parent_id is None]
    lacking = admit(outlook, rooms, out, [item.stage for item in children], learned=learned)
    if roots:
        others = outlays.made_and_not_asked(
            connection, pipeline.name, [item.id for item in children]
        )
        ahead = [
            Open(stage=stage)
            for stage, count in others.items()
            if stage in records
            for _ in range(count)
        ]
        ahead += [Open(stage=item.stage) for item in children]
        stages = [item.stage for item in roots]
        lacking += admit(outlook, rooms, out + ahead, stages, learned=learned)
    something_is_out = bool(out) or None in lacking
    refused: dict[str, str] = {}
    for item, number in zip([*children, *roots], lacking, strict=True):
        if number is None:
            continue
        if something_is_out:
            refused[item.id] = f"{WAVE}: {limits[number].named} is kept for what is open"
            continue
        price = outlook.price(item.stage, rooms[number])
        refused[item.id] = _too_poor(limits[number], price)
        budgeting.tell(hitline, connection, pipeline.name, item.stage, refused[item.id])
    return refused


def _too_poor(limit: Limit, price: float) -> str:
    return (
        f"{limit.named} has {max(limit.room, NOTHING)} left, and an item that is begun may take "
        f"{round_cents(Decimal(price))} until it is finished; {limit.way_out}"
    )


def _records(
    hitline: Hitline, connection: Connection, pipeline: Pipeline
) -> tuple[dict[str, Record], bool]:
    """What each stage asks and has shown, and whether any item was ever finished."""
    records: dict[str, Record] = {}
    learned = False
    for stage in pipeline.stages:
        done = outlays.finished(connection, pipeline.name, stage.name)
        followers = outlays.followers(connection, [one.item_id for one in done])
        learned = learned or bool(done)
        records[stage.name] = _record(
            hitline,
            stage,
            costs=[float(one.committed) for one in done],
            goes_on={
                target: 1.0 if gathered else share(followers.get(target, 0), len(done))
                for target, gathered in _targets(pipeline, stage.name)
            },
        )
    return records, learned


def _targets(pipeline: Pipeline, stage: str) -> list[tuple[str, bool]]:
    """The stages that items of `stage` lead to, and whether by a gathering.

    What is gathered comes long after its parent is finished, so the share seen so far says little:
    it is taken to follow from every parent.
    """
    linked = [(link.target, False) for link in pipeline.links_from(stage)]
    gathered = [
        (link.target, True)
        for link in pipeline.links
        if isinstance(link, Gather) and link.parent == stage
    ]
    return linked + gathered


def _record(
    hitline: Hitline, stage: Stage, costs: Sequence[float], goes_on: Mapping[str, float]
) -> Record:
    policy = stage.policy
    most = policy.redundancy.most
    # A rule without a start asks for all at once, and may stop early.
    start = getattr(policy.redundancy, "start", most)
    each = assignment_cost(hitline, policy.rewards[0], most).total / policy.items_per_hit
    return Record(start=start, most=most, each=float(each), costs=costs, goes_on=goes_on)


def _limits(hitline: Hitline, connection: Connection, pipeline: str) -> list[Limit]:
    return caps.limits(connection, pipeline, ledger.day_of(hitline.clock.now()))


def _room(limit: Limit) -> Room:
    return Room(stage=limit.stage, left=float(limit.room), renews=limit.day is not None)
