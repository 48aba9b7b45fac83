"""Posting HITs: the first, a sibling, a dearer generation."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from hitline.acting import budgeting, offering
from hitline.acting.paying import assignment_cost
from hitline.errors import (
    AlreadyDone,
    Gone,
    InvalidTemplate,
    MTurkError,
    NotAuthorized,
    NotYet,
    OutOfFunds,
    Retryable,
)
from hitline.facts import Control
from hitline.model import Hit, Item
from hitline.pipeline import Stage
from hitline.policies import STAFF_RUNG, Policy
from hitline.questions import render
from hitline.store import hits, inbox, intents, items, ledger, lineage
from hitline.store.intents import Intent
from hitline.tokens import Annotation, call_token
from hitline.wiring import Hitline

STOPPED = "the stage was stopped meanwhile"

TOKEN_LIFE = timedelta(hours=23)
"""For how long the endpoint is trusted to know a token; MTurk keeps them for 24 hours."""

LISTED = timedelta(seconds=60)
"""Wall time after which a HIT that was posted is in the lists, if it ever was."""


@dataclass(frozen=True, kw_only=True)
class Posting:
    """A HIT to be posted, about `items` of one stage and one version of its policy."""

    items: tuple[Item, ...]
    policy: Policy
    answers: int
    rung: int
    generation: int
    sibling: int = 0

    @property
    def about(self) -> Annotation:
        return Annotation(
            pipeline=self.items[0].pipeline,
            stage=self.items[0].stage,
            items=tuple(item.id for item in self.items),
            generation=self.generation,
            sibling=self.sibling,
        )

    @property
    def token(self) -> str:
        return call_token("post", self.about)

    @property
    def reward(self) -> Decimal:
        return self.policy.reward_at(self.rung)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of an attempt: the HIT it concerns, or why the items are held.

    `again`: not possible as things turned out to be, which are to be looked at again. `news`:
    whether it is worth a line in the item's story, and not the same as the last time.
    """

    said: str
    hit_id: str | None = None
    again: bool = False
    news: bool = True


def post(hitline: Hitline, stage: Stage, posting: Posting) -> Outcome:
    """Post a HIT, once, however often this is called for the same posting.

    Raises Retryable errors, after which the same call finishes what was begun.
    """
    try:
        question = render(
            stage.question, [item.input for item in posting.items], posting.items[0].key
        )
    except InvalidTemplate as wrong:
        return hold(hitline, posting.items, f"cannot be asked: {wrong}")
    with hitline.store.reading() as connection:
        was_begun = intents.is_open(connection, posting.token)
    short = _reserve(hitline, posting)
    if short == STOPPED:
        return Outcome(said=STOPPED, again=True)
    if short is not None:
        return hold(hitline, posting.items, short, for_money=True)
    try:
        hit = _create(hitline, stage, posting, question)
    except (Retryable, NotAuthorized):
        raise  # the call may have taken effect; the next run looks
    except MTurkError as refused:
        found = find_posted(hitline, posting.about) if was_begun else None
        if found is None:
            return _withdraw(hitline, posting, refused)
        hit = found  # the call before took effect, and its answer was lost
    return adopt(hitline, hit, posting.about, posting.rung, posting.token)


def adopt(hitline: Hitline, hit: Hit, about: Annotation, rung: int, token: str | None) -> Outcome:
    """Write down a HIT that is there, posted just now or found again by its annotation."""
    now, wall = hitline.clock.now(), hitline.clock.wall()
    with hitline.store.writing() as connection:
        if hits.record(hitline.store, connection, hit, about, rung):
            items.opened(connection, about.items)
        # Its first events may have been faster than its row.
        for early in inbox.early_types(connection, hit.hit_id):
            inbox.mark_items_of(hitline.store, connection, hit.hit_id, early, wall)
        inbox.resolve(connection, hit.hit_id, (about.pipeline, about.stage))
        reserve = f"reserve:{token or call_token('post', about)}"
        ledger.enter(
            hitline.store,
            connection,
            token=reserve,
            entry="reserve",
            pipeline=about.pipeline,
            stage=about.stage,
            amount=assignment_cost(hitline, hit.reward, hit.max_assignments).times(
                hit.max_assignments
            ),
            cause="found again",
            at=now,
            item_id=about.items[0] if len(about.items) == 1 else None,
        )
        ledger.name_hit(connection, reserve, hit.hit_id)
        if token is not None:
            intents.done(connection, token, hit.hit_id, wall)
    return Outcome(said=f"posted HIT {hit.hit_id} at {hit.reward}", hit_id=hit.hit_id)


def find(hitline: Hitline, posting: Posting) -> None:
    """See whether a posting that was begun took effect, and forget it if it did not."""
    hit = find_posted(hitline, posting.about)
    if hit is not None:
        adopt(hitline, hit, posting.about, posting.rung, posting.token)
        return
    with hitline.store.writing() as connection:
        if intents.is_young(connection, posting.token, hitline.clock.wall() - LISTED):
            raise NotYet("ListHITs", "a HIT that was posted just now may not be listed yet")
        intents.done(connection, posting.token, "failed: not posted", hitline.clock.wall())
        ledger.forget(connection, f"reserve:{posting.token}")


