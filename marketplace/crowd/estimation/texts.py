"""Errors of recorded numbers and texts against the true ones."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pvariance

import numpy as np

from marketplace.crowd.estimation.spread import best_concentration

Given = Iterable[tuple[str, str, str]]
"""(worker, answer, truth) of each answer."""


@dataclass(frozen=True, kw_only=True)
class NumberErrors:
    """As in the script's `number`."""

    bias: float
    bias_spread: float
    noise: float


@dataclass(frozen=True, kw_only=True)
class WordErrors:
    """As in the script's `words`; the three kinds are shares of all errors."""

    rate: float
    concentration: float
    substitutions: float
    deletions: float
    insertions: float


def number_errors(given: Given) -> NumberErrors:
    """Variance components of answer - truth."""
    errors: defaultdict[str, list[float]] = defaultdict(list)
    for worker, answer, truth in given:
        errors[worker].append(float(answer) - float(truth))
    freedom = sum(len(own) - 1 for own in errors.values())
    noise = sum(len(own) * pvariance(own) for own in errors.values()) / max(freedom, 1)
    means = [fmean(own) for own in errors.values()]
    share = fmean(noise / len(own) for own in errors.values())
    return NumberErrors(
        bias=fmean(means),
        bias_spread=math.sqrt(max(pvariance(means) - share, 0.0)),
        noise=math.sqrt(noise),
    )


def word_errors(given: Given) -> WordErrors:
    """Word errors of the least editing, without regard to case and punctuation."""
    kinds: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for worker, answer, truth in given:
        true = spoken(truth)
        found = edits(true, spoken(answer))
        kinds.update(found)
        wrong[worker] += min(sum(found.values()), len(true))
        words[worker] += len(true)
    counts = np.array([[[wrong[one], words[one] - wrong[one]]] for one in words], dtype=float)
    rate = sum(wrong.values()) / max(sum(words.values()), 1)
    common = np.array([[rate, 1 - rate]])
    total = sum(kinds.values())
    share: Mapping[str, float] = {name: number / total for name, number in kinds.items()}
    return WordErrors(
        rate=rate,
        concentration=best_concentration(counts, common, np.ones(len(counts))),
        substitutions=share.get("substitution", 0.0) if total else 1.0,
        deletions=share.get("deletion", 0.0),
        insertions=share.get("insertion", 0.0),
    )


def spoken(text: str) -> list[str]:
    """The words of a text, as one would hear them."""
    return re.findall(r"[\w']+", text.lower())


def edits(true: Sequence[str], heard: Sequence[str]) -> Counter[str]:
    """The fewest substitutions, deletions and insertions that turn `true` into `heard`."""
    steps = np.zeros((len(true) + 1, len(heard) + 1), dtype=np.int64)
    steps[:, 0], steps[0, :] = range(len(true) + 1), range(len(heard) + 1)
    for i, word in enumerate(true, 1):
        for j, other in enumerate(heard, 1):
            steps[i, j] = min(
                steps[i - 1, j - 1] + (word != other), steps[i - 1, j] + 1, steps[i, j - 1] + 1
            )
    found: Counter[str] = Counter()
    i, j = len(true), len(heard)
    while i or j:
        if i and j and steps[i, j] == steps[i - 1, j - 1] + (true[i - 1] != heard[j - 1]):
            if true[i - 1] != heard[j - 1]:
                found["substitution"] += 1
            i, j = i - 1, j - 1
        elif i and steps[i, j] == steps[i - 1, j] + 1:
            found["deletion"] += 1
            i -= 1
        else:
            found["insertion"] += 1
            j -= 1
    return found
