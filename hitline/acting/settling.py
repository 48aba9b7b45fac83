"""Storing verdicts with all that they change on our side, a chunk in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from hitline.acting import mixing, setting_aside, staffing
from hitline.acting.chaining import what_follows
from hitline.consensus.choice import shown
from hitline.consensus.grounds import Grounds
from hitline.errors import ChainRuleFailed
from hitline.model import Door, Item, ItemState
from hitline.store import hits, items, leases, models
from hitline.store.items import VerdictRow
from hitline.store.leases import Leased
from hitline.verdicts import GiveUp, Hold, Nothing, Settle, Verdict, Wait
from hitline.wiring import Hitline

TAKEN_OVER = "left to the run that has taken it over"


@dataclass(frozen=True, kw_only=True)
class Settling:
    """A leased item and a verdict that needs no call; `grounds`: what its label rests on."""

    item: Item
    verdict: Verdict
    leased: Leased
    grounds: Grounds | None = None


def settle(hitline: Hitline, together: Sequence[Settling], door: Door, flow_run: str) -> list[str]:
    """Store the verdicts of a chunk; what came of each, in a few words.

    A finished item leads to the next stage's items, and to paying what its HITs owe. What a label
    rests on is kept with it.
    """
    if not together:
        return []
    with hitline.store.writing() as connection:
        ours = leases.still_ours(connection, [one.leased for one in together])
        outcomes = [
            _store(hitline, connection, one, door, flow_run) if one.item.id in ours else TAKEN_OVER
            for one in together
        ]
        together = [one for one in together if one.item.id in ours]
        finished = [one.item.id for one in together if isinstance(one.verdict, Settle | GiveUp)]
        wall = hitline.clock.wall()
        leases.mark(hitline.store, connection, finished, Door.CLOSE, "finished", wall)
        leases.clear(connection, [one.leased for one in together])
    return outcomes


def _store(
    hitline: Hitline, connection: Connection, one: Settling, door: Door, flow_run: str
) -> str:
    item, verdict = one.item, one.verdict
    now, wall = hitline.clock.now(), hitline.clock.wall()
    outcome, news = None, not isinstance(verdict, Nothing)
    if isinstance(verdict, Wait):
        items.look_again(connection, item.id, verdict.until)
    elif isinstance(verdict, Hold):
        news = items.held(connection, item.id, verdict.why)
    elif isinstance(verdict, Settle | GiveUp):
        outcome = _finish(hitline, connection, item, verdict, now, wall)
        if one.grounds is not None and isinstance(verdict, Settle) and verdict.model:
            models.keep(hitline.store, connection, item.pipeline, item.stage, one.grounds, now)
    elif hits.to_close(connection, item.id):
        leases.mark(hitline.store, connection, [item.id], Door.CLOSE, "late answers", wall)
    if news:
        row = verdict_row(hitline, item, verdict, one.leased, door, flow_run, outcome=outcome)
        items.record_verdict(connection, row)
    return outcome or verdict.why


def keep_verdict(
    hitline: Hitline,
    item: Item,
    verdict: Verdict,
    leased: Leased,
    door: Door,
    flow_run: str,
    outcome: str,
    hit_id: str | None,
) -> None:
    """Store a verdict whose calls have been made."""
    with hitline.store.writing() as connection:
        row = verdict_row(
            hitline, item, verdict, leased, door, flow_run, outcome=outcome, hit_id=hit_id
        )
        items.record_verdict(connection, row)
        leases.clear(connection, [leased])


def verdict_row(
    hitline: Hitline,
    item: Item,
    verdict: Verdict,
    leased: Leased,
    door: Door,
    flow_run: str,
    *,
    outcome: str | None,
    hit_id: str | None = None,
) -> VerdictRow:
    """The verdict as a line of the item's story."""
    settled = verdict if isinstance(verdict, Settle) else None
    return VerdictRow(
        item=item,
        door=door,
        kind=type(verdict).__name__.lower(),
        why=verdict.why,
        outcome=outcome,
        hit_id=hit_id,
        flow_run=flow_run,
        at=hitline.clock.now(),
        wall_at=hitline.clock.wall(),
        wall_sent_at=leased.sent_at,
        confidence=settled.confidence if settled else None,
        model=settled.model if settled else None,
    )


def chain_again(hitline: Hitline, item: Item) -> str:
    """Make what follows from a finished item whose chain rule failed before.

    Nothing, if it was taken back, or led on, since it was read.
    """
    with hitline.store.writing() as connection:
        items.lock(connection, item.id)
        (now_so,) = items.load(connection, [item.id])
        if now_so != item:
            return ""
        return _chain(hitline, connection, item, hitline.clock.now(), hitline.clock.wall())


def _finish(
    hitline: Hitline,
    connection: Connection,
    item: Item,
    verdict: Settle | GiveUp,
    now: datetime,
    wall: datetime,
) -> str:
    if isinstance(verdict, Settle):
        state, label, agreement = ItemState.SETTLED, verdict.label, verdict.agreement
        by_staff = item.state is ItemState.STAFF
        said = f"settled{' by staff' * by_staff} as {shown(label)}"
    else:
        state = ItemState.STAFF if verdict.to_staff else ItemState.DROPPED
        label, agreement, by_staff = None, None, False
        said = "handed to staff" if verdict.to_staff else "dropped"
    items.finished(
        connection,
        item.id,
        state,
        verdict.why,
        now,
        label=label,
        agreement=agreement,
        confidence=verdict.confidence if isinstance(verdict, Settle) else None,
        final=by_staff,
    )
    done = replace(item, state=state, label=label, agreement=agreement, final=by_staff)
    staffing.heed(hitline, connection, item, state)
    return f"{said}{_chain(hitline, connection, done, now, wall)}"


def _chain(
    hitline: Hitline, connection: Connection, item: Item, now: datetime, wall: datetime
) -> str:
    """Make what follows; a failing chain rule is told, and loses nothing that was settled."""
    pipeline = hitline.pipeline(item.pipeline)
    if not pipeline.leads_on(item.stage):
        items.chained(connection, item.id)
        return ""
    versions = items.current_versions(connection, item.pipeline)
    try:
        made = what_follows(connection, pipeline, item, versions)
    except ChainRuleFailed as failed:
        times = items.chain_failed(connection, item.id, str(failed))
        setting_aside.if_too_often(hitline, connection, item, times)
        return f"; {failed}"
    mixed = mixing.mix(hitline, connection, made)
    added = items.add(hitline.store, connection, mixed, now)
    leases.mark(hitline.store, connection, added, Door.PUBLISH, f"from {item.stage}", wall)
    items.chained(connection, item.id)
    return f" → {', '.join(f'{child.stage} {child.key}' for child in made)}" if made else ""
