"""Effects: what verdicts ask for, carried out call by call, and each kept with its verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial

from hitline.acting import admitting, changing, posting, raising, settling
from hitline.acting.claiming import put_off
from hitline.acting.posting import Outcome, Posting
from hitline.acting.rounds import Decided, Errand, Told
from hitline.acting.settling import Settling
from hitline.errors import HitlineError, Retryable
from hitline.store import leases
from hitline.verdicts import Extend, Post, Repost
from hitline.wiring import Hitline

COMPANY = timedelta(seconds=5)
"""Wall time for which items wait for others to share their HIT."""


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
    Nothing is begun for items that another run has taken over meanwhile.
    """
    with hitline.store.writing() as connection:
        ours = leases.still_ours(connection, [one.leased for one in together])
    if any(one.item.id not in ours for one in together):
        return [_told(one, settling.TAKEN_OVER) for one in together]
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


def _told(one: Decided, outcome: str) -> Told:
    return Told(
        item_id=one.item.id,
        key=one.item.key,
        verdict=type(one.verdict).__name__.lower(),
        why=one.verdict.why,
        outcome=outcome,
    )
