"""A policy is stored as JSON with what was published under it, and comes back the same."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hitline.money import from_cents
from hitline.policies import (
    Adaptive,
    Approve,
    Drop,
    Fixed,
    NoRaise,
    Policy,
    RaiseReward,
    SettleBest,
    Staff,
    VoteLead,
    rungs,
)

CENTS = st.integers(1, 100_000).map(from_cents)
ENDS = st.sampled_from([Staff(), Drop()])
SPANS = st.timedeltas(timedelta(minutes=1), timedelta(days=30))


@st.composite
def vote_leads(draw: st.DrawFn) -> VoteLead:
    most = draw(st.integers(1, 9))
    votes = st.integers(1, most)
    return VoteLead(start=draw(votes), lead=draw(votes), most=most)


@st.composite
def adaptives(draw: st.DrawFn) -> Adaptive:
    most = draw(st.integers(1, 9))
    start = draw(st.integers(1, most))
    return Adaptive(
        start=start,
        confidence=draw(st.floats(0.5, 1, exclude_min=True, exclude_max=True)),
        lead=draw(st.integers(0, most)),
        most=most,
        average=draw(st.integers(start, 12)),
    )


POLICIES = st.builds(
    Policy,
    redundancy=vote_leads() | st.builds(Fixed, answers=st.integers(1, 9)) | adaptives(),
    rewards=st.lists(CENTS, min_size=1, max_size=11).map(tuple),
    end=ENDS | st.builds(SettleBest, lead=st.integers(1, 9), otherwise=ENDS),
    pay=st.builds(Approve, within=SPANS | st.sampled_from(["1m", "90s", "36h", "30d"])),
    lifetime=SPANS,
    duration=SPANS,
    field=st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,63}", fullmatch=True),
    items_per_hit=st.integers(1, 10),
    grace=st.timedeltas(timedelta(0), timedelta(days=120)),
)


@given(POLICIES)
def test_a_policy_comes_back_from_json_as_it_was(policy: Policy) -> None:
    again = Policy.from_json(policy.to_json())

    assert again == policy
    assert type(again.end) is type(policy.end)
    assert type(again.redundancy) is type(policy.redundancy)
    assert again.to_json() == policy.to_json()


@given(
    CENTS,
    st.integers(1, 300).map("{}%".format) | CENTS.map(str),
    CENTS,
    st.integers(1, 10),
)
def test_each_rung_is_dearer_than_the_last_and_none_than_the_most(
    reward: Decimal, by: str, more: Decimal, times: int
) -> None:
    most = reward + more
    ladder = rungs(reward, RaiseReward(by=by, most=most, times=times))

    assert ladder[0] == reward
    assert 2 <= len(ladder) <= times + 1
    assert all(lower < higher for lower, higher in pairwise(ladder))
    assert ladder[-1] <= most
    assert rungs(reward, NoRaise()) == (reward,)
