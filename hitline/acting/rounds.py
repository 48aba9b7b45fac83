"""One chunk of leased items: looked at and decided on, or paid and closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hitline.acting import admitting, circumstances, closing
from hitline.acting.claiming import put_off
from hitline.acting.closing import Closed
from hitline.acting.collecting import collect
from hitline.decide import decide
from hitline.errors import MTurkError, NotAuthorized, Retryable
from hitline.facts import ItemFacts
from hitline.model import Door, Item
from hitline.store import items, leases
from hitline.store.leases import Leased
from hitline.verdicts import Extend, Post, Repost, Verdict
from hitline.wiring import Hitline

_ENDED = {Door.AGGREGATE, Door.REPOST}
"""The doors of what comes when a HIT has ended: what is true of it is asked of the endpoint."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A leased item, the facts about it and the verdict on them."""

    leased: Leased
    facts: ItemFacts
    verdict: Verdict

    @property
    def item(self) -> Item:
        return self.facts.item


@dataclass(frozen=True, kw_only=True)
class Orders:
    """Decided items by the kind of effect that their verdict asks for."""

    settle: tuple[Decided, ...]
    extend: tuple[Decided, ...]
    repost: tuple[Decided, ...]
    post: tuple[Decided, ...]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was done about an item, for the person watching."""

    item_id: str
    key: str
    verdict: str
    why: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Errand:
    """On whose behalf a chunk is worked on."""

    door: Door
    flow_run: str


def look(hitline: Hitline, leased: Sequence[Leased]) -> list[Decided]:
    """Read what is new about the leased items and decide; if the endpoint fails, put them off.

    Where it refuses something about one of them, the others are not kept waiting for that.
    """
    ended = [one.item_id for one in leased if _ENDED & {door for door, _ in one.marks}]
    try:
        found = circumstances.added(
            hitline, collect(hitline, [one.item_id for one in leased], ended)
        )
    except NotAuthorized:
        raise
    except MTurkError as error:
        if len(leased) == 1 or isinstance(error, Retryable):
            put_off(hitline, leased, error)
            return []
        return [decided for one in leased for decided in look(hitline, [one])]
    by_item = {one.item_id: one for one in leased}
    return [
        Decided(leased=by_item[facts.item.id], facts=facts, verdict=decide(facts))
        for facts in found
    ]


def sort_out(decided: Sequence[Decided]) -> Orders:
    """The decided items by kind of effect; what needs no call is for `settle`."""
    calls = (Extend, Repost, Post)
    return Orders(
        settle=tuple(one for one in decided if not isinstance(one.verdict, calls)),
        extend=tuple(one for one in decided if isinstance(one.verdict, Extend)),
        repost=tuple(one for one in decided if isinstance(one.verdict, Repost)),
        post=tuple(one for one in decided if isinstance(one.verdict, Post)),
    )


def close(hitline: Hitline, leased: Sequence[Leased]) -> Closed:
    """Pay and close what is due for the leased items; what cannot be done now is put off."""
    done = Closed()
    for one in leased:
        try:
            done += closing.close(hitline, one.item_id)
            given_up = closing.reconsider(hitline, one)
        except NotAuthorized:
            raise
        except MTurkError as error:
            put_off(hitline, [one], error)
            continue
        with hitline.store.writing() as connection:
            if given_up:
                leases.clear_given_up(connection, one)
            else:
                leases.clear(connection, [one])
    _use_what_is_free(hitline, leased)
    return done


def _use_what_is_free(hitline: Hitline, leased: Sequence[Leased]) -> None:
    """What was closed no longer needs its money: who waits for theirs may be asked now."""
    with hitline.store.writing() as connection:
        closed = items.load(connection, [one.item_id for one in leased])
        for pipeline in sorted({item.pipeline for item in closed}):
            admitting.go_on(hitline, connection, pipeline)
