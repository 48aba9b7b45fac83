"""The decision where a stage's rule has a model of the workers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hitline.consensus.adaptive import Belief
from hitline.decide import decide
from hitline.facts import HitFacts, ItemFacts
from hitline.model import HitStatus, Item, ItemState
from hitline.policies import Adaptive, Approve, Policy, SettleBest, Staff
from hitline.verdicts import Extend, Settle, Verdict

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
POLICY = Policy(
    redundancy=Adaptive(start=2, confidence=0.99, lead=2, most=9),
    rewards=(Decimal("0.05"), Decimal("0.08")),
    end=Staff(),
    pay=Approve(),
    lifetime=timedelta(minutes=60),
    duration=timedelta(minutes=10),
    field="breed",
)
SURE = Belief(label="a", likely=0.995, confidence=0.93)


def hit(submitted: int, most: int | None = None) -> HitFacts:
    """A HIT that was posted at the start, for an hour."""
    return HitFacts(
        hit_id="HIT1",
        status=HitStatus.REVIEWABLE,
        max_assignments=most or submitted,
        submitted=submitted,
        pending=0,
        expires_at=START + timedelta(minutes=60),
        reward=Decimal("0.05"),
        rung=0,
        generation=0,
    )


def verdict_on(
    labels: str, one: HitFacts, *, policy: Policy = POLICY, minute: int = 20, **known: Any
) -> Verdict:
    item = Item(
        id="item000000000",
        pipeline="dogs",
        stage="breed",
        key="a",
        input={},
        state=ItemState.OPEN,
    )
    now = START + timedelta(minutes=minute)
    return decide(
        ItemFacts(item=item, policy=policy, hits=(one,), labels=tuple(labels), now=now, **known)
    )


def test_what_a_model_is_sure_of_settles_with_its_confidence_and_the_models_version() -> None:
    verdict = verdict_on("aaab", hit(4), belief=SURE, model="12-abc")

    assert verdict == Settle(
        label="a",
        agreement=0.75,
        confidence=0.93,
        model="12-abc",
        why="93% sure, 2 votes ahead (a 3, b 1)",
    )


def test_a_model_that_doubts_buys_more() -> None:
    one = hit(2)
    doubt = Belief(label="a", likely=0.9, confidence=0.75)
    verdict = verdict_on("aa", one, belief=doubt)

    assert verdict == Extend(hit=one, answers=1, until=None, why="1 more: a 2")


def test_where_labels_are_final_the_sixth_answer_needs_to_have_been_saved() -> None:
    doubt = Belief(label="b", likely=0.8, confidence=0.6)

    assert isinstance(verdict_on("aabbb", hit(5), belief=doubt, spare=1.0), Extend)
    settled = verdict_on("aabbb", hit(5), belief=doubt, spare=0.5)
    assert isinstance(settled, Settle)
    assert (settled.label, settled.agreement) == ("b", 0.6)


def test_a_label_by_votes_at_the_end_of_the_ladder_has_a_confidence_only_if_it_is_the_models() -> (
    None
):
    ended = replace(POLICY, rewards=POLICY.rewards[:1], end=SettleBest(lead=1))
    for model, confidence in (("a", 0.6), ("b", None)):
        belief = Belief(label=model, likely=0.7, confidence=0.6)
        verdict = verdict_on("aab", hit(3, most=4), policy=ended, minute=80, belief=belief)
        assert isinstance(verdict, Settle)
        assert (verdict.label, verdict.confidence) == ("a", confidence)
