"""Redoing: chosen items are asked again, and what came from them is made anew.

An item that is asked again begins as a new one: at the first reward, on new HITs. Its earlier HITs
stay on record and are closed; nobody's pay is taken back. What was made from it is withdrawn, and
its chain rules run again once it has a label. Each item is one transaction, so a run that dies is
finished by another, and what is out already is not asked twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from hitline.acting.collecting import values_of
from hitline.acting.paying import assignment_cost
from hitline.acting.reopening import note
from hitline.consensus.choice import shown
from hitline.consensus.ruling import asked
from hitline.errors import HitlineError
from hitline.facts import Control
from hitline.model import Door, Item, ItemState
from hitline.money import NOTHING
from hitline.policies import WALL, Policy
from hitline.store import items, leases, lineage, redone
from hitline.store.redone import Kept, Wish
from hitline.wiring import Hitline


class Answers(StrEnum):
    """What becomes of an item's answers."""

    SET_ASIDE = "set aside"
    """None counts any more."""
    KEEP = "kept"
    """They count, and the rule judges them by what is known now."""
    WITHOUT = "kept but for one worker's"
    REREAD = "read again"
    """Those that could not be read are read with today's fields; what can be read counts."""


_KEEPING = (Answers.KEEP, Answers.WITHOUT)


