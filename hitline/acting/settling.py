"""Storing a verdict with all that it changes on our side, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from hitline.acting.chaining import what_follows
from hitline.consensus.choice import shown
from hitline.errors import ChainRuleFailed
from hitline.model import Door, Item, ItemState
from hitline.store import hits, items, leases
from hitline.store.items import VerdictRow
from hitline.store.leases import Leased
from hitline.verdicts import GiveUp, Hold, Nothing, Settle, Verdict, Wait
from hitline.wiring import Hitline


def settle(
    hitline: Hitline, item: Item, verdict: Verdict, leased: Leased, door: Door, flow_run: str
) -> str:
    """Store a verdict that needs no call to the endpoint; what came of it, in a few words.

    A finished item leads to the next stage's items, and to paying what its HITs owe.
    """
    now, wall = hitline.clock.now(), hitline.clock.wall()
    with hitline.store.writing() as connection:
        outcome, news = None, not isinstance(verdict, Nothing)
        if isinstance(verdict, Wait):
            items.look_again(connection, item.id, verdict.until)
        elif isinstance(verdict, Hold):
            news = items.held(connection, item.id, verdict.why)
        elif isinstance(verdict, Settle | GiveUp):
            outcome = _finish(hitline, connection, item, verdict, now, wall)
        elif hits.to_close(connection, item.id):
            leases.mark(hitline.store, connection, [item.id], Door.CLOSE, "late answers", wall)
        if news:
            row = verdict_row(hitline, item, verdict, leased, door, flow_run, outcome=outcome)
            items.record_verdict(connection, row)
        leases.clear(connection, [leased])
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
    """Make what follows from a finished item whose chain rule failed before."""
    with hitline.store.writing() as connection:
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
        said = f"settled as {shown(label)}"
    else:
        state = ItemState.STAFF if verdict.to_staff else ItemState.DROPPED
        label, agreement = None, None
        said = "handed to staff" if verdict.to_staff else "dropped"
    items.finished(connection, item.id, state, verdict.why, now, label=label, agreement=agreement)
    leases.mark(hitline.store, connection, [item.id], Door.CLOSE, said, wall)
    done = replace(item, state=state, label=label, agreement=agreement)
    return f"{said}{_chain(hitline, connection, done, now, wall)}"


def _chain(
    hitline: Hitline, connection: Connection, item: Item, now: datetime, wall: datetime
) -> str:
    """Make what follows; a failing chain rule is told, and loses nothing that was settled."""
    pipeline = hitline.pipeline(item.pipeline)
    versions = items.current_versions(connection, item.pipeline)
    try:
        made = what_follows(connection, pipeline, item, versions)
    except ChainRuleFailed as failed:
        items.in_trouble(connection, item.id, str(failed))
        return f"; {failed}"
    added = items.add(hitline.store, connection, made, now)
    leases.mark(hitline.store, connection, added, Door.PUBLISH, f"from {item.stage}", wall)
    items.chained(connection, item.id)
    return f" → {', '.join(f'{child.stage} {child.key}' for child in made)}" if made else ""
