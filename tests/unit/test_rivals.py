"""The rivals of the benchmark decide as their authors say."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from benchmarks.rivals import chance_test, deal, fixed, guessed, simple_plurality
from hitline.deck import Deck
from hitline.recorded import Recorded


@pytest.mark.parametrize(
    ("answers", "first", "labels"),
    [(2, 2, 2), (6, 6, 2), (5, 3, 2), (4, 2, 3), (5, 3, 4), (3, 1, 2)],
)
def test_guessing_is_worked_out_as_counting_all_guesses_would(
    answers: int, first: int, labels: int
) -> None:
    lots = list(product(range(labels), repeat=answers))
    agreeing = [lot for lot in lots if max(map(lot.count, lot)) >= first]

    assert guessed(answers, first, labels) == pytest.approx(len(agreeing) / len(lots))


@pytest.mark.parametrize(
    ("votes", "more"),
    [
        # Of two labels, six who agree: 2 in 64 by chance; of three, four: 3 in 81; of four, four.
        ((0, 0), 6),
        ((0, 0, 0), 4),
        ((0, 0, 0, 0), 4),
        ((6, 0), 0),
        ((4, 0, 0), 0),
        # 5 of 6: 14 in 64. 7 of 8, should both agree: 18 in 256. 8 of 9: 20 in 512.
        ((5, 1), 3),
        # 5 of 6: 39 in 729, still more than a twentieth. 6 of 7: 45 in 2,187.
        ((3, 1, 0), 3),
        ((5, 4), 0),
    ],
)
def test_the_chance_test_asks_for_what_would_do_if_all_agreed(
    votes: tuple[int, ...], more: int
) -> None:
    assert chance_test()(votes) == more


@pytest.mark.parametrize(
    ("votes", "more"),
    [((0, 0), 3), ((3, 0), 0), ((2, 1), 1), ((2, 2), 1), ((3, 1), 0), ((4, 2), 1), ((5, 4), 0)],
)
def test_plurality_is_extended_by_one_until_more_than_66_percent_agree(
    votes: tuple[int, ...], more: int
) -> None:
    assert simple_plurality()(votes) == more


def test_what_is_dealt_is_counted_in_answers_and_rounds() -> None:
    # The first item's three agree; of the second there are four answers only.
    item = np.array([0, 0, 0, 1, 1, 1, 1])
    recorded = Recorded(
        item=item,
        worker=np.array([0, 1, 2, 0, 1, 2, 3]),
        label=np.array([1, 1, 1, 0, 0, 1, 1]),
        gold=np.array([1, 0]),
        tasks=("a", "b"),
        workers=4,
        labels=("no", "yes"),
    )
    deck = Deck.shuffled(recorded, None, np.random.default_rng(1))

    label, have, rounds = deal(deck, simple_plurality())
    assert (label[0], have.tolist(), rounds.tolist()) == (1, [3, 4], [1, 2])
    _, have, rounds = deal(deck, fixed(3))
    assert (have.tolist(), rounds.tolist()) == ([3, 3], [1, 1])
