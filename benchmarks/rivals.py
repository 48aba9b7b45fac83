"""Other ways to decide how many answers a label takes; each sees the votes on one item only."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import comb

import numpy as np

from hitline.consensus.skill import Numbers
from hitline.deck import Deck

MOST = 9
More = Callable[[tuple[int, ...]], int]
"""From the votes for each label to how many answers more are asked for; 0 settles."""


def fixed(answers: int) -> More:
    """So many, all at once."""
    return lambda votes: answers - sum(votes)


def chance_test(confidence: float = 0.95) -> More:
    """AutoMan's rule: ask until so much agreement is unlikely among people who guess.

    At first as many as would do if they all agreed; then each time as many as would do if they all
    agreed with the leader (D. Barowy, C. Curtsinger, E. Berger, A. McGregor, 2012; here with at
    most nine answers, and with the probability worked out instead of drawn).
    """

    def more(votes: tuple[int, ...]) -> int:
        total, first, labels = sum(votes), max(votes), len(votes)
        for extra in range(MOST - total + 1):
            if guessed(total + extra, first + extra, labels) <= 1 - confidence:
                return extra
        return MOST - total

    return more


def simple_plurality(start: int = 3, threshold: int = 66) -> More:
    """MTurk's review policy SimplePlurality/2011-09-01 with extension, one answer at a time.

    Agreed is what more than `threshold` percent say; percents are cut to whole ones, as in MTurk's
    documentation of review policies.
    """

    def more(votes: tuple[int, ...]) -> int:
        total = sum(votes)
        if total < start:
            return start - total
        agreed = 100 * max(votes) // total > threshold
        return 0 if agreed or total >= MOST else 1

    return more


@cache
def guessed(answers: int, first: int, labels: int) -> float:
    """How likely one label or other gets `first` votes or more of `answers` from mere guessing."""
    # Ways to hand out the answers with every label below `first`, label by label.
    ways = [1.0] + [0.0] * answers
    for _ in range(labels):
        ways = [
            sum(comb(total, given) * ways[total - given] for given in range(min(first, total + 1)))
            for total in range(answers + 1)
        ]
    return float(1.0 - ways[answers] / labels**answers)


def deal(deck: Deck, rule: More) -> tuple[Numbers, Numbers, Numbers]:
    """The labels, answers and rounds that `rule` takes for each item."""
    have, rounds = np.zeros(deck.items, dtype=np.intp), np.zeros(deck.items, dtype=np.intp)
    known: dict[tuple[int, ...], int] = {}
    while True:
        votes = deck.upto(have).votes.astype(int)
        want = []
        for row in map(tuple, votes.tolist()):
            if row not in known:
                known[row] = max(0, rule(row))
            want.append(known[row])
        asked = np.minimum(want, deck.sizes - have)
        if not asked.any():
            return deck.leaders(votes), have, rounds
        have, rounds = have + asked, rounds + (asked > 0)
