"""The opinion on a stage: each item's label from all its answers, and how far to trust that.

A known answer is heeded for what it tells of the workers. The known items themselves are looked
at as if nothing were known of them (each fourth part of them in turn), so that they can say how
often the model is right: for the confidence that is stated, and for whether the model is used at
all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from math import sqrt

import numpy as np

from hitline.consensus import calibration
from hitline.consensus.adaptive import Belief
from hitline.consensus.calibration import Calibration
from hitline.consensus.skill import Answers, Numbers, Shares, Skill, fit
from hitline.model import Label

PARTS = 4
"""Of the known items; each is looked at with the other three heeded."""
ENOUGH = 20
"""Known items with two answers or more, before they may say anything against the model."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Opinion:
    """Of each item: the number of its label, how likely the model holds it, and what is stated.

    `by_votes`: the known items say that a majority does better than the model; the labels are the
    majority's then, the model only breaks ties. `skill` is what all known answers tell of the
    workers, `calibration` what the model's word is worth.
    """

    label: Numbers
    likely: Shares
    stated: Shares
    by_votes: bool
    answers: Answers
    known: Numbers | None
    skill: Skill
    calibration: Calibration

    def beliefs(self, items: Sequence[int] | Numbers, labels: Sequence[Label]) -> Iterator[Belief]:
        """Of these items, in their order."""
        for label, likely, stated in zip(
            self.label[items].tolist(),
            self.likely[items].tolist(),
            self.stated[items].tolist(),
            strict=True,
        ):
            yield Belief(
                label=labels[label], likely=likely, confidence=stated, by_votes=self.by_votes
            )

    @cached_property
    def volume(self) -> Numbers:
        """On how many answers each worker's skill rests."""
        return np.bincount(self.answers.worker, minlength=self.answers.workers)

    @cached_property
    def version(self) -> str:
        """The same for the same answers and known items: how many answers, and their digest."""
        digest = blake2b(digest_size=6)
        for column in (self.answers.item, self.answers.worker, self.answers.label, self.known):
            if column is not None:
                digest.update(np.ascontiguousarray(column, dtype=np.int64).tobytes())
        return f"{len(self.answers.item)}-{digest.hexdigest()}"


def form(answers: Answers, known: Numbers | None = None) -> Opinion:
    """The opinion that the answers lead to; `known` holds an item's right label, or -1."""
    skill, beliefs = fit(answers, known)
    votes = answers.votes
    calibrated, by_votes = calibration.HALVED, False
    if known is not None:
        told = np.flatnonzero(known >= 0)
        for part in range(min(PARTS, len(told))):
            hidden = told[part::PARTS]
            others = known.copy()
            others[hidden] = -1
            beliefs[hidden] = fit(answers, others)[1][hidden]
        told = told[votes[told].sum(axis=1) >= 2]
        by_votes = _votes_do_better(votes[told], beliefs[told], known[told])
    # Halves of a vote at most: the beliefs break ties, and nothing else.
    label = (votes + 0.5 * beliefs if by_votes else beliefs).argmax(axis=1)
    likely = beliefs[np.arange(answers.items), label]
    if known is not None:
        calibrated = calibration.fit(likely[told], label[told] == known[told])
    return Opinion(
        label=label,
        likely=likely,
        stated=calibrated.stated(likely),
        by_votes=by_votes,
        answers=answers,
        known=known,
        skill=skill,
        calibration=calibrated,
    )


def _votes_do_better(votes: Shares, beliefs: Shares, known: Numbers) -> bool:
    """Whether the majority is right where the model is not, more often than chance would have it.

    Of the known items that exactly one of the two has right, the majority must lead by more than
    one standard deviation of as many throws of a coin (a sign test; of a shared first place, the
    majority has its part).
    """
    if len(known) < ENOUGH:
        return False
    right = np.arange(len(known)), known
    first = votes == votes.max(axis=1, keepdims=True)
    majority = np.where(first[right], 1.0 / first.sum(axis=1), 0.0)
    ahead = majority - (beliefs.argmax(axis=1) == known)
    return bool(ahead.sum() > sqrt(float(np.abs(ahead).sum())))
