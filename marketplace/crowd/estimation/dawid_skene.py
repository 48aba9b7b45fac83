"""Dawid and Skene's model of who confuses what, with each worker's matrix drawn to the common one.

A. P. Dawid, A. M. Skene: Maximum Likelihood Estimation of Observer Error-Rates Using the EM
Algorithm. Applied Statistics 28 (1979). Here a worker's matrix starts from `SMOOTHING` imagined
answers a row, spread as those of all workers are, so that few answers do not make a sure matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 4.0
ROUNDS = 200
CLOSE = 1e-6
TINY = 1e-12

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Answers to choice questions as numbers; the three arrays are of one length."""

    tasks: Ints
    workers: Ints
    labels: Ints
    of_tasks: int
    of_workers: int
    of_labels: int


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What the model makes of the answers."""

    truth: Floats
    """Task x label: the probability that the label is true."""
    counts: Floats
    """Worker x truth x answer: expected numbers of answers."""


def fit(answers: Answers, known: Ints) -> Fit:
    """Fit by EM from the majority vote; `known` has each task's true label, or -1."""
    fixed = known >= 0
    votes = np.zeros((answers.of_tasks, answers.of_labels))
    np.add.at(votes, (answers.tasks, answers.labels), 1.0)
    truth = votes / np.maximum(votes.sum(axis=1, keepdims=True), TINY)
    truth[fixed] = np.eye(answers.of_labels)[known[fixed]]
    for _ in range(ROUNDS):
        before = truth
        truth = _expected_truth(answers, _counts(answers, truth), truth)
        truth[fixed] = np.eye(answers.of_labels)[known[fixed]]
        if np.abs(truth - before).max(initial=0.0) < CLOSE:
            break
    return Fit(truth=truth, counts=_counts(answers, truth))


def _counts(answers: Answers, truth: Floats) -> Floats:
    counts = np.zeros((answers.of_workers, answers.of_labels, answers.of_labels))
    for label in range(answers.of_labels):
        given = answers.labels == label
        np.add.at(counts[:, :, label], answers.workers[given], truth[answers.tasks[given]])
    return counts


def _expected_truth(answers: Answers, counts: Floats, truth: Floats) -> Floats:
    common = counts.sum(axis=0) + TINY
    common /= common.sum(axis=1, keepdims=True)
    smoothed = counts + SMOOTHING * common
    matrices = smoothed / smoothed.sum(axis=2, keepdims=True)
    log = np.tile(np.log(truth.mean(axis=0) + TINY), (answers.of_tasks, 1))
    np.add.at(log, answers.tasks, np.log(matrices[answers.workers, :, answers.labels] + TINY))
    odds = np.exp(log - log.max(axis=1, keepdims=True))
    result: Floats = odds / odds.sum(axis=1, keepdims=True)
    return result
