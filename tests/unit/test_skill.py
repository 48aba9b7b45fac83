"""The model of the workers learns who is right, and says how sure a label is."""

from __future__ import annotations

import numpy as np
import pytest

from hitline.consensus.skill import Answers, Shares, Skill, fit

NOBODY = np.empty(0, dtype=np.intp)


def answers(*said: tuple[int, int, int], items: int, workers: int, labels: int = 2) -> Answers:
    """From (item, worker, label)."""
    columns = np.array(said, dtype=np.intp).reshape(-1, 3)
    return Answers(
        item=columns[:, 0],
        worker=columns[:, 1],
        label=columns[:, 2],
        items=items,
        workers=workers,
        labels=labels,
    )


def crowd(accuracies: list[float], items: int, seed: int) -> tuple[Answers, Shares]:
    """Everybody answers every item, right as often as said; and what is right."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, items)
    said = []
    for worker, accuracy in enumerate(accuracies):
        wrong = random.random(items) > accuracy
        said += [(item, worker, int(truth[item] ^ wrong[item])) for item in range(items)]
    return answers(*said, items=items, workers=len(accuracies)), truth


def test_votes_count_how_often_each_label_was_given() -> None:
    given = answers((0, 0, 1), (0, 1, 1), (0, 2, 0), (1, 0, 0), items=3, workers=3)

    assert given.votes.tolist() == [[1, 2], [1, 0], [0, 0]]


def test_beliefs_add_up_to_one_and_an_item_without_answers_has_the_common_shares() -> None:
    given = answers((0, 0, 1), (1, 0, 1), (1, 1, 1), items=3, workers=2)

    _, beliefs = fit(given)

    assert beliefs.sum(axis=1) == pytest.approx([1.0, 1.0, 1.0])
    # Three votes for one label, none for the other, one added to each.
    assert beliefs[2] == pytest.approx([1 / 5, 4 / 5])


def test_no_answers_at_all_leave_every_label_equally_likely() -> None:
    skill, beliefs = fit(answers(items=2, workers=1))

    assert beliefs == pytest.approx(np.full((2, 2), 0.5))
    assert np.isfinite(skill.confusion).all()


def test_one_who_is_always_right_outweighs_two_who_guess() -> None:
    given, truth = crowd([1.0, 1.0, 0.5, 0.5, 0.5], items=200, seed=1)

    _, beliefs = fit(given)
    majority = given.votes.argmax(axis=1)

    assert (beliefs.argmax(axis=1) == truth).all()
    assert (majority == truth).mean() < 1.0


def test_a_confusion_matrix_comes_out_as_it_was_put_in() -> None:
    given, _ = crowd([0.9, 0.8, 0.8, 0.7, 0.6], items=2000, seed=2)

    skill, _ = fit(given)

    right = np.einsum("wkk->wk", skill.confusion).mean(axis=1)
    assert right == pytest.approx([0.9, 0.8, 0.8, 0.7, 0.6], abs=0.03)


def test_a_known_answer_is_taken_as_what_it_is_and_tells_on_the_workers() -> None:
    given, truth = crowd([0.9, 0.55, 0.55], items=300, seed=3)
    known = np.where(np.arange(300) < 150, truth, -1)

    _, blind = fit(given)
    skill, told = fit(given, known)

    assert (told[:150].argmax(axis=1) == truth[:150]).all()
    rest = slice(150, None)
    assert (told[rest].argmax(axis=1) == truth[rest]).mean() >= (
        blind[rest].argmax(axis=1) == truth[rest]
    ).mean()
    assert skill.confusion[0, 0, 0] > skill.confusion[1, 0, 0]


def test_one_items_belief_is_the_same_alone_as_among_all() -> None:
    given, _ = crowd([0.9, 0.7, 0.6], items=50, seed=4)
    skill, _ = fit(given)

    said = [
        (int(worker), int(label))
        for item, worker, label in zip(given.item, given.worker, given.label, strict=True)
        if item == 7
    ]

    assert skill.belief([*said]) == pytest.approx(skill.beliefs(given)[7])


def test_somebody_unknown_counts_as_people_do_on_the_whole() -> None:
    typical = np.array([[0.8, 0.2], [0.4, 0.6]])
    skill = Skill(confusion=np.empty((0, 2, 2)), typical=typical, shares=np.array([0.5, 0.5]))

    # 0.5 x 0.2 against 0.5 x 0.6
    assert skill.belief([(None, 1)]) == pytest.approx([0.25, 0.75])


def test_the_order_in_which_answers_came_changes_nothing() -> None:
    given, _ = crowd([0.9, 0.7, 0.6], items=60, seed=5)
    turned = Answers(
        item=given.item[::-1],
        worker=given.worker[::-1],
        label=given.label[::-1],
        items=60,
        workers=3,
        labels=2,
    )

    assert fit(turned)[1] == pytest.approx(fit(given)[1])