@dataclass(frozen=True, kw_only=True)
class Redo:
    """One item to be asked again, what becomes of its answers, and what would be withdrawn."""

    item: Item
    answers: Answers
    below: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be asked again; `most` dollars it can cost, and what is made anew as much again.

    `again_below` holds if as many items are made from them as before.
    """

    wish: Wish
    redos: tuple[Redo, ...]
    most: Decimal
    again_below: Decimal

    @property
    def withdrawn(self) -> set[str]:
        return {item.id for redo in self.redos for item in redo.below}


@dataclass(frozen=True, kw_only=True)
class Redone:
    """How many items are asked again, how many were withdrawn, and keys that a run works on."""

    items: int
    withdrawn: int
    busy: tuple[str, ...]


def plan(hitline: Hitline, pipeline: str, wish: Wish) -> Plan:
    """What the wish comes to. Raises HitlineError if it names nothing, or a stopped stage."""
    _check(wish)
    with hitline.store.reading() as connection:
        chosen = redone.choose(connection, pipeline, wish)
        inherited = lineage.descendants(connection, {item.id for item in chosen})
        redos = tuple(
            Redo(
                item=item,
                answers=_fate(wish, item),
                below=tuple(items.load(connection, lineage.descendants(connection, {item.id}))),
            )
            for item in chosen
            if item.id not in inherited  # withdrawn with what it came from
        )
        for stage in sorted({redo.item.stage for redo in redos}):
            if items.control(connection, pipeline, stage) is Control.STOPPED:
                raise HitlineError(
                    f"{pipeline}/{stage} is stopped and would drop what is asked again; "
                    f'"hitline resume {pipeline}" lets it go on'
                )
        most = sum((_most(hitline, connection, redo) for redo in redos), NOTHING)
        below = {item.id: item for redo in redos for item in redo.below}
        again = sum((_dearest(hitline, item) for item in below.values()), NOTHING)
    return Plan(wish=wish, redos=redos, most=most, again_below=again)


def redo(hitline: Hitline, pipeline: str, wish: Wish) -> Redone:
    """Ask again what the wish names. The pipeline is prepared (`launching.prepare`)."""
    planned = plan(hitline, pipeline, wish)
    count, withdrawn, busy = 0, 0, []
    for one in planned.redos:
        gone = _redo(hitline, one, wish)
        if gone is None:
            busy.append(one.item.key)
        else:
            count, withdrawn = count + 1, withdrawn + gone
    return Redone(items=count, withdrawn=withdrawn, busy=tuple(busy))


def _check(wish: Wish) -> None:
    if wish == Wish() or wish == Wish(stage=wish.stage):
        raise HitlineError(
            "say which items: --items, --worker, --version, --would-flip, --unreadable or --staff"
        )
    if wish.version is not None and wish.version < 1:
        raise HitlineError(f"--version {wish.version}: versions are counted from 1")


def _fate(wish: Wish, item: Item) -> Answers:
    if wish.worker is not None:
        return Answers.WITHOUT
    if wish.would_flip:
        return Answers.KEEP
    if item.state in (ItemState.HELD, ItemState.STAFF):
        return Answers.REREAD
    return Answers.SET_ASIDE


def _most(hitline: Hitline, connection: Connection, redo: Redo) -> Decimal:
    """What the answers that may be bought for it cost at most: each at the last reward."""
    policy = hitline.pipeline(redo.item.pipeline).stage(redo.item.stage).policy
    if redo.answers in _KEEPING:
        policy = _policy(hitline, connection, redo)[1]
    kept = 0 if redo.answers is Answers.SET_ASIDE else redone.counted(connection, redo.item.id)
    if redo.answers is Answers.WITHOUT:
        kept -= 1
    return _each(hitline, policy) * max(0, policy.redundancy.most - kept)


def _dearest(hitline: Hitline, item: Item) -> Decimal:
    policy = hitline.pipeline(item.pipeline).stage(item.stage).policy
    return _each(hitline, policy) * policy.redundancy.most


def _each(hitline: Hitline, policy: Policy) -> Decimal:
    return assignment_cost(hitline, policy.rewards[-1], min(policy.redundancy.most, WALL)).total


def _policy(hitline: Hitline, connection: Connection, redo: Redo) -> tuple[int, Policy]:
    """The version under which it is asked again. Answers that are kept keep their own."""
    item = redo.item
    versions = items.policies(connection, item.pipeline, item.stage)
    version = item.version if redo.answers in _KEEPING else max(versions)
    return version, versions[version]


def _redo(hitline: Hitline, redo: Redo, wish: Wish) -> int | None:
    """Ask one item again, in one transaction; how many were withdrawn, None if a run is at it."""
    now, wall, store = hitline.clock.now(), hitline.clock.wall(), hitline.store
    item = redo.item
    with store.writing() as connection:
        below = lineage.descendants(connection, {item.id})
        family = [item.id, *sorted(below)]
        if not leases.all_free(connection, family, wall) or lineage.called(connection, family):
            return None
        (current,) = items.load(connection, [item.id])
        if (current.state, current.generation) != (item.state, item.generation):
            return None  # somebody was faster
        version, policy = _policy(hitline, connection, redo)
        said = _answers(hitline, connection, redo, wish, policy)
        why = f"asked again by hand; {said}"
        redone.begin_again(connection, current, version, why)
        gone = items.load(connection, below)
        lineage.withdraw(connection, gone, f"{item.key} is asked again", now)
        was = f"was {item.state}" + (f" as {shown(item.label)}" if item.label is not None else "")
        note(hitline, connection, current, "redo", why, was)
        for one in gone:
            note(hitline, connection, one, "withdraw", f"{item.key} is asked again", None)
        leases.mark(store, connection, family, Door.CLOSE, "asked again", wall)
        leases.mark(store, connection, [item.id], Door.PUBLISH, "asked again", wall)
    return len(gone)


def _answers(
    hitline: Hitline, connection: Connection, redo: Redo, wish: Wish, policy: Policy
) -> str:
    """Do with the item's answers what is to be done; in a few words."""
    item, store = redo.item, hitline.store
    if redo.answers is Answers.KEEP:
        return f"its {redone.counted(connection, item.id)} answers are judged anew"
    if redo.answers is Answers.REREAD:
        return _read_again(hitline, connection, item, policy)
    aside = redone.set_aside(store, connection, item, wish.worker)
    return f"{aside} answers set aside"


def _read_again(hitline: Hitline, connection: Connection, item: Item, policy: Policy) -> str:
    fields = asked(policy) or hitline.pipeline(item.pipeline).stage(item.stage).fields
    read: list[tuple[Kept, dict[str, Any] | None, str | None, str | None]] = []
    heard: set[str] = set()
    for answer in redone.kept(connection, item.id):
        values, problem = values_of(fields, answer.xml, answer.slots)[answer.slot - 1]
        why_not = None
        if problem is not None:
            why_not = "unreadable"
        elif answer.worker_id in heard:
            why_not = "answered before"
        else:
            heard.add(answer.worker_id)
        read.append((answer, values, problem, why_not))
    redone.reread(hitline.store, connection, item, read)
    return f"{len(heard)} of {len(read)} answers can be read by now"
