"""Policies: wrong ones are refused with field and reason, and the rungs of a ladder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from hitline.errors import InvalidDefinition
from hitline.policies import Approve, Fixed, NoRaise, RaiseReward, SettleBest, VoteLead, rungs

Build = Callable[[], object]


@pytest.mark.parametrize(
    ("build", "field", "reason"),
    [
        (lambda: VoteLead(most=0), "redundancy.most", "0 is not between 1 and 30"),
        (lambda: VoteLead(most=31), "redundancy.most", "31 is not between 1 and 30"),
        (lambda: VoteLead(start=0), "redundancy.start", "0 is not between 1 and most (9)"),
        (lambda: VoteLead(start=4, most=3), "redundancy.start", "between 1 and most (3)"),
        (lambda: VoteLead(lead=0), "redundancy.lead", "0 is not between 1 and most (9)"),
        (lambda: VoteLead(start=1, lead=4, most=3), "redundancy.lead", "between 1 and most (3)"),
        (lambda: Fixed(answers=0), "redundancy.answers", "0 is not between 1 and 30"),
        (lambda: Fixed(answers=31), "redundancy.answers", "31 is not between 1 and 30"),
        (lambda: SettleBest(lead=0), "expiry.then.lead", "at least 1 vote"),
        (lambda: RaiseReward(by="50%", most="0.001"), "expiry.most", "whole cents"),
        (lambda: RaiseReward(by="50%", most="0.00"), "expiry.most", "minimum reward, 0.01"),
        (lambda: RaiseReward(by="50%", most="1", times=0), "expiry.times", "between 1 and 10"),
        (lambda: RaiseReward(by="50%", most="1", times=11), "expiry.times", "between 1 and 10"),
        (lambda: RaiseReward(by="0%", most="1"), "expiry.by", "raises nothing"),
        (lambda: RaiseReward(by="a lot", most="1"), "expiry.by", "no amount in whole cents"),
        (lambda: RaiseReward(by="-0.02", most="1"), "expiry.by", "not negative"),
        (lambda: Approve(within="soon"), "pay.within", "write it like"),
        (lambda: Approve(within="30s"), "pay.within", "0:00:30 is not between 0:01:00"),
        (lambda: Approve(within="31d"), "pay.within", "31 days, 0:00:00 is not between"),
        (
            lambda: rungs(Decimal("0.20"), RaiseReward(by="50%", most="0.10")),
            "expiry.most",
            "0.10 is less than the reward (0.20)",
        ),
    ],
)
def test_a_wrong_policy_is_refused_with_field_and_reason(
    build: Build, field: str, reason: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        build()

    assert refused.value.field == field
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("expiry", "ladder"),
    [
        (NoRaise(), ["0.05"]),
        (RaiseReward(by="50%", most="0.20", times=3), ["0.05", "0.08", "0.12", "0.18"]),
        (RaiseReward(by="50%", most="0.12", times=3), ["0.05", "0.08", "0.12"]),
        # The last rung is the most, even where a whole step would be dearer.
        (RaiseReward(by="50%", most="0.10", times=3), ["0.05", "0.08", "0.10"]),
        (RaiseReward(by="0.02", most="1.00", times=2), ["0.05", "0.07", "0.09"]),
        # Half a cent is rounded up, and a rung is dearer by a cent at least.
        (RaiseReward(by="1%", most="0.07", times=9), ["0.05", "0.06", "0.07"]),
        (RaiseReward(by="10%", most="0.05"), ["0.05"]),
    ],
)
def test_the_rungs_of_a_ladder_from_five_cents(
    expiry: RaiseReward | NoRaise, ladder: list[str]
) -> None:
    assert rungs(Decimal("0.05"), expiry) == tuple(map(Decimal, ladder))


def test_the_same_policy_may_be_written_in_two_ways() -> None:
    assert Approve(within="2d") == Approve(within=timedelta(hours=48)) == Approve()
    assert RaiseReward(by="50%", most="0.2") == RaiseReward(by="50%", most=Decimal("0.20"))
