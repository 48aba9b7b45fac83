"""The ladder of rewards: what an expired HIT leads to, and where it ends."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from hitline.model import HitStatus
from hitline.policies import Drop, End, SettleBest, Staff
from hitline.verdicts import Extend, GiveUp, Repost, Settle, Verdict, Wait
from tests.unit.deciding import LAST, at, expired, full, verdict_on


@pytest.mark.parametrize(
    ("labels", "answers"), [("", 2), ("a", 1), ("ab", 2)], ids=["nobody came", "one", "two"]
)
def test_an_expired_hit_is_offered_again_dearer_for_the_missing_answers(
    labels: str, answers: int
) -> None:
    ran_out = expired(submitted=len(labels), max_assignments=len(labels) + 2)

    verdict = verdict_on(labels, [ran_out], minute=61)
    assert verdict == Repost(
        hit=ran_out,
        answers=answers,
        rung=1,
        generation=1,
        why=f"expired at 0.05 with {len(labels)} of {len(labels) + 2} answers; next rung 0.08",
    )


def test_the_ladder_goes_on_from_the_newest_hit() -> None:
    first = expired()
    second = expired(hit_id="HIT2", generation=1, sibling=1, rung=1, reward=Decimal("0.08"))

    verdict = verdict_on("", [second, first], minute=200)
    assert isinstance(verdict, Repost)
    assert (verdict.hit, verdict.rung, verdict.generation) == (second, 2, 2)


def test_a_dearer_hit_that_fills_is_extended_at_its_own_reward() -> None:
    dearer = full(1, hit_id="HIT2", generation=1, rung=1, expires_at=at(120))

    verdict = verdict_on("ab", [expired(submitted=1), dearer], minute=62)
    assert isinstance(verdict, Extend)
    assert verdict.hit == dearer


NOBODY = "nobody came for the last reward, 0.12"


@pytest.mark.parametrize(
    ("labels", "end", "verdict"),
    [
        ("", Staff(), GiveUp(to_staff=True, why=f"{NOBODY} (no answers)")),
        ("ab", Drop(), GiveUp(to_staff=False, why=f"{NOBODY} (a 1, b 1)")),
        ("aab", Staff(), GiveUp(to_staff=True, why=f"{NOBODY} (a 2, b 1)")),
        (
            "a",
            SettleBest(lead=1),
            Settle(label="a", agreement=1.0, why=f"{NOBODY}; settled with what there is (a 1)"),
        ),
        ("ab", SettleBest(lead=1), GiveUp(to_staff=True, why=f"{NOBODY} (a 1, b 1)")),
        ("", SettleBest(lead=1), GiveUp(to_staff=True, why=f"{NOBODY} (no answers)")),
        (
            "a",
            SettleBest(lead=2, otherwise=Drop()),
            GiveUp(to_staff=False, why=f"{NOBODY} (a 1)"),
        ),
    ],
)
def test_the_ladders_end(labels: str, end: End, verdict: Verdict) -> None:
    assert verdict_on(labels, [LAST], minute=500, end=end) == verdict


def test_held_work_of_the_last_rung_is_waited_for_before_the_end() -> None:
    held = replace(LAST, status=HitStatus.UNASSIGNABLE, pending=1)

    assert isinstance(verdict_on("a", [held], minute=65, end=SettleBest()), Wait)


def test_nine_answers_without_a_leader_end_like_the_ladder() -> None:
    verdict = verdict_on("aaaabbbbc", [full(9)], minute=30)

    assert verdict == GiveUp(
        to_staff=True,
        why="9 people answered and the first place is shared (a 4, b 4, c 1)",
    )
