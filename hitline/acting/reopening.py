"""Reopening: what was settled is looked at again when what is known has changed.

A verdict is provisional until something is built on it: an item that was made from it is asked
about (posted, not merely made), it is exported, or somebody's pay hangs on it. A provisional label
that is not believed any more is taken back, and what was made from it is withdrawn. A final one
stays, and is reported as one that would flip. No item is reopened more than `MOST` times.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection

from hitline.acting import believing
from hitline.acting.collecting import facts_of
from hitline.consensus import adaptive
from hitline.consensus.choice import Tally, shown
from hitline.decide import decide
from hitline.facts import Control, ItemFacts
from hitline.model import Door, Item, ItemState, Label
from hitline.pipeline import Stage
from hitline.policies import Adaptive
from hitline.store import evidence, items, leases, lineage, provisional
from hitline.store.items import VerdictRow
from hitline.verdicts import Settle
from hitline.wiring import Hitline

MOST = 2
"""So often may new evidence reopen an item; then it is only reported."""


class _Came(StrEnum):
    REOPENED = "reopened"
    REPORTED = "reported"
    BUSY = "busy"
    STANDS = "stands"


@dataclass(frozen=True, kw_only=True)
class Reconsidered:
    """What came of it: items that are asked again, final ones that would flip, and those that a run
    is working on, which the next look finds."""

    looked_at: int = 0
    reopened: tuple[str, ...] = ()
    would_flip: tuple[str, ...] = ()
    busy: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Doubt:
    """Why a settled label no longer holds, and which one would take its place if it is known."""

    why: str
    label: Label | None


def reconsider(
    hitline: Hitline,
    pipeline: str,
    stage: str,
    cause: str,
    item_ids: Collection[str] | None = None,
) -> Reconsidered:
    """Reopen settled items of a stage whose label no longer holds; report the final ones.

    With `item_ids`: items whose own answers have changed, a worker's having been set aside, for
    example. These are also reopened where what is left would not have been enough. Without: all
    items of the stage, for what others' answers tell of the workers. `cause` says in a few words
    what is new. To call it twice is to call it once.
    """
    definition = hitline.pipeline(pipeline).stage(stage)
    with hitline.store.reading() as connection:
        labels = evidence.settled(connection, pipeline, stage)
        reported = provisional.would_flip(connection, pipeline, stage)
        versions = items.policies(connection, pipeline, stage)
    if item_ids is None:
        chosen = {*_doubtful(hitline, pipeline, definition, labels), *reported}
    else:
        chosen = set(labels) & set(item_ids)
    with hitline.store.reading() as connection:
        # What staff said stands, and copies of a known item have no label to lose.
        found = [item for item in items.load(connection, chosen) if item.copy_of is None]
    if not found:
        return Reconsidered(looked_at=len(labels) if item_ids is None else 0)
    facts = believing.look_back(hitline, definition, facts_of(hitline, found, versions))
    came: dict[_Came, list[str]] = {kind: [] for kind in _Came}
    for one in facts:
        doubt = _doubt(one, changed=item_ids is not None)
        came[_act(hitline, one, doubt, cause)].append(one.item.id)
    return Reconsidered(
        looked_at=len(labels) if item_ids is None else len(found),
        reopened=tuple(came[_Came.REOPENED]),
        would_flip=tuple(came[_Came.REPORTED]),
        busy=tuple(came[_Came.BUSY]),
    )


def _doubtful(
    hitline: Hitline, pipeline: str, stage: Stage, labels: dict[str, Label]
) -> Sequence[str]:
    """Settled items that the model sees otherwise: the only ones worth a closer look."""
    if not isinstance(stage.redundancy, Adaptive):
        return []
    view = believing.view_of(hitline, pipeline, stage)
    places = view.evidence.places(labels)
    now = view.opinion.label.tolist()
    return [
        item
        for place, (item, label) in zip(places, labels.items(), strict=True)
        if place >= 0 and view.labels[now[place]] != label
    ]


def _doubt(facts: ItemFacts, *, changed: bool) -> _Doubt | None:
    """Why the item's label no longer holds; None where it does, or where staff gave it."""
    item, rule, belief = facts.item, facts.policy.redundancy, facts.belief
    assert item.label is not None
    if facts.by_staff or facts.staff_file is not None:
        return None
    if isinstance(rule, Adaptive) and belief is not None:
        why = adaptive.doubt(item.label, Tally.of(facts.labels), belief, rule)
        if why is not None:
            return _Doubt(why=why, label=belief.label)
    if not changed:
        return None  # the same answers, by the same rule
    verdict = decide(replace(facts, item=replace(item, state=ItemState.OPEN)))
    if not isinstance(verdict, Settle):
        return _Doubt(why=f"what is left does not settle it: {verdict.why}", label=None)
    if verdict.label == item.label:
        return None
    return _Doubt(why=verdict.why, label=verdict.label)


def _act(hitline: Hitline, facts: ItemFacts, doubt: _Doubt | None, cause: str) -> _Came:
    """Reopen the item, or report it, in one transaction; if a run works on it, leave it alone."""
    now, wall, item = hitline.clock.now(), hitline.clock.wall(), facts.item
    with hitline.store.writing() as connection:
        below = lineage.made_from(connection, [item.id])
        if not leases.all_free(connection, [item.id, *below], wall):
            return _Came.BUSY
        (current,) = items.load(connection, [item.id])
        if (current.state, current.label) != (ItemState.SETTLED, item.label):
            return _Came.STANDS  # somebody was faster
        if doubt is None:
            provisional.report(connection, item.id, None)
            return _Came.STANDS
        built_on = current.final or lineage.begun(connection, below)
        tired = provisional.times_reopened(connection, item.id) >= MOST
        if built_on or tired or facts.control is Control.STOPPED:
            provisional.report(connection, item.id, doubt.label)
            return _Came.REPORTED if doubt.label is not None else _Came.STANDS
        why = f"{cause}: {doubt.why}"
        provisional.reopen(hitline.store, connection, item.id, why)
        withdrawn = items.load(connection, below)
        lineage.withdraw(connection, withdrawn, f"{item.key} is open again", now)
        outcome = f"was settled as {shown(item.label or '')}"
        if withdrawn:
            outcome += f"; withdrawn: {', '.join(f'{one.stage} {one.key}' for one in withdrawn)}"
        note(hitline, connection, current, "reopen", why, outcome)
        leases.mark(hitline.store, connection, [item.id], Door.AGGREGATE, why, wall)
        return _Came.REOPENED


def note(
    hitline: Hitline, connection: Connection, item: Item, kind: str, why: str, outcome: str | None
) -> None:
    """A line in the item's story that no look at it wrote."""
    row = VerdictRow(
        item=item,
        door=Door.AGGREGATE,
        kind=kind,
        why=why,
        outcome=outcome,
        hit_id=None,
        flow_run=None,
        at=hitline.clock.now(),
        wall_at=hitline.clock.wall(),
        wall_sent_at=None,
    )
    items.record_verdict(connection, row)
