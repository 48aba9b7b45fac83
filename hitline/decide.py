"""The decision: from the facts about an item to what is to be done, without touching anything.

Whichever event comes first, the verdict on the same facts is the same, and once it is carried out
the next look finds nothing to do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hitline.consensus import adaptive, choice
from hitline.consensus.choice import Agreed, Needs, Tally, Undecided
from hitline.facts import Control, HitFacts, ItemFacts
from hitline.model import FINISHED, HitStatus, Label
from hitline.policies import WALL, Adaptive, Drop, SettleBest, Staff
from hitline.verdicts import (
    Extend,
    GiveUp,
    Hold,
    Nothing,
    Post,
    Repost,
    Settle,
    Verdict,
    Wait,
)

UNREADABLE = 3
"""So many answers that nobody can read are not bought again: the form is broken, not the crowd."""


def decide(facts: ItemFacts) -> Verdict:
    """The one verdict on `facts`."""
    if facts.item.state in FINISHED:
        return Nothing(why=f"the item is {facts.item.state}")
    tally = Tally.of(facts.labels)
    ruling = _ruling(tally, facts)
    if isinstance(ruling, Agreed):
        return _settle(ruling.label, tally, facts, ruling.why)
    for hit in sorted(facts.hits, key=_age):
        waiting = _still_coming(hit, facts)
        if waiting is not None:
            return waiting
    if facts.control is Control.STOPPED:
        return GiveUp(to_staff=False, why=f"the stage was stopped ({tally})")
    if facts.control is Control.PAUSED:
        return Hold(why="the stage is paused")
    if facts.unreadable >= UNREADABLE and facts.unreadable > len(facts.labels):
        return Hold(
            why=f"{facts.unreadable} answers could not be read; is the template's form right? "
            '"hitline explain" shows them'
        )
    if isinstance(ruling, Needs):
        return _ask(ruling.answers, tally, facts)
    return _end(tally, facts, f"{tally.total} people answered and the first place is shared")


def _ruling(tally: Tally, facts: ItemFacts) -> Agreed | Needs | Undecided:
    rule = facts.policy.redundancy
    if isinstance(rule, Adaptive):
        return adaptive.judge(tally, facts.belief, rule, spare=facts.spare)
    return choice.judge(tally, rule)


def _settle(label: Label, tally: Tally, facts: ItemFacts, why: str) -> Settle:
    share = dict(tally.votes).get(label, 0) / tally.total
    belief = facts.belief
    if belief is None or belief.label != label:
        return Settle(label=label, agreement=share, why=why)
    return Settle(
        label=label, agreement=share, confidence=belief.confidence, model=facts.model, why=why
    )


def _age(hit: HitFacts) -> tuple[int, int, str]:
    """By which an item's HITs stand in order, oldest first."""
    return hit.generation, hit.sibling, hit.hit_id


def _still_coming(hit: HitFacts, facts: ItemFacts) -> Wait | None:
    """A HIT whose answers may still come is waited for: open, or expired with work still held."""
    if hit.full or hit.status in (HitStatus.REVIEWABLE, HitStatus.REVIEWING, HitStatus.DISPOSED):
        return None
    missing = hit.max_assignments - hit.submitted
    if facts.now < hit.expires_at:
        return Wait(why=f"{missing} of {hit.max_assignments} answers of HIT {hit.hit_id} to come")
    # Held work may be submitted until the last deadline, even though the HIT has expired.
    last_deadline = hit.expires_at + facts.policy.duration
    if facts.now < last_deadline:
        return Wait(why=f"HIT {hit.hit_id} expired with work still held", until=last_deadline)
    return None


def _ask(answers: int, tally: Tally, facts: ItemFacts) -> Verdict:
    policy = facts.policy
    newest = max(facts.hits, key=_age, default=None)
    if newest is None:
        return Post(answers=answers, rung=0, generation=0, why="not asked yet")
    if newest.full or newest.ended_by_us or newest.status is HitStatus.DISPOSED:
        return _ask_again(answers, tally, newest, facts)
    dearer = newest.rung + 1
    if dearer >= len(policy.rewards):
        return _end(tally, facts, f"nobody came for the last reward, {newest.reward}")
    return Repost(
        hit=newest,
        answers=answers,
        rung=dearer,
        generation=newest.generation + 1,
        why=f"expired at {newest.reward} with {newest.submitted} of {newest.max_assignments} "
        f"answers; next rung {policy.rewards[dearer]}",
    )


def _ask_again(answers: int, tally: Tally, newest: HitFacts, facts: ItemFacts) -> Verdict:
    """More answers at the same reward: on the same HIT where MTurk allows it."""
    why = f"{answers} more: {tally}"
    grows = newest.max_assignments + answers
    walled = newest.max_assignments <= WALL < grows
    alone = newest.items == 1 and newest.full
    if not alone or walled or newest.status is HitStatus.DISPOSED or newest.ended_by_us:
        return Post(
            answers=answers,
            rung=newest.rung,
            generation=newest.generation,
            sibling=newest.sibling + 1,
            why=why,
        )
    return Extend(hit=newest, answers=answers, until=_life(newest, facts), why=why)


def _life(hit: HitFacts, facts: ItemFacts) -> datetime | None:
    """Until when the HIT must live for new slots to have a fair chance; None if it does anyway."""
    lifetime = facts.policy.lifetime
    if hit.expires_at - facts.now >= lifetime / 2:
        return None
    # An expiry moves by a minute at least (MTurk: ExpirationIncrementInSeconds, 60 and more).
    until = max(facts.now + lifetime, hit.expires_at + timedelta(minutes=1))
    return until.replace(microsecond=0) + timedelta(seconds=1)


def _end(tally: Tally, facts: ItemFacts, why: str) -> Verdict:
    """The ladder has no rung left, or nobody else may be asked."""
    end = facts.policy.end
    if isinstance(end, SettleBest):
        if tally.leader is not None and tally.lead >= end.lead:
            why = f"{why}; settled with what there is ({tally})"
            return _settle(tally.leader, tally, facts, why)
        end = end.otherwise
    assert isinstance(end, Staff | Drop)
    return GiveUp(to_staff=isinstance(end, Staff), why=f"{why} ({tally})")
