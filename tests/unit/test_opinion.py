"""The opinion on a stage: labels, what is stated of them, and when votes do better."""

from __future__ import annotations

import numpy as np
import pytest

from hitline.consensus import calibration
from hitline.consensus.opinion import ENOUGH, form
from hitline.consensus.skill import Answers, Numbers, fit

LABELS = ("no", "yes")


def answers(said: Numbers) -> Answers:
    """From items by workers; -1 is no answer."""
    item, worker = np.nonzero(said >= 0)
    return Answers(
        item=item,
        worker=worker,
        label=said[item, worker],
        items=said.shape[0],
        workers=said.shape[1],
        labels=2,
    )


def crowd(accuracies: list[float], items: int, seed: int = 1) -> tuple[Answers, Numbers]:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, items)
    wrong = random.random((items, len(accuracies))) > np.array(accuracies)
    return answers(truth[:, np.newaxis] ^ wrong), truth


def clique(items: int) -> tuple[Answers, Numbers]:
    """Two copy from each other and are right six times in ten, three by themselves in 7.5.

    The model takes the two, who always agree, for experts.
    """
    random = np.random.default_rng(2)
    truth = random.integers(0, 2, items)
    honest = truth[:, np.newaxis] ^ (random.random((items, 3)) > 0.75)
    copied = truth ^ (random.random(items) > 0.6)
    return answers(np.column_stack([honest, copied, copied])), truth


def told(truth: Numbers, count: int) -> Numbers:
    return np.where(np.arange(len(truth)) < count, truth, -1)


def test_without_known_answers_it_is_the_models_with_its_log_odds_halved() -> None:
    given, _ = crowd([0.9, 0.8, 0.7], 100)
    view = form(given)
    _, beliefs = fit(given)

    assert (view.label == beliefs.argmax(axis=1)).all()
    assert view.likely == pytest.approx(beliefs.max(axis=1))
    assert view.stated == pytest.approx(calibration.HALVED.stated(beliefs.max(axis=1)))
    assert not view.by_votes


def test_a_known_item_is_looked_at_as_if_it_were_not_known() -> None:
    """Else it would be right by being told, and say nothing of the model."""
    given, truth = crowd([0.9, 0.9, 0.9], 200)
    known = np.full(200, -1)
    known[7] = 1 - truth[7]  # what nobody would say

    view = form(given, known)

    assert given.votes[7, truth[7]] == 3
    assert view.label[7] == truth[7]
    assert view.likely[7] > 0.9


def test_with_known_answers_the_confidence_is_near_the_truth() -> None:
    given, truth = crowd([0.75, 0.7, 0.7, 0.65, 0.65], 1000)
    view = form(given, told(truth, 200))
    right = view.label == truth

    assert calibration.expected_error(view.stated[200:], right[200:]) < 0.05


def test_votes_decide_where_known_answers_say_that_they_do_better() -> None:
    given, truth = clique(400)
    _, beliefs = fit(given)
    majority = given.votes.argmax(axis=1)
    assert (majority == truth).mean() > (beliefs.argmax(axis=1) == truth).mean() + 0.05

    view = form(given, told(truth, 4 * ENOUGH))

    assert view.by_votes
    assert (view.label == majority).all()


@pytest.mark.parametrize("count", [0, ENOUGH - 1])
def test_too_few_known_answers_say_nothing_against_the_model(count: int) -> None:
    given, truth = clique(400)

    assert not form(given, told(truth, count)).by_votes


def test_votes_do_not_decide_where_the_model_does_better() -> None:
    given, truth = crowd([0.97, 0.55, 0.55, 0.55], 400)

    assert not form(given, told(truth, 100)).by_votes


def test_where_votes_decide_the_model_breaks_the_ties() -> None:
    given, truth = clique(400)
    said = np.full((401, 5), -1)
    said[given.item, given.worker] = given.label
    said[400, 0], said[400, 3] = 1, 0
    view = form(answers(said), told(np.append(truth, 0), 4 * ENOUGH))
    (belief,) = view.beliefs([400], LABELS)

    assert view.by_votes
    assert belief.likely >= 0.5


def test_beliefs_carry_the_labels_by_name() -> None:
    given = answers(np.array([[1, 1, 1], [0, 0, 0]]))
    first, second = form(given).beliefs([1, 0], LABELS)

    assert (first.label, second.label) == ("no", "yes")
    assert 0.5 < first.confidence < first.likely


def test_the_version_tells_other_answers_apart() -> None:
    given, truth = crowd([0.9, 0.8], 10)
    other, _ = crowd([0.9, 0.8], 10, seed=3)

    assert form(given).version == form(given).version
    assert form(given).version.startswith("20-")
    versions = {form(given).version, form(other).version, form(given, told(truth, 5)).version}
    assert len(versions) == 3


def test_no_answers_at_all_are_an_opinion_too() -> None:
    view = form(answers(np.full((3, 2), -1)), np.array([1, -1, -1]))

    assert view.likely == pytest.approx([0.5, 0.5, 0.5])
    assert view.stated == pytest.approx([0.5, 0.5, 0.5])
