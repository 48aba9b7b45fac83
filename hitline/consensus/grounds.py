"""Grounds: what a label rests on. Each answer with its weight, and what they come to together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hitline.consensus.calibration import Calibration
from hitline.consensus.opinion import Opinion
from hitline.consensus.skill import Shares
from hitline.model import Label

Said = tuple[str, Label]
"""A worker, and the worker's label."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Grounds:
    """What a version of a stage's model holds of some of its workers, of `answers` in all.

    `confusion[w, k, l]`: how likely worker `w` is to say label `l` where `k` is right; `volume[w]`:
    on how many answers that rests. `shares[k]`: how common label `k` is.
    """

    version: str
    answers: int
    labels: tuple[Label, ...]
    shares: Shares
    calibration: Calibration
    by_votes: bool
    workers: tuple[str, ...]
    volume: tuple[int, ...]
    confusion: Shares

    def posterior(self, said: Sequence[Said]) -> dict[Label, float]:
        """How likely each label is right, by these answers; strangers to the model tell nothing."""
        evidence = np.log(self.shares)
        for worker, label in said:
            if worker in self.workers and label in self.labels:
                column = self.confusion[self.workers.index(worker), :, self.labels.index(label)]
                evidence = evidence + np.log(column)
        likely = np.exp(evidence - evidence.max())
        return dict(zip(self.labels, (likely / likely.sum()).tolist(), strict=True))

    def weight(self, one: Said, of: Label) -> float | None:
        """By how much the answer moves the log-odds of the label `of`; None of a stranger.

        The logarithm of how much likelier the worker says so where `of` is right than where another
        label is, as common as these are. With two labels, weights and the label's common odds add
        up to the log-odds of `posterior`.
        """
        worker, label = one
        if worker not in self.workers or not {label, of} <= set(self.labels):
            return None
        column = self.confusion[self.workers.index(worker), :, self.labels.index(label)]
        right = self.labels.index(of)
        others = np.arange(len(self.labels)) != right
        if not others.any():
            return 0.0
        elsewhere = np.average(column[others], weights=self.shares[others])
        return float(np.log(column[right]) - np.log(elsewhere))

    def accuracies(self) -> list[tuple[str, int, float]]:
        """(worker, answers, share of right ones that the model expects), the least reliable first.

        Labels count as often as they are common.
        """
        right = np.einsum("wkk,k->w", self.confusion, self.shares).tolist()
        found = zip(self.workers, self.volume, right, strict=True)
        return sorted(found, key=lambda one: (one[2], one[0]))


def of_workers(
    opinion: Opinion, labels: Sequence[Label], workers: Sequence[str], numbers: Sequence[int]
) -> Grounds:
    """What the opinion holds of these workers, who bear these numbers in it."""
    chosen = np.array(numbers, dtype=np.intp)
    return Grounds(
        version=opinion.version,
        answers=len(opinion.answers.item),
        labels=tuple(labels),
        shares=opinion.skill.shares,
        calibration=opinion.calibration,
        by_votes=opinion.by_votes,
        workers=tuple(workers),
        volume=tuple(opinion.volume[chosen].tolist()),
        confusion=opinion.skill.confusion[chosen],
    )