def _reserve(hitline: Hitline, posting: Posting) -> str | None:
    """Write the intent and its money down; or say why there is not enough room for it."""
    wall, now = hitline.clock.wall(), hitline.clock.now()
    about = posting.about
    cost = assignment_cost(hitline, posting.reward, posting.answers).times(posting.answers)
    with hitline.store.writing() as connection:
        if items.control(connection, about.pipeline, about.stage) is Control.STOPPED:
            return STOPPED  # since it was decided
        short = budgeting.reserve(
            hitline,
            connection,
            token=posting.token,
            pipeline=about.pipeline,
            stage=about.stage,
            amount=cost,
            cause=f"post {about}",
            item_id=about.items[0] if len(about.items) == 1 else None,
        )
        if short is not None:
            return short
        intents.begin(
            hitline.store,
            connection,
            Intent(
                token=posting.token,
                kind="post",
                pipeline=about.pipeline,
                stage=about.stage,
                item_ids=about.items,
                hit_id=None,
                detail={
                    "answers": posting.answers,
                    "rung": posting.rung,
                    "generation": posting.generation,
                    "sibling": posting.sibling,
                    "items": list(about.items),
                },
                created_at=now,
            ),
            wall,
        )
        lineage.build_on(connection, about.items)
    return None


def _create(hitline: Hitline, stage: Stage, posting: Posting, question: str) -> Hit:
    about, policy = posting.about, posting.policy
    with hitline.store.reading() as connection:
        begun = intents.begun_at(connection, posting.token)
    if begun is not None and hitline.clock.now() - begun > TOKEN_LIFE:
        found = find_posted(hitline, about)
        if found is not None:
            return found
    hit_type_id = offering.type_for(hitline, stage, posting.items, policy, posting.rung)
    try:
        return hitline.requester.create_hit(
            hit_type_id=hit_type_id,
            question=question,
            max_assignments=posting.answers,
            lifetime=policy.life_at(posting.rung),
            annotation=str(about),
            token=posting.token,
        )
    except AlreadyDone as done:
        # The first call took effect and its answer was lost. Verified, not believed.
        found = _shown(hitline, done.existing_id) if done.existing_id else None
        if found is None or found.annotation != str(about):
            found = find_posted(hitline, about)
        if found is None:
            # Lists may lack the newest for some seconds; what it may cost stays reserved.
            raise NotYet(done.operation, f"{done.message}, and no list shows the HIT") from done
        return found


def _shown(hitline: Hitline, hit_id: str) -> Hit | None:
    with suppress(Gone):
        return hitline.requester.get_hit(hit_id)
    return None


def find_posted(hitline: Hitline, about: Annotation) -> Hit | None:
    """The HIT that bears this annotation, if the endpoint has one; reads every HIT there is."""
    return next(
        (hit for hit in hitline.requester.list_hits() if hit.annotation == str(about)), None
    )


def _withdraw(hitline: Hitline, posting: Posting, refused: MTurkError) -> Outcome:
    """The endpoint will not have it: nothing was spent, the items wait for a person."""
    with hitline.store.writing() as connection:
        intents.done(connection, posting.token, f"failed: {refused}", hitline.clock.wall())
        ledger.forget(connection, f"reserve:{posting.token}")
    reason = "the account has not enough funds" if isinstance(refused, OutOfFunds) else str(refused)
    return hold(hitline, posting.items, reason)


def hold(
    hitline: Hitline, together: Sequence[Item], why: str, *, for_money: bool = False
) -> Outcome:
    """Have these items wait for a person; for want of money under a cap, until there is some."""
    with hitline.store.writing() as connection:
        news = [items.held(connection, item.id, why, for_money=for_money) for item in together]
    return Outcome(said=f"held: {why}", news=any(news))


def group(wanted: Sequence[Posting], items_per_hit: int) -> list[Posting]:
    """Single-item postings packed into HITs of up to `items_per_hit`, like with like, in order."""
    if items_per_hit == 1:
        return list(wanted)
    alike: dict[tuple[int, int, int], list[Posting]] = {}
    for posting in wanted:
        if posting.rung == STAFF_RUNG:
            continue
        alike.setdefault((posting.items[0].version, posting.rung, posting.answers), []).append(
            posting
        )
    packed = [posting for posting in wanted if posting.rung == STAFF_RUNG]
    for postings in alike.values():
        for start in range(0, len(postings), items_per_hit):
            together = postings[start : start + items_per_hit]
            packed.append(
                Posting(
                    items=tuple(item for posting in together for item in posting.items),
                    policy=together[0].policy,
                    answers=together[0].answers,
                    rung=together[0].rung,
                    # Later than every HIT that any of them had.
                    generation=max(posting.generation for posting in together),
                    sibling=max(posting.sibling for posting in together),
                )
            )
    return packed
