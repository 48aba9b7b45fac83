"""The ladder: rungs, the wall, who is left, and the staff queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hitline.decide import decide
from hitline.errors import InvalidDefinition
from hitline.facts import Control, HitFacts, ItemFacts, StaffLabel
from hitline.model import Item, ItemState
from hitline.policies import (
    STAFF_RUNG,
    Drop,
    Fixed,
    NoRaise,
    Once,
    Policy,
    RaiseReward,
    Redundancy,
    Rewards,
    SettleBest,
    Staff,
    StopOnReturns,
    VoteLead,
    rungs,
)
from hitline.verdicts import Extend, GiveUp, Nothing, Post, Repost, Settle, Verdict, Wait
from tests.unit.test_decide import POLICY, at, expired, full, hit


def verdict_on(
    labels: str = "",
    hits: Sequence[HitFacts] = (),
    *,
    minute: float = 30,
    policy: Policy = POLICY,
    state: ItemState = ItemState.OPEN,
    **known: Any,
) -> Verdict:
    item = Item(id="item000000000", pipeline="dogs", stage="breed", key="a", input={}, state=state)
    return decide(
        ItemFacts(
            item=item,
            policy=policy,
            hits=tuple(hits),
            labels=tuple(labels),
            now=at(minute),
            **known,
        )
    )


def asking(redundancy: Redundancy) -> Policy:
    return replace(POLICY, redundancy=redundancy)


# The wall


@pytest.mark.parametrize(
    ("redundancy", "wall", "answers"),
    [
        (VoteLead(start=12, lead=2, most=30), 9, 9),
        (VoteLead(start=12, lead=2, most=30), None, 12),
        # Of fifteen, eight that agree decide.
        (Fixed(answers=15), 9, 8),
        (Fixed(answers=30), 9, 9),
        (Fixed(answers=30), None, 16),
    ],
)
def test_a_first_hit_asks_nine_at_most_where_there_is_a_wall(
    redundancy: Redundancy, wall: int | None, answers: int
) -> None:
    verdict = verdict_on(policy=asking(redundancy), wall=wall)

    assert verdict == Post(answers=answers, rung=0, generation=0, why="not asked yet")


@pytest.mark.parametrize(
    ("labels", "hits", "answers", "sibling"),
    [
        # start=12: nine came in the first HIT, three are missing.
        ("aaaaabbbb", [full(9)], 3, 1),
        # 21 more are allowed, of which the lead needs 2.
        ("aaaaaabbbbbb", [full(9), full(3, hit_id="HIT2", sibling=1)], 2, None),
        ("a" * 9 + "b" * 9, [full(9), full(9, hit_id="HIT2", sibling=1)], 2, 2),
    ],
)
def test_past_nine_siblings_of_at_most_nine_bring_the_rest(
    labels: str, hits: list[HitFacts], answers: int, sibling: int | None
) -> None:
    verdict = verdict_on(labels, hits, policy=asking(VoteLead(start=12, lead=2, most=30)))

    if sibling is None:
        assert isinstance(verdict, Extend)
        assert (verdict.answers, verdict.hit.sibling) == (answers, 1)
    else:
        assert isinstance(verdict, Post)
        assert (verdict.answers, verdict.sibling) == (answers, sibling)


def test_without_a_wall_a_full_hit_grows_past_nine() -> None:
    verdict = verdict_on("aabbccdd", [full(8)], policy=asking(Fixed(answers=20)), wall=None)

    assert isinstance(verdict, Extend)
    assert verdict.answers == 7  # twelve are left; seven for one label decide


# Rungs


def test_a_pause_is_waited_for_before_the_next_rung() -> None:
    patient = replace(POLICY, pause=timedelta(minutes=30))

    early = verdict_on("a", [expired(1)], minute=89, policy=patient)
    assert isinstance(early, Wait)
    assert early.until == at(90)
    assert isinstance(verdict_on("a", [expired(1)], minute=90, policy=patient), Repost)


def test_an_author_may_have_every_rung_posted_anew() -> None:
    verdict = verdict_on("", [expired()], minute=61, policy=replace(POLICY, anew=True))

    assert isinstance(verdict, Repost)
    assert verdict.anew


@pytest.mark.parametrize(
    ("eligible", "kind"), [(None, Repost), (1, Repost), (0, GiveUp)], ids=["unknown", "one", "none"]
)
def test_no_rung_is_climbed_where_nobody_is_left(eligible: int | None, kind: type[Verdict]) -> None:
    verdict = verdict_on("a", [expired(1)], minute=61, eligible=eligible)

    assert isinstance(verdict, kind)


def test_nobody_left_is_said_and_the_best_label_settles() -> None:
    best = replace(POLICY, end=SettleBest(lead=1))
    verdict = verdict_on("aab", [full(3)], policy=best, eligible=0)

    assert verdict == Settle(
        label="a",
        agreement=2 / 3,
        why="everybody who holds the required qualification has answered; settled with what "
        "there is (a 2, b 1)",
    )


def test_no_more_are_asked_than_are_left() -> None:
    few = verdict_on("ab", [full(2)], policy=asking(VoteLead(start=5, lead=2, most=9)), eligible=2)

    assert isinstance(few, Extend)
    assert few.answers == 2


@pytest.mark.parametrize(("repeats", "kind"), [(2, Extend), (3, GiveUp)])
def test_where_the_same_people_answer_again_and_again_no_more_is_bought(
    repeats: int, kind: type[Verdict]
) -> None:
    verdict = verdict_on("ab", [full(2 + repeats)], repeats=repeats)

    assert isinstance(verdict, kind)


@pytest.mark.parametrize(
    ("expiry", "ladder"),
    [
        (Rewards(to=["0.08", "0.20"]), ["0.05", "0.08", "0.20"]),
        (RaiseReward(by="0.03", most="0.20", times=2, pause="1h"), ["0.05", "0.08", "0.11"]),
        (NoRaise(), ["0.05"]),
    ],
)
def test_rungs_are_steps_or_a_list(expiry: Any, ladder: list[str]) -> None:
    assert rungs(Decimal("0.05"), expiry) == tuple(map(Decimal, ladder))


@pytest.mark.parametrize(
    ("build", "field", "reason"),
    [
        (lambda: Rewards(to=[]), "expiry.to", "0 rewards"),
        (lambda: Rewards(to="0.08"), "expiry.to", "is one reward"),
        (lambda: Rewards(to=["0.08", "0.001"]), "expiry.to[1]", "no amount in whole cents"),
        (
            lambda: rungs(Decimal("0.05"), Rewards(to=["0.08", "0.08"])),
            "expiry.to[1]",
            "not above the reward before it, 0.08",
        ),
        (lambda: rungs(Decimal("0.09"), Rewards(to=["0.08"])), "expiry.to[0]", "not above"),
        (lambda: RaiseReward(by="1%", most="1.00", pause="-1h"), "expiry.pause", ""),
        (lambda: Staff(reward="0.00"), "expiry.then.reward", "under the minimum reward"),
        (lambda: Staff(answers=10), "expiry.then.answers", "10 is not between 1 and 9"),
        (lambda: Once(per="worker"), "once.per", "'worker' is none of"),  # type: ignore[arg-type]
        (lambda: Once(not_by="reply"), "once.not_by", "is one string"),
        (lambda: StopOnReturns(share=0), "returns.share", "0 is not above 0"),
        (lambda: StopOnReturns(least=101), "returns.least", "101 is not between 1 and 100"),
    ],
)
def test_a_wrong_rule_is_refused_with_field_and_reason(build: Any, field: str, reason: str) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        build()

    assert refused.value.field == field
    assert reason in refused.value.reason


# Returns


@pytest.mark.parametrize(
    ("came_back", "submitted", "stops"),
    [(19, 0, False), (20, 0, True), (10, 10, False), (11, 10, True), (50, 50, False)],
)
def test_more_than_half_of_at_least_twenty_outcomes_stop_a_stage(
    came_back: int, submitted: int, stops: bool
) -> None:
    assert StopOnReturns().stops(came_back, submitted) is stops


# The staff queue

PAID = replace(POLICY, end=Staff(reward="0.25"))
TWO_OF_THREE = replace(POLICY, end=Staff(reward="0.25", answers=3))


def in_queue(hits: Sequence[HitFacts] = (), *, policy: Policy = PAID, **known: Any) -> Verdict:
    return verdict_on("ab", hits, policy=policy, state=ItemState.STAFF, minute=100, **known)


def for_staff(**changed: Any) -> HitFacts:
    about = {"hit_id": "HIT9", "rung": STAFF_RUNG, "generation": 1, "max_assignments": 1}
    return hit(**{**about, **changed})


def test_staff_are_asked_by_a_hit_of_their_own_where_it_is_paid() -> None:
    verdict = in_queue([expired(2)])

    assert verdict == Post(
        answers=1, rung=STAFF_RUNG, generation=1, why="asked of staff: no answers"
    )


@pytest.mark.parametrize("end", [Staff(), Drop(), SettleBest(lead=1)], ids=str)
def test_without_a_reward_the_item_waits_for_a_file(end: Any) -> None:
    assert isinstance(in_queue([expired(2)], policy=replace(POLICY, end=end)), Nothing)


def test_a_hit_that_staff_may_still_answer_is_waited_for() -> None:
    assert isinstance(in_queue([expired(2), for_staff(expires_at=at(200))]), Wait)


def test_one_that_ran_out_is_posted_again_and_not_for_ever() -> None:
    old = [
        for_staff(generation=number, hit_id=f"HIT{number}", expires_at=at(20))
        for number in range(1, 6)
    ]

    again = in_queue(old[:4])
    assert isinstance(again, Post)
    assert again.generation == 5
    assert isinstance(in_queue(old), Nothing)


def test_what_staff_say_settles_whatever_the_crowd_said() -> None:
    verdict = in_queue([for_staff(submitted=1)], by_staff=("b",))

    assert verdict == Settle(label="b", agreement=1.0, why="staff said so (b 1)")


@pytest.mark.parametrize(
    ("said", "label", "agreement"), [("aa", "a", 1.0), ("abb", "b", 2 / 3), ("abc", "a", 1 / 3)]
)
def test_of_several_members_of_staff_most_decide_or_else_the_first(
    said: str, label: str, agreement: float
) -> None:
    verdict = in_queue(policy=TWO_OF_THREE, by_staff=tuple(said))

    assert isinstance(verdict, Settle)
    assert (verdict.label, verdict.agreement) == (label, agreement)


def test_a_label_from_a_file_stands_alone() -> None:
    verdict = in_queue(
        policy=TWO_OF_THREE, by_staff=("a",), staff_file=StaffLabel(label="c", source="queue.csv")
    )

    assert verdict == Settle(label="c", agreement=1.0, why="staff said so (queue.csv)")


def test_staff_may_give_an_item_up() -> None:
    verdict = in_queue(staff_file=StaffLabel(label=None, source="by hand"))

    assert verdict == GiveUp(to_staff=False, why="staff gave it up (by hand)")


@pytest.mark.parametrize("control", [Control.PAUSED, Control.STOPPED])
def test_a_stage_that_does_not_run_asks_staff_nothing(control: Control) -> None:
    assert isinstance(in_queue([expired(2)], control=control), Nothing)
