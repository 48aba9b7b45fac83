"""A model of the workers: what each tends to say of what, and so how sure a label is.

Every worker has a confusion matrix, learned together with the labels from all answers of a stage
(A. P. Dawid and A. M. Skene, 1979, by expectation maximisation). Three things make it stand few
answers (measured: docs/decisions/0012):

* a worker's matrix starts from what workers do on the whole, and from the worker's own rate of
  agreeing with the labels;
* how common each label is follows from the votes, not from the model's own opinion of them;
* known answers, where there are some, are taken as what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.intp]
Shares = NDArray[np.float64]

ROUNDS = 10
"""Of expectation maximisation; labels hardly change after that many."""
SETTLED = 1e-3
"""Stop earlier once no belief moves by more than this."""
WEIGHT = 0.5
"""Answers that the starting point of a worker's matrix counts for, in each of its rows."""
POOLED = 0.8
"""Share of that starting point that is everybody's matrix; the rest is the worker's own rate."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """Answers as columns of equal length: each is the number of an item, a worker and a label.

    `items`, `workers` and `labels` are how many of each there are.
    """

    item: Numbers
    worker: Numbers
    label: Numbers
    items: int
    workers: int
    labels: int

    @cached_property
    def cell(self) -> Numbers:
        """Of each answer: the number of worker and label together."""
        return self.worker * self.labels + self.label

    @cached_property
    def votes(self) -> Shares:
        """How often each label was given: items by labels."""
        cells = np.bincount(
            self.item * self.labels + self.label, minlength=self.items * self.labels
        )
        return cells.reshape(self.items, self.labels).astype(float)


@dataclass(frozen=True, kw_only=True, slots=True)
class Skill:
    """What is known of the workers.

    `confusion[w, k, l]`: how likely worker `w` is to say `l` where `k` is right. `typical[k, l]`:
    the same of somebody unknown. `shares[k]`: how common label `k` is.
    """

    confusion: Shares
    typical: Shares
    shares: Shares

    def beliefs(self, answers: Answers) -> Shares:
        """How likely each label is right: items by labels, each row adds up to one."""
        said = np.log(self.confusion).transpose(1, 0, 2).reshape(answers.labels, -1)
        evidence = np.empty((answers.labels, answers.items))
        for label in range(answers.labels):
            evidence[label] = np.bincount(
                answers.item, weights=said[label][answers.cell], minlength=answers.items
            )
        return _normalised(np.log(self.shares) + evidence.T)

    def belief(self, said: list[tuple[int | None, int]]) -> Shares:
        """How likely each label is right for one item, by its (worker, label); None is unknown."""
        evidence = np.log(self.shares)
        for worker, label in said:
            matrix = self.typical if worker is None else self.confusion[worker]
            evidence = evidence + np.log(matrix[:, label])
        return np.asarray(_normalised(evidence[np.newaxis])[0])


def fit(answers: Answers, known: Numbers | None = None) -> tuple[Skill, Shares]:
    """The workers' skill, and how likely each label is right for each item by that skill.

    `known` holds an item's right label, or -1 where it is not known. Each fit begins with the
    votes, so the same answers give the same beliefs in every process, to the last digit if they
    stand in the same order. To go on from an earlier fit would save little (100,000 answers take
    some 25 ms), and what is believed would depend on how often somebody had looked.
    """
    votes = answers.votes
    shares = _shares(votes)
    beliefs = _from_votes(votes, shares)
    _heed(known, beliefs)
    for _ in range(ROUNDS):
        skill = _learn(answers, beliefs, shares)
        after = skill.beliefs(answers)
        _heed(known, after)
        moved = np.abs(after - beliefs).max(initial=0.0)
        beliefs = after
        if moved < SETTLED:
            break
    return skill, beliefs


def _shares(votes: Shares) -> Shares:
    """As common as it was said to be; a label that nobody gave yet is possible too."""
    counts = votes.sum(axis=0) + 1.0
    return np.asarray(counts / counts.sum())


def _from_votes(votes: Shares, shares: Shares) -> Shares:
    total = votes.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, votes / np.maximum(total, 1.0), shares))


def _heed(known: Numbers | None, beliefs: Shares) -> None:
    if known is None:
        return
    sure = np.flatnonzero(known >= 0)
    beliefs[sure] = 0.0
    beliefs[sure, known[sure]] = 1.0


def _learn(answers: Answers, beliefs: Shares, shares: Shares) -> Skill:
    """The workers' matrices, given what is believed of the items."""
    labels, workers = answers.labels, answers.workers
    counts = np.empty((workers, labels, labels))
    by_label = np.ascontiguousarray(beliefs.T)
    for right in range(labels):
        weighed = np.bincount(
            answers.cell, weights=by_label[right][answers.item], minlength=workers * labels
        )
        counts[:, right, :] = weighed.reshape(workers, labels)
    typical = counts.sum(axis=0) + 0.01
    typical /= typical.sum(axis=1, keepdims=True)
    start = POOLED * typical + (1.0 - POOLED) * _by_rate(counts)
    confusion = counts + WEIGHT * start
    confusion /= confusion.sum(axis=2, keepdims=True)
    return Skill(confusion=confusion, typical=typical, shares=shares)


def _by_rate(counts: Shares) -> Shares:
    """Matrices that say no more than how often a worker is right, whatever the label."""
    labels = counts.shape[1]
    right = np.einsum("wkk->w", counts)
    total = counts.sum(axis=(1, 2))
    overall = (right.sum() + 1.0) / (total.sum() + 2.0)
    rate = (right + 2.0 * WEIGHT * overall) / (total + 2.0 * WEIGHT)
    wrong = (1.0 - rate) / max(labels - 1, 1)
    matrices = np.repeat(wrong, labels * labels).reshape(-1, labels, labels)
    diagonal = np.arange(labels)
    matrices[:, diagonal, diagonal] = rate[:, np.newaxis]
    return matrices


def _normalised(evidence: Shares) -> Shares:
    likely = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))
