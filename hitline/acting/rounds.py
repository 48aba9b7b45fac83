"""One chunk of leased items, from facts to carried-out verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from hitline.acting import (
    admitting,
    changing,
    circumstances,
    closing,
    judging,
    posting,
    raising,
    setting_aside,
    settling,
)
from hitline.acting.closing import Closed
from hitline.acting.collecting import collect
from hitline.acting.posting import Outcome, Posting
from hitline.acting.settling import Settling
from hitline.decide import decide
from hitline.errors import HitlineError, MTurkError, NotAuthorized, OutOfFunds, Retryable
from hitline.facts import Control, ItemFacts
from hitline.model import Door, Item
from hitline.store import claims, intents, items, leases, repairs
from hitline.store.leases import Leased
from hitline.verdicts import Extend, Post, Repost, Verdict
from hitline.wiring import Hitline

RETRY_AFTER = timedelta(seconds=5)
"""Wall time before what failed for the moment is tried again."""

COMPANY = timedelta(seconds=5)
"""Wall time for which items wait for others to share their HIT."""

BLAMELESS = (Retryable, NotAuthorized, OutOfFunds)
"""What no item is to blame for, however often it comes."""

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


def claim(
    hitline: Hitline,
    door: Door,
    pipeline: str,
    stage: str,
    owner: str,
    only: Sequence[str] | None = None,
) -> list[Leased]:
    """Lease a chunk of what waits behind `door`, or all of `only`, whether it waits or not.

    What an earlier run had begun on them is finished first.
    """
    with hitline.store.writing() as connection:
        if only is None:
            setting_aside.set_aside(hitline, connection, pipeline, stage)
        leased = claims.claim(
            connection,
            door,
            pipeline,
            stage,
            owner=owner,
            wall=hitline.clock.wall(),
            most=hitline.chunk if only is None else len(only),
            only=only,
        )
        taken_over = {repairs.LEASE_RAN_OUT: sum(one.taken_over for one in leased)}
        repairs.count(hitline.store, connection, taken_over, hitline.clock.wall())
    if not leased:
        return []
    with hitline.store.reading() as connection:
        begun = intents.undone(connection, [one.item_id for one in leased])
    failed: dict[str, HitlineError] = {}
    failures = 0
    for intent in begun:
        try:
            _finish(hitline, intent)
        except HitlineError as error:
            failed |= dict.fromkeys(intent.item_ids, error)
            failures += 1
    if begun:
        with hitline.store.writing() as connection:
            done = {repairs.CALL_FINISHED: len(begun) - failures}
            repairs.count(hitline.store, connection, done, hitline.clock.wall())
    if failed:
        stuck = [one for one in leased if one.item_id in failed]
        put_off(hitline, stuck, next(iter(failed.values())))
        leased = [one for one in leased if one.item_id not in failed]
    return leased


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
            closing.reconsider(hitline, one)
        except NotAuthorized:
            raise
        except MTurkError as error:
            put_off(hitline, [one], error)
            continue
        with hitline.store.writing() as connection:
            leases.clear(connection, [one])
    _use_what_is_free(hitline, leased)
    return done


def _use_what_is_free(hitline: Hitline, leased: Sequence[Leased]) -> None:
    """What was closed no longer needs its money: who waits for theirs may be asked now."""
    with hitline.store.writing() as connection:
        closed = items.load(connection, [one.item_id for one in leased])
        for pipeline in sorted({item.pipeline for item in closed}):
            admitting.go_on(hitline, connection, pipeline)


def put_off(hitline: Hitline, leased: Sequence[Leased], error: Exception) -> None:
    """Give these items back, to be tried again in a while; the reason shows in `hitline status`.

    What may lie in the items themselves counts, and is not tried for ever.
    """
    until, blame = hitline.clock.wall() + RETRY_AFTER, not isinstance(error, BLAMELESS)
    with hitline.store.writing() as connection:
        leases.put_off(connection, leased, until, str(error), blame=blame)


def settle(hitline: Hitline, decided: Iterable[Decided], errand: Errand) -> list[Told]:
    """Store the verdicts that need no call."""
    ones = list(decided)
    together = [
        Settling(item=one.item, verdict=one.verdict, leased=one.leased, grounds=one.facts.grounds)
        for one in ones
    ]
    outcomes = settling.settle(hitline, together, errand.door, errand.flow_run)
    return [_told(one, outcome) for one, outcome in zip(ones, outcomes, strict=True)]


def extend(hitline: Hitline, decided: Iterable[Decided], errand: Errand) -> list[Told]:
    """Buy more answers on the HITs that are out."""
    told = []
    for one in decided:
        assert isinstance(one.verdict, Extend)
        effect = partial(changing.extend, hitline, one.item, one.verdict, one.facts.policy)
        told += _attempt(hitline, [one], errand, effect)
    return told


def repost(hitline: Hitline, decided: Iterable[Decided], errand: Errand) -> list[Told]:
    """Offer expired HITs again, dearer: in place where nobody ever took them, else as new HITs."""
    told: list[Told] = []
    anew: list[Decided] = []
    by_hit: dict[str, list[Decided]] = {}
    for one in decided:
        assert isinstance(one.verdict, Repost)
        by_hit.setdefault(one.verdict.hit.hit_id, []).append(one)
    for together in by_hit.values():
        first = together[0]
        assert isinstance(first.verdict, Repost)
        if first.verdict.hit.submitted or first.verdict.anew:
            anew += together
            continue
        carried = [one.item for one in together]
        effect = partial(
            raising.raise_in_place, hitline, carried, first.verdict, first.facts.policy
        )
        said = _attempt(hitline, together, errand, effect)
        told += said
        anew += [] if said else together
    return told + post(hitline, anew, errand)


def post(hitline: Hitline, decided: Iterable[Decided], errand: Errand) -> list[Told]:
    """Post new HITs for these items, several in one where the stage says so."""
    told, let_in = _let_in(hitline, list(decided), errand)
    waiting = {one.item.id: one for one in let_in}
    if not waiting:
        return told
    any_item = next(iter(waiting.values())).item
    stage = hitline.pipeline(any_item.pipeline).stage(any_item.stage)
    wanted = [_posting(one) for one in waiting.values()]
    for together in posting.group(wanted, wanted[0].policy.items_per_hit):
        ones = [waiting[item.id] for item in together.items]
        if _wait_for_company(hitline, ones):
            told += [_told(one, "waits for more items to fill a HIT") for one in ones]
            continue
        told += _attempt(hitline, ones, errand, partial(posting.post, hitline, stage, together))
    return told


def _let_in(
    hitline: Hitline, decided: Sequence[Decided], errand: Errand
) -> tuple[list[Told], list[Decided]]:
    """What the caps let in now; what waits for its wave is held."""
    refused = admitting.let_in(hitline, [one.item for one in decided])
    told = []
    for one in decided:
        why = refused.get(one.item.id)
        if why is not None:
            effect = partial(posting.hold, hitline, [one.item], why, for_money=True)
            told += _attempt(hitline, [one], errand, effect)
    return told, [one for one in decided if one.item.id not in refused]


def _wait_for_company(hitline: Hitline, together: Sequence[Decided]) -> bool:
    """A HIT for several items that is not full yet waits a moment for more to come."""
    if len(together) >= together[0].facts.policy.items_per_hit:
        return False
    until = min(one.leased.marked_at or hitline.clock.wall() for one in together) + COMPANY
    if hitline.clock.wall() >= until or any(not one.leased.marks for one in together):
        return False
    with hitline.store.writing() as connection:
        leases.postpone(connection, [one.leased for one in together], until)
    return True


def _posting(one: Decided) -> Posting:
    order = one.verdict
    assert isinstance(order, Post | Repost)
    return Posting(
        items=(one.item,),
        policy=one.facts.policy,
        answers=order.answers,
        rung=order.rung,
        generation=order.generation,
        sibling=order.sibling if isinstance(order, Post) else 0,
    )


def _attempt(
    hitline: Hitline,
    together: Sequence[Decided],
    errand: Errand,
    effect: Callable[[], Outcome | None],
) -> list[Told]:
    """Run one effect for the items that it concerns, and keep what came of it with each.

    An effect that gives None was not possible, and nothing is kept or told: another will be tried.
    """
    try:
        outcome = effect()
    except Retryable as error:
        put_off(hitline, [one.leased for one in together], error)
        return [_told(one, f"put off: {error}") for one in together]
    if outcome is None:
        return []
    if outcome.again:
        put_off(hitline, [one.leased for one in together], HitlineError(outcome.said))
        return [_told(one, outcome.said) for one in together]
    if not outcome.news:
        with hitline.store.writing() as connection:
            leases.clear(connection, [one.leased for one in together])
        return [_told(one, outcome.said) for one in together]
    for one in together:
        settling.keep_verdict(
            hitline,
            one.item,
            one.verdict,
            one.leased,
            errand.door,
            errand.flow_run,
            outcome.said,
            outcome.hit_id,
        )
    return [_told(one, outcome.said) for one in together]


def _finish(hitline: Hitline, intent: intents.Intent) -> None:
    """Finish a call that was written down and has no outcome, under the same token."""
    if intent.kind in judging.KINDS:
        judging.finish(hitline, intent)
        return
    if intent.kind != "post":
        (raising if intent.kind == "raise" else changing).finish(hitline, intent)
        return
    with hitline.store.reading() as connection:
        found = {item.id: item for item in items.load(connection, intent.item_ids)}
        versions = items.policies(connection, intent.pipeline, intent.stage)
        control = items.control(connection, intent.pipeline, intent.stage)
    ordered = tuple(found[item_id] for item_id in intent.detail["items"])
    begun = Posting(
        items=ordered,
        policy=versions[ordered[0].version],
        answers=intent.detail["answers"],
        rung=intent.detail["rung"],
        generation=intent.detail["generation"],
        sibling=intent.detail["sibling"],
    )
    if control is Control.RUNNING:
        stage = hitline.pipeline(intent.pipeline).stage(intent.stage)
        posting.post(hitline, stage, begun)
    else:
        # Nothing new is asked for a stage that somebody has paused or stopped since.
        posting.find(hitline, begun)


def _told(one: Decided, outcome: str) -> Told:
    return Told(
        item_id=one.item.id,
        key=one.item.key,
        verdict=type(one.verdict).__name__.lower(),
        why=one.verdict.why,
        outcome=outcome,
    )
