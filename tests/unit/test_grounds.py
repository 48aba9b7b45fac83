"""What a label rests on: each answer's weight, and what they come to together."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from hitline.consensus import grounds
from hitline.consensus.calibration import Calibration
from hitline.consensus.grounds import Grounds
from hitline.consensus.opinion import form
from hitline.consensus.skill import Answers

TWO = Grounds(
    version="3-x",
    answers=3,
    labels=("no", "yes"),
    shares=np.array([0.5, 0.5]),
    calibration=Calibration(),
    by_votes=False,
    workers=("good", "poor"),
    volume=(30, 20),
    confusion=np.array([[[0.9, 0.1], [0.2, 0.8]], [[0.5, 0.5], [0.4, 0.6]]]),
)


def test_an_answer_weighs_what_it_moves_the_log_odds() -> None:
    assert TWO.weight(("good", "yes"), "yes") == pytest.approx(log(0.8 / 0.1))
    assert TWO.weight(("good", "yes"), "no") == pytest.approx(log(0.1 / 0.8))
    assert TWO.weight(("poor", "no"), "yes") == pytest.approx(log(0.4 / 0.5))


def test_with_two_labels_the_weights_add_up_to_the_posterior() -> None:
    said = [("good", "yes"), ("poor", "no")]

    likely = TWO.posterior(said)["yes"]

    # 0.8 x 0.4 against 0.1 x 0.5
    assert likely == pytest.approx(0.32 / 0.37)
    weights = [TWO.weight(one, "yes") or 0.0 for one in said]
    assert log(likely / (1 - likely)) == pytest.approx(sum(weights))


def test_a_stranger_tells_nothing_and_weighs_nothing() -> None:
    assert TWO.posterior([("nobody", "yes"), ("good", "maybe")]) == {"no": 0.5, "yes": 0.5}
    assert TWO.weight(("nobody", "yes"), "yes") is None
    assert TWO.weight(("good", "maybe"), "yes") is None


def test_of_several_labels_the_others_count_as_often_as_they_are_common() -> None:
    three = Grounds(
        version="1-x",
        answers=1,
        labels=("a", "b", "c"),
        shares=np.array([0.5, 0.3, 0.2]),
        calibration=Calibration(),
        by_votes=False,
        workers=("w",),
        volume=(1,),
        confusion=np.array([[[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.4, 0.1, 0.5]]]),
    )

    # (0.3 x 0.2 + 0.2 x 0.4) / 0.5 where it is not "a"
    assert three.weight(("w", "a"), "a") == pytest.approx(log(0.8 / 0.28))


def test_workers_stand_in_order_of_what_is_expected_of_them() -> None:
    assert TWO.accuracies() == [
        ("poor", 20, pytest.approx(0.55)),
        ("good", 30, pytest.approx(0.85)),
    ]


def test_the_posterior_is_what_the_opinion_held() -> None:
    random = np.random.default_rng(3)
    truth = random.integers(0, 2, 40)
    item = np.repeat(np.arange(40), 3)
    worker = np.tile(np.arange(3), 40)
    label = np.where(random.random(120) < 0.8, truth[item], 1 - truth[item])
    view = form(Answers(item=item, worker=worker, label=label, items=40, workers=3, labels=2))
    kept = grounds.of_workers(view, ("no", "yes"), ("w0", "w1", "w2"), (0, 1, 2))

    for place in range(40):
        mine = item == place
        said = [
            (f"w{who}", kept.labels[what])
            for who, what in zip(worker[mine], label[mine], strict=True)
        ]
        name = kept.labels[view.label[place]]
        assert kept.posterior(said)[name] == pytest.approx(view.likely[place])
    assert kept.volume == (40, 40, 40)
    assert kept.version == view.version
