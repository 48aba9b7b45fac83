"""The benchmark of the standards: what is counted is what the rule does."""

from __future__ import annotations

from random import Random

from benchmarks.standing import career, shares
from hitline.policies import Standards, Step


def test_who_is_always_wrong_is_stopped_after_sixteen_known_items() -> None:
    """Noted at the tenth, warned at the thirteenth, stopped at the sixteenth."""
    steps = [career(Standards(), 0.0, known, Random(1)) for known in (9, 10, 12, 13, 15, 16)]

    assert steps == [
        [],
        [Step.NOTE],
        [Step.NOTE],
        [Step.NOTE, Step.WARN],
        [Step.NOTE, Step.WARN],
        [Step.NOTE, Step.WARN, Step.STOP],
    ]


def test_who_is_always_right_is_left_alone() -> None:
    assert career(Standards(), 1.0, 50, Random(1)) == []


def test_there_is_a_line_for_each_accuracy() -> None:
    rows = shares(Standards(), workers=5, seed=0)

    assert rows[0]["accuracy"] == "95%"
    assert rows[0]["stop % of 50"] == 0
