"""What a model's confidence is worth: halved where nothing is known, fitted where something is."""

from __future__ import annotations

import numpy as np
import pytest

from hitline.consensus.calibration import (
    FURTHEST,
    HALVED,
    Calibration,
    expected_error,
    fit,
    log_odds,
)


@pytest.mark.parametrize(
    ("likely", "stated"),
    [
        # Odds of 1, 9, 81 and 1/9 have the roots 1, 3, 9 and 1/3.
        (0.5, 0.5),
        (0.9, 0.75),
        (81 / 82, 0.9),
        (0.1, 0.25),
        # Whatever lies beyond 2,980 to one is stated as the root of that, 54.6 to one.
        (1.0, 0.98201),
        (0.0, 0.01799),
    ],
)
def test_without_known_answers_the_log_odds_are_halved(likely: float, stated: float) -> None:
    assert HALVED.stated(np.array([likely])) == pytest.approx([stated], abs=1e-5)


def test_nothing_known_leaves_the_prior() -> None:
    assert fit(np.empty(0), np.empty(0, dtype=bool)) == HALVED


def test_a_model_that_was_right_as_often_as_it_said_keeps_its_word() -> None:
    likely = np.repeat([0.6, 0.8, 0.95], 1000)
    right = np.concatenate([np.arange(1000) < 1000 * share for share in (0.6, 0.8, 0.95)])

    assert fit(likely, right).stated(np.array([0.6, 0.8, 0.95])) == pytest.approx(
        [0.6, 0.8, 0.95], abs=0.015
    )


def test_a_model_that_is_always_sure_and_right_six_times_in_ten_says_so() -> None:
    calibration = fit(np.full(2000, 0.999), np.arange(2000) < 1200)

    assert calibration.stated(np.array([0.999])) == pytest.approx([0.6], abs=0.01)


@pytest.mark.parametrize("right", [True, False])
def test_one_that_was_right_or_wrong_moves_it_by_a_little(right: bool) -> None:
    likely = np.array([0.99])
    calibration = fit(likely, np.array([right]))

    assert abs(calibration.shift) < 0.6
    assert 0.1 < calibration.slope < 0.6
    assert (calibration.stated(likely) > HALVED.stated(likely))[0] == right


def test_a_surer_model_is_never_stated_to_be_a_worse_one() -> None:
    # It was right where it doubted, and wrong where it was sure.
    likely = np.repeat([0.55, 0.999], 500)
    calibration = fit(likely, np.arange(1000) < 500)

    assert calibration.slope == 0.0


@pytest.mark.parametrize("count", [1, 10, 100_000])
def test_certainty_stays_finite(count: int) -> None:
    calibration = fit(np.ones(count), np.ones(count, dtype=bool))

    assert np.isfinite([calibration.shift, calibration.slope]).all()
    assert 0.9 < calibration.stated(np.ones(1))[0] < 1.0


def test_the_fit_is_at_the_top_of_the_posterior() -> None:
    random = np.random.default_rng(5)
    likely = random.uniform(0.3, 1.0, 200)
    right = random.random(200) < 0.5 + likely / 3
    found = fit(likely, right)

    def height(shift: float, slope: float) -> float:
        said = Calibration(shift=shift, slope=slope).stated(likely)
        evidence = np.where(right, np.log(said), np.log1p(-said)).sum()
        return float(evidence - shift**2 / 2 - (slope - 0.5) ** 2 / (2 * 0.4**2))

    top = height(found.shift, found.slope)
    for shift, slope in [(0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)]:
        assert height(found.shift + shift, found.slope + slope) < top


def test_log_odds_stop_at_the_furthest() -> None:
    assert log_odds(np.array([0.0, 0.5, 0.75, 1.0])) == pytest.approx(
        [-FURTHEST, 0.0, np.log(3), FURTHEST]
    )


@pytest.mark.parametrize(
    ("stated", "right", "error"),
    [
        ([], [], 0.0),
        ([0.75] * 4, [1, 1, 1, 0], 0.0),
        ([0.75] * 4, [1, 1, 0, 0], 0.25),
        # A bin that says too much and one that says too little do not make up for each other.
        ([0.95, 0.95, 0.55, 0.55], [1, 0, 1, 1], 0.45),
        ([1.0, 1.0], [1, 1], 0.0),
    ],
)
def test_the_expected_error_weighs_each_bin_by_its_labels(
    stated: list[float], right: list[int], error: float
) -> None:
    assert expected_error(np.array(stated), np.array(right, dtype=bool)) == pytest.approx(error)
