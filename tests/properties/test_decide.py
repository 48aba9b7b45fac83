"""The decision on any facts at all: one verdict, from the facts alone, and then there is peace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hitline.consensus.adaptive import Belief
from hitline.decide import decide
from hitline.facts import Control, HitFacts, ItemFacts
from hitline.model import FINISHED, HitStatus, Item, ItemState
from hitline.policies import (
    WALL,
    Adaptive,
    Approve,
    Drop,
    End,
    Fixed,
    Policy,
    Redundancy,
    SettleBest,
    Staff,
    VoteLead,
)
from hitline.verdicts import Extend, GiveUp, Nothing, Post, Repost, Settle, Verdict, Wait

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
MINUTES = st.integers(0, 300).map(lambda minutes: START + timedelta(minutes=minutes))

ENDS: list[End] = [Staff(), Drop(), SettleBest(), SettleBest(lead=2, otherwise=Drop())]


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    most = draw(st.integers(1, 9))
    votes = st.integers(1, most)
    rules: list[Redundancy] = [
        VoteLead(start=draw(votes), lead=draw(votes), most=most),
        Fixed(answers=most),
        Adaptive(start=draw(votes), lead=draw(votes), most=most, average=most, confidence=0.9),
    ]
    rewards = st.lists(st.integers(1, 50), min_size=1, max_size=4, unique=True)
    return Policy(
        redundancy=draw(st.sampled_from(rules)),
        rewards=tuple(Decimal(cents) / 100 for cents in sorted(draw(rewards))),
        end=draw(st.sampled_from(ENDS)),
        pay=Approve(),
        lifetime=timedelta(minutes=draw(st.integers(1, 200))),
        duration=timedelta(minutes=draw(st.integers(1, 60))),
        field="breed",
    )


@st.composite
def hits(draw: st.DrawFn, number: int, policy: Policy) -> HitFacts:
    posted = draw(st.integers(1, 12))
    rung = draw(st.integers(0, len(policy.rewards) - 1))
    return HitFacts(
        hit_id=f"HIT{number}",
        status=draw(st.sampled_from(HitStatus)),
        max_assignments=posted,
        submitted=draw(st.integers(0, posted)),
        pending=draw(st.integers(0, posted)),
        expires_at=draw(MINUTES),
        reward=policy.rewards[rung],
        rung=rung,
        generation=draw(st.integers(0, 2)),
        sibling=draw(st.integers(0, 2)),
        items=draw(st.sampled_from([1, 1, 5])),
        ended_by_us=draw(st.booleans()),
    )


BELIEFS = st.builds(
    Belief,
    label=st.sampled_from("abc"),
    likely=st.floats(0.34, 1),
    confidence=st.floats(0.34, 1),
    by_votes=st.booleans(),
)


@st.composite
def any_facts(draw: st.DrawFn) -> ItemFacts:
    policy = draw(policies())
    return ItemFacts(
        item=Item(
            id="item000000000",
            pipeline="dogs",
            stage="breed",
            key="a",
            input={},
            state=draw(st.sampled_from([*ItemState, *[ItemState.OPEN] * 6])),
        ),
        policy=policy,
        hits=tuple(draw(hits(number, policy)) for number in range(draw(st.integers(0, 3)))),
        labels=tuple(draw(st.text("abc", max_size=9))),
        now=draw(MINUTES),
        unreadable=draw(st.integers(0, 5)),
        control=draw(st.sampled_from([*Control, *[Control.RUNNING] * 4])),
        belief=draw(st.none() | BELIEFS),
        spare=draw(st.none() | st.floats(-3, 9)),
        model="12-abc",
    )


def may_be_taken(hit: HitFacts, now: datetime) -> bool:
    open_ = hit.status in (HitStatus.ASSIGNABLE, HitStatus.UNASSIGNABLE)
    return open_ and hit.submitted < hit.max_assignments and now < hit.expires_at


def carried_out(verdict: Verdict, facts: ItemFacts) -> ItemFacts:
    """The facts right after the verdict was acted upon."""
    if isinstance(verdict, Settle | GiveUp):
        return replace(facts, item=replace(facts.item, state=ItemState.SETTLED))
    if isinstance(verdict, Extend):
        grown = replace(
            verdict.hit,
            status=HitStatus.ASSIGNABLE,
            max_assignments=verdict.hit.max_assignments + verdict.answers,
            expires_at=verdict.until or verdict.hit.expires_at,
        )
        return replace(
            facts, hits=tuple(grown if hit is verdict.hit else hit for hit in facts.hits)
        )
    if isinstance(verdict, Post | Repost):
        posted = HitFacts(
            hit_id="HIT9",
            status=HitStatus.ASSIGNABLE,
            max_assignments=verdict.answers,
            submitted=0,
            pending=0,
            expires_at=facts.now + facts.policy.lifetime,
            reward=facts.policy.rewards[verdict.rung],
            rung=verdict.rung,
            generation=verdict.generation,
            sibling=verdict.sibling if isinstance(verdict, Post) else 0,
        )
        return replace(facts, hits=(*facts.hits, posted))
    return facts


@given(any_facts())
def test_any_facts_have_one_verdict_with_its_reason_and_no_other_the_next_time(
    facts: ItemFacts,
) -> None:
    verdict = decide(facts)

    assert isinstance(verdict, Verdict)
    assert type(verdict) is not Verdict
    assert verdict.why
    assert decide(replace(facts)) == verdict


@given(any_facts(), st.randoms(use_true_random=False))
def test_the_verdict_does_not_depend_on_what_came_first(facts: ItemFacts, chance: Random) -> None:
    shuffled_hits, shuffled_labels = list(facts.hits), list(facts.labels)
    chance.shuffle(shuffled_hits)
    chance.shuffle(shuffled_labels)
    shuffled = replace(facts, hits=tuple(shuffled_hits), labels=tuple(shuffled_labels))

    assert decide(shuffled) == decide(facts)


@given(any_facts())
def test_nobody_is_asked_about_a_finished_item(facts: ItemFacts) -> None:
    assert isinstance(decide(facts), Nothing) is (facts.item.state in FINISHED)


@given(any_facts())
def test_nobody_is_asked_while_answers_may_come_or_the_stage_does_not_run(
    facts: ItemFacts,
) -> None:
    if isinstance(decide(facts), Post | Extend | Repost):
        assert facts.control is Control.RUNNING
        assert not any(may_be_taken(hit, facts.now) for hit in facts.hits)


@given(any_facts())
def test_what_is_asked_for_keeps_to_the_policy_and_to_mturks_limits(facts: ItemFacts) -> None:
    verdict = decide(facts)

    if isinstance(verdict, Post | Extend | Repost):
        assert 1 <= verdict.answers <= facts.policy.redundancy.most - len(facts.labels)
    if isinstance(verdict, Post | Repost):
        assert 0 <= verdict.rung < len(facts.policy.rewards)
        assert (verdict.generation, getattr(verdict, "sibling", 0)) not in [
            (hit.generation, hit.sibling) for hit in facts.hits
        ]
    if isinstance(verdict, Extend):
        before = verdict.hit.max_assignments
        assert before > WALL or before + verdict.answers <= WALL
        assert verdict.hit.items == 1
        lives_until = verdict.until or verdict.hit.expires_at
        assert lives_until - facts.now >= facts.policy.lifetime / 2
        if verdict.until is not None:
            increment = verdict.until - max(verdict.hit.expires_at, facts.now)
            assert increment >= timedelta(minutes=1)
    if isinstance(verdict, Repost):
        assert not verdict.hit.ended_by_us
        assert verdict.rung == verdict.hit.rung + 1


@given(any_facts())
def test_once_carried_out_the_next_look_finds_nothing_to_do(facts: ItemFacts) -> None:
    verdict = decide(facts)
    after = decide(carried_out(verdict, facts))

    if isinstance(verdict, Settle | GiveUp):
        assert isinstance(after, Nothing)
    elif isinstance(verdict, Post | Extend | Repost):
        assert isinstance(after, Wait)
        assert after.until is None
    else:
        assert after == verdict


@given(any_facts())
def test_nothing_is_waited_for_after_the_last_deadline(facts: ItemFacts) -> None:
    deadlines = [hit.expires_at + facts.policy.duration for hit in facts.hits]
    verdict = decide(facts)
    late = max([facts.now, *deadlines])

    assert not isinstance(decide(replace(facts, now=late)), Wait)
    if isinstance(verdict, Wait) and verdict.until is not None:
        assert facts.now < verdict.until <= late
