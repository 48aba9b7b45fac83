"""Standing: accuracy with its interval, which step follows from it, and speed."""

from __future__ import annotations

import pytest

from hitline.policies import Standards, Step
from hitline.standing import (
    Evidence,
    beta_quantile,
    beta_share,
    matches,
    median_pace,
    next_step,
    pace,
)

BAD = Evidence(known=20, right=4)
"""Surely under 0.5: the interval ends at 0.39."""

LADDER = Standards(note=0.9, warn=0.8, stop=0.6, block=0.5, least=10, apart=3)


# The distribution


@pytest.mark.parametrize(
    ("x", "a", "b", "share"),
    [
        (0.3, 1, 1, 0.3),
        (0.2, 2, 1, 0.04),  # x²
        (0.9, 1, 3, 0.999),  # 1 - (1 - x)³
        (0.5, 11, 11, 0.5),
        (0.5, 2, 3, 0.6875),  # 11/16: at least 2 of 4 tosses
        (0.0, 2, 3, 0.0),
        (1.0, 2, 3, 1.0),
    ],
)
def test_the_share_of_a_beta_distribution(x: float, a: float, b: float, share: float) -> None:
    assert beta_share(x, a, b) == pytest.approx(share, abs=1e-9)


def test_a_quantile_is_where_the_share_is_reached() -> None:
    assert beta_quantile(0.05, 11, 1) == pytest.approx(0.05 ** (1 / 11), abs=1e-7)
    assert beta_share(beta_quantile(0.95, 4000, 900), 4000, 900) == pytest.approx(0.95)


# What evidence says


def test_without_any_evidence_every_accuracy_is_as_likely() -> None:
    assert Evidence().accuracy == 0.5
    assert Evidence().interval == pytest.approx((0.05, 0.95))


def test_known_answers_count_one_each() -> None:
    assert Evidence(known=8, right=6).shape == (7, 3)
    assert Evidence(known=8, right=6).accuracy == 0.7


def test_a_comparison_counts_a_fifth_of_a_known_answer() -> None:
    # 10 comparisons weigh 2, of which 1.6 speak for the worker.
    assert Evidence(known=8, right=6, compared=10, agreed=8).shape == pytest.approx((8.6, 3.4))


def test_all_comparisons_together_count_five_known_answers_at_most() -> None:
    assert Evidence(compared=1000, agreed=500).shape == pytest.approx((3.5, 3.5))


def test_agreement_alone_stops_nobody() -> None:
    evidence = Evidence(compared=1000, agreed=0)

    assert next_step(LADDER, evidence, None, 0) is None


# Steps


@pytest.mark.parametrize(
    ("taken", "since", "step"),
    [
        (None, 0, Step.NOTE),
        (Step.NOTE, 3, Step.WARN),
        (Step.NOTE, 2, None),  # too soon after it
        (Step.WARN, 3, Step.STOP),
        (Step.WARN, 0, None),
        (Step.STOP, 0, Step.BLOCK),  # who is stopped can do no better
        (Step.BLOCK, 100, None),
    ],
)
def test_one_step_follows_the_other(taken: Step | None, since: int, step: Step | None) -> None:
    assert next_step(LADDER, BAD, taken, since) is step


@pytest.mark.parametrize(
    ("evidence", "step"),
    [
        (Evidence(known=9, right=0), None),  # fewer than `least`
        (Evidence(known=10, right=0), Step.NOTE),
        (Evidence(known=10, right=10), None),
        (Evidence(known=10, right=8), None),  # the interval ends at 0.92
        (Evidence(known=10, right=7), Step.NOTE),  # at 0.87
        (Evidence(known=40, right=34), None),  # at 0.91: the mean is under, the end is not
    ],
)
def test_a_step_needs_enough_answers_and_an_interval_that_ends_below_its_threshold(
    evidence: Evidence, step: Step | None
) -> None:
    assert next_step(LADDER, evidence, None, 0) is step


def test_steps_that_are_not_declared_are_passed_over() -> None:
    only_stop = Standards(note=None, warn=None, stop=0.6)

    assert next_step(only_stop, BAD, None, 0) is Step.STOP
    assert next_step(only_stop, BAD, Step.STOP, 0) is None
    assert next_step(only_stop, BAD, Step.NOTE, 3) is Step.STOP  # noted by a person


def test_a_stricter_step_is_not_taken_where_only_a_milder_one_is_called_for() -> None:
    evidence = Evidence(known=20, right=14)  # the interval ends at 0.83

    assert next_step(LADDER, evidence, None, 0) is Step.NOTE
    assert next_step(LADDER, evidence, Step.NOTE, 9) is None


# Speed, and what is the same


def test_a_median_is_within_a_twentieth_of_the_truth() -> None:
    counts: dict[int, int] = {}
    for seconds in (4, 30, 31, 700, 900):
        counts[pace(seconds)] = counts.get(pace(seconds), 0) + 1

    assert median_pace(counts) == pytest.approx(31, rel=0.05)
    assert median_pace({}) is None
    assert pace(0) == 0


@pytest.mark.parametrize(
    ("said", "label", "same"),
    [
        ("yes", "yes", True),
        (" yes ", "yes", True),
        ("yes", "no", False),
        (4, "4.0", True),
        (4.5, "4", False),
        (["b", "a"], '["a","b"]', True),
        (["b"], '["a","b"]', False),
        ({"x": 1}, '{"x": 1}', True),
        (4, "four", False),
    ],
)
def test_an_answer_matches_a_label_that_says_the_same(said: object, label: str, same: bool) -> None:
    assert matches(said, label) is same
