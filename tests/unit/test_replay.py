"""Replay: what a rule asks for and how right it is, on answers that were recorded."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from hitline.consensus.skill import Numbers
from hitline.deck import Deck
from hitline.policies import THOROUGH, THRIFTY, Adaptive, Fixed, Redundancy, VoteLead
from hitline.recorded import Recorded
from hitline.replay import Setting, Summary, replayed

ALL = 10


def crowd(items: int = 300, *, workers: int = 40, labels: int = 2, seed: int = 1) -> Recorded:
    """Ten answers to each item, by workers who are right from 55 to 95 times in a hundred."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, labels, items)
    skill = random.uniform(0.55, 0.95, workers)
    item = np.repeat(np.arange(items), ALL)
    worker = np.concatenate([random.permutation(workers)[:ALL] for _ in range(items)])
    wrong = random.random(len(item)) > skill[worker]
    label = (truth[item] + wrong * random.integers(1, labels, len(item))) % labels
    return recorded(item, worker, label, truth)


def recorded(item: Numbers, worker: Numbers, label: Numbers, gold: Numbers) -> Recorded:
    return Recorded(
        item=item,
        worker=worker,
        label=label,
        gold=gold,
        tasks=tuple(f"t{number}" for number in range(len(gold))),
        workers=int(worker.max()) + 1,
        labels=tuple("abcd"[: int(label.max()) + 1]),
    )


def run(
    rule: Redundancy, on: Recorded | None = None, *, orders: int = 2, **more: object
) -> Summary:
    setting = Setting(rule=rule, **more)  # type: ignore[arg-type]
    return replayed(on or crowd(), setting, orders=orders, seed=0)


@pytest.mark.parametrize("share", [None, 0.1])
@pytest.mark.parametrize("labels", [2, 4])
@pytest.mark.parametrize(("answers", "baseline"), [(3, "fixed3_majority"), (5, "fixed5_majority")])
def test_fixed_labels_are_those_of_the_whole_majority_for_fewer_answers(
    answers: int, baseline: str, labels: int, share: float | None
) -> None:
    found = run(Fixed(answers=answers), crowd(labels=labels), open_share=share)

    assert found.accuracy == found.baselines[baseline]
    assert found.answers_per_item < answers
    assert found.flips == 0
    assert found.calibration_error is None


def test_all_answers_of_unanimous_workers_are_right_whatever_the_rule() -> None:
    item = np.repeat(np.arange(50), 5)
    truth = np.arange(50) % 2
    unanimous = recorded(item, np.tile(np.arange(5), 50), truth[item], truth)
    found = run(VoteLead(start=2, lead=2, most=9), unanimous)

    assert (found.answers_per_item, found.accuracy, found.accuracy_sd) == (2.0, 1.0, 0.0)
    assert found.rounds == 1.0
    assert set(found.baselines.values()) == {1.0}


def test_a_rule_by_votes_asks_in_rounds_as_long_as_it_needs() -> None:
    # One a, one b, then a: two at first, two more at once, for one could not lead by two.
    item, worker = np.zeros(4, dtype=int), np.arange(4)
    votes = recorded(item, worker, np.array([0, 1, 0, 0]), np.array([0]))
    found = run(VoteLead(start=2, lead=2, most=9), votes, orders=20)

    # Two of one label come first in half of all orders (3 of 6 pairs); else all four are bought.
    assert 2.0 < found.answers_per_item < 4.0
    assert found.accuracy == 1.0
    assert found.rounds == pytest.approx(found.answers_per_item / 2)


@pytest.mark.parametrize(
    ("rule", "votes", "answers"),
    [(THOROUGH, "fixed5_majority", 5), (THRIFTY, "fixed3_majority", 3.5)],
)
def test_the_model_does_better_than_votes_for_no_more_answers(
    rule: Redundancy, votes: str, answers: float
) -> None:
    found = run(rule)

    assert found.accuracy > found.baselines[votes]
    assert found.answers_per_item < answers


def test_where_labels_are_final_the_average_is_kept() -> None:
    """On a crowd so poor that the rule alone would go far beyond it."""
    random = np.random.default_rng(3)
    truth = random.integers(0, 2, 200)
    item = np.repeat(np.arange(200), ALL)
    label = truth[item] ^ (random.random(len(item)) > 0.6)
    poor = recorded(item, np.tile(np.arange(ALL), 200), label, truth)

    assert run(THOROUGH, poor).answers_per_item > 5
    assert run(THOROUGH, poor, open_share=0.05).answers_per_item < 5
    thin = Adaptive(average=3)
    assert run(thin, poor, open_share=0.05).answers_per_item < 3


def test_the_same_seed_gives_the_same_figures_and_another_gives_others() -> None:
    setting = Setting(rule=THRIFTY, open_share=0.1)
    first, again, other = (replayed(crowd(100), setting, orders=2, seed=seed) for seed in (0, 0, 1))

    assert first == again
    assert first != other


def test_known_items_are_not_scored_and_come_first() -> None:
    found = run(THOROUGH, crowd(100), known_share=0.5)

    # Accuracy is a share of the other fifty, in each of the two orders.
    assert (found.accuracy * 100) % 1 == pytest.approx(0, abs=1e-9)
    assert found.calibration_error is not None


def test_only_items_with_a_known_label_are_scored() -> None:
    whole = crowd(60)
    gold = np.where(np.arange(60) < 30, whole.gold, -1)
    half = recorded(whole.item, whole.worker, whole.label, gold)

    assert (run(Fixed(answers=9), half, orders=1).accuracy * 30) % 1 == pytest.approx(0, abs=1e-9)


def test_recorded_answers_that_run_out_settle_an_item_with_what_there_is() -> None:
    item = np.array([0, 1, 1])
    few = recorded(item, np.array([0, 0, 1]), np.array([1, 0, 0]), np.array([1, 0]))

    for rule in (THOROUGH, Fixed(answers=9), VoteLead(start=5, lead=5)):
        found = run(rule, few)
        assert (found.answers_per_item, found.accuracy) == (1.5, 1.0)


def test_a_tie_is_broken_by_the_seed_and_alike_for_rule_and_baseline() -> None:
    item, worker = np.repeat(np.arange(200), 2), np.tile([0, 1], 200)
    tied = recorded(item, worker, np.tile([0, 1], 200), np.zeros(200, dtype=int))
    found = run(Fixed(answers=2), tied)

    assert 0.4 < found.accuracy < 0.6
    assert found.accuracy == found.baselines["all_majority"]
    assert run(Fixed(answers=2), tied) == found


def test_every_answer_is_dealt_once_to_its_item() -> None:
    whole = crowd(40, labels=3)
    deck = Deck.shuffled(whole, 10, np.random.default_rng(4))
    dealt = deck.upto(np.full(10, ALL))

    assert deck.items == 10
    assert (deck.sizes == ALL).all()
    assert Counter(dealt.item.tolist()) == dict.fromkeys(range(10), ALL)
    workers = [set(dealt.worker[dealt.item == item].tolist()) for item in range(10)]
    assert all(len(several) == ALL for several in workers)
    assert deck.upto(np.arange(10)).votes.sum(axis=1).tolist() == list(range(10))
