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
    Known,
    NoRaise,
    Policy,
    RaiseReward,
    RejectFailedKnown,
    SettleBest,
    Staff,
    Standards,
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


REJECTIONS = st.builds(
    RejectFailedKnown,
    at_least=st.integers(1, 1000),
    below=st.integers(1, 100).map("{}%".format),
    feedback=st.just("Please read the question."),
)
POLICIES = st.builds(
    Policy,
    redundancy=vote_leads() | st.builds(Fixed, answers=st.integers(1, 9)) | adaptives(),
    rewards=st.lists(CENTS, min_size=1, max_size=11).map(tuple),
    end=ENDS | st.builds(SettleBest, lead=st.integers(1, 9), otherwise=ENDS),
    pay=st.builds(
        Approve,
        on=st.sampled_from(["settlement", "submission"]),
        after=st.just("0s") | st.timedeltas(timedelta(0), timedelta(minutes=1)),
        within=st.timedeltas(timedelta(minutes=1), timedelta(hours=48))
        | st.sampled_from(["1m", "90s", "36h", "2d"]),
        reject=st.none() | REJECTIONS,
    ),
    lifetime=SPANS,
    duration=SPANS,
    field=st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,63}", fullmatch=True),
    items_per_hit=st.integers(1, 10),
    grace=st.timedeltas(timedelta(0), timedelta(days=120)),
    known=st.none()
    | st.builds(
        Known,
        rate=st.integers(1, 100).map("{}%".format),
        answers=st.none() | st.integers(1, 9),
        seed=st.integers(0, 99),
    ),
    standards=st.none()
    | st.builds(Standards, warn=st.none() | st.floats(0.7, 0.85), least=st.integers(1, 50)),
    hourly_wage=st.none() | CENTS,
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
