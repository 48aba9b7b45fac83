"""The ladder: whom to ask next, at which reward, on which HIT; and when there is nobody to ask.

Pure, like the decision that calls it. More answers are asked for where they cost least: on the same
HIT while it may grow, then on a sibling at the same reward. What nobody came for climbs a rung.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hitline.consensus.choice import Agreed, Needs, Tally, judge
from hitline.facts import Control, HitFacts, ItemFacts
from hitline.model import HitStatus
from hitline.policies import STAFF_RUNG, Fixed, staff_of
from hitline.verdicts import Extend, GiveUp, Nothing, Post, Repost, Settle, Verdict, Wait

REPEATS = 3
"""So many answers of people who had answered before, and more than others gave: nobody new comes,
and the endpoint does not keep the old ones off."""

TRIES = 5
"""So many HITs are posted for staff; then the item waits in the queue alone."""


@dataclass(frozen=True, kw_only=True)
class Exhausted:
    """No rung is left, or nobody who may answer; `why` in a few words."""

    why: str


def crowd(facts: ItemFacts) -> tuple[HitFacts, ...]:
    """The item's HITs that are for everybody, oldest first."""
    return tuple(sorted((hit for hit in facts.hits if hit.rung != STAFF_RUNG), key=age))


def age(hit: HitFacts) -> tuple[int, int, str]:
    """By which an item's HITs stand in order, oldest first."""
    return hit.generation, hit.sibling, hit.hit_id


def still_coming(hit: HitFacts, duration: timedelta, now: datetime) -> Wait | None:
    """A HIT whose answers may still come is waited for: open, or expired with work still held."""
    if hit.full or hit.status in (HitStatus.REVIEWABLE, HitStatus.REVIEWING, HitStatus.DISPOSED):
        return None
    missing = hit.max_assignments - hit.submitted
    if now < hit.expires_at:
        return Wait(why=f"{missing} of {hit.max_assignments} answers of HIT {hit.hit_id} to come")
    # Held work may be submitted until the last deadline, even though the HIT has expired.
    last_deadline = hit.expires_at + duration
    if now < last_deadline:
        return Wait(why=f"HIT {hit.hit_id} expired with work still held", until=last_deadline)
    return None


def ask(answers: int, facts: ItemFacts, said: str) -> Verdict | Exhausted:
    """Ask `answers` more people, none of whose HITs is still out; `said` is what there is so far.

    Fewer are asked where fewer are left, or where a HIT takes no more of them.
    """
    if facts.repeats >= REPEATS and facts.repeats > len(facts.labels):
        return Exhausted(
            why=f"{facts.repeats} answers came from people who had answered before, and nobody new"
        )
    if facts.eligible is not None and facts.eligible < 1:
        return Exhausted(why="everybody who holds the required qualification has answered")
    if facts.eligible is not None:
        answers = min(answers, facts.eligible)
    newest = max(crowd(facts), key=age, default=None)
    if newest is None:
        first = facts.item.generation
        why = "not asked yet" if not first else f"asked again: {said}"
        return Post(answers=_at_once(answers, facts), rung=0, generation=first, why=why)
    if newest.full or _is_done_with(newest):
        return _again(answers, newest, facts, said)
    return _climb(answers, newest, facts)


def _at_once(answers: int, facts: ItemFacts) -> int:
    """How many of them one new HIT may ask."""
    return answers if facts.wall is None else min(answers, facts.wall)


def _again(answers: int, newest: HitFacts, facts: ItemFacts, said: str) -> Verdict:
    """More answers at the same reward: on the same HIT up to the wall, beyond it on a sibling."""
    why = f"{answers} more: {said}"
    size, wall = newest.max_assignments, facts.wall
    room = answers if wall is None or size > wall else min(answers, wall - size)
    alone = newest.items == 1 and newest.full
    if not alone or not room or _is_done_with(newest):
        return Post(
            answers=_at_once(answers, facts),
            rung=newest.rung,
            generation=newest.generation,
            sibling=newest.sibling + 1,
            why=why,
        )
    return Extend(hit=newest, answers=room, until=_life(newest, facts), why=why)


def _climb(answers: int, newest: HitFacts, facts: ItemFacts) -> Verdict | Exhausted:
    """Nobody came for this reward: the next one, after the pause."""
    policy, dearer = facts.policy, newest.rung + 1
    if dearer >= len(policy.rewards):
        return Exhausted(why=f"nobody came for the last reward, {newest.reward}")
    expired = (
        f"expired at {newest.reward} with {newest.submitted} of {newest.max_assignments} answers"
    )
    resumes_at = newest.expires_at + policy.pause
    if facts.now < resumes_at:
        return Wait(why=f"{expired}; the next rung comes after a pause", until=resumes_at)
    return Repost(
        hit=newest,
        answers=_at_once(answers, facts),
        rung=dearer,
        generation=newest.generation + 1,
        anew=policy.anew,
        why=f"{expired}; next rung {policy.rewards[dearer]}",
    )


def _is_done_with(hit: HitFacts) -> bool:
    """Whether no answer can come of the HIT any more, by nobody's fault but ours."""
    return hit.ended_by_us or hit.closed or hit.status is HitStatus.DISPOSED


def _life(hit: HitFacts, facts: ItemFacts) -> datetime | None:
    """Until when the HIT must live for new slots to have a fair chance; None if it does anyway."""
    lifetime = facts.policy.lifetime
    if hit.expires_at - facts.now >= lifetime / 2:
        return None
    # An expiry moves by a minute at least (MTurk: ExpirationIncrementInSeconds, 60 and more).
    until = max(facts.now + lifetime, hit.expires_at + timedelta(minutes=1))
    return until.replace(microsecond=0) + timedelta(seconds=1)


def for_staff(facts: ItemFacts) -> Verdict:
    """What is to be done about an item in the staff queue. What staff say is final."""
    given = facts.staff_file
    if given is not None and given.label is None:
        return GiveUp(to_staff=False, why=f"staff gave it up ({given.source})")
    if given is not None and given.label is not None:
        return Settle(label=given.label, agreement=1.0, why=f"staff said so ({given.source})")
    staff = staff_of(facts.policy.end)
    wanted = 1 if staff is None else staff.answers
    tally = Tally.of(facts.by_staff)
    ruling = judge(tally, Fixed(answers=wanted))
    if isinstance(ruling, Agreed):
        share = dict(tally.votes)[ruling.label] / tally.total
        return Settle(label=ruling.label, agreement=share, why=f"staff said so ({tally})")
    if not isinstance(ruling, Needs):
        first = facts.by_staff[0]
        share = dict(tally.votes)[first] / tally.total
        return Settle(
            label=first, agreement=share, why=f"staff disagree, and the first stands ({tally})"
        )
    if staff is None or staff.offered is None:
        return Nothing(why='the item waits for staff; "hitline staff list" shows the queue')
    if facts.control is not Control.RUNNING:
        return Nothing(why=f"the item waits for staff; the stage is {facts.control}")
    asked = sorted((hit for hit in facts.hits if hit.rung == STAFF_RUNG), key=age)
    for hit in asked:
        waiting = still_coming(hit, facts.policy.duration, facts.now)
        if waiting is not None:
            return waiting
    if len(asked) >= TRIES:
        return Nothing(why=f"the item waits for staff; {TRIES} HITs for them came to nothing")
    return Post(
        answers=ruling.answers,
        rung=STAFF_RUNG,
        generation=max((hit.generation + 1 for hit in facts.hits), default=facts.item.generation),
        why=f"asked of staff: {tally}",
    )
