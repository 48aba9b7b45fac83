"""Replay of texts and numbers: a rule on recorded answers, by the code that judges live ones.

Here no model learns from other items, so an item's label depends on its own answers alone: all at
once or a few open at a time, the figures are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

import numpy as np

from hitline.consensus.choice import Needs
from hitline.consensus.ruling import consensus
from hitline.consensus.wording import Wording
from hitline.fields import Number
from hitline.model import Label
from hitline.policies import Agree, Fixed, Rule, StandardError
from hitline.recorded_values import RecordedValues

MOST = 9
"""A baseline of "all" is judged as if so many were asked at once, and as many more as there are."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What orders of the answers came to, in the mean; of the tasks whose right label is known.

    `error`: of texts the word error rate (edits over the right texts' words, all together), of
    numbers the mean absolute error. `exact`: the share of labels that are right to the word, or to
    the field's tolerance. `baselines`: the error of 3, 5 and all answers. `error_sd` and `exact_sd`
    are standard deviations between orders.
    """

    answers_per_item: float
    rounds: float
    error: float
    error_sd: float
    exact: float
    exact_sd: float
    baselines: dict[str, float]


def replayed_values(
    recorded: RecordedValues, rule: Rule, *, orders: int, seed: int, items: int | None = None
) -> Outcome:
    """The rule on so many random orders; the same seed gives the same orders."""
    trial = _Trial(recorded)
    runs = [trial.run(rule, np.random.default_rng([seed, order]), items) for order in range(orders)]
    return Outcome(
        answers_per_item=fmean(run.answers for run in runs),
        rounds=fmean(run.rounds for run in runs),
        error=fmean(run.score.error for run in runs),
        error_sd=pstdev(run.score.error for run in runs),
        exact=fmean(run.score.exact for run in runs),
        exact_sd=pstdev(run.score.exact for run in runs),
        baselines={
            name: fmean(run.baselines[name].error for run in runs) for name in runs[0].baselines
        },
    )


@dataclass(frozen=True, kw_only=True)
class _Score:
    error: float
    exact: float


@dataclass(frozen=True, kw_only=True)
class _Run:
    answers: float
    rounds: float
    score: _Score
    baselines: dict[str, _Score]


class _Trial:
    """One recording; what its texts have in common is looked up once for all orders."""

    def __init__(self, recorded: RecordedValues) -> None:
        self._recorded = recorded
        self._wording = Wording()
        self._baselines = _number_baselines() if self._is_number else _text_baselines()

    @property
    def _is_number(self) -> bool:
        return isinstance(self._recorded.field, Number)

    def run(self, rule: Rule, chance: np.random.Generator, items: int | None) -> _Run:
        recorded = self._recorded
        chosen = np.arange(len(recorded.tasks))
        if items is not None:
            chosen = np.sort(chance.permutation(chosen)[:items])
        dealt = {
            item: [
                recorded.said[item][place] for place in chance.permutation(len(recorded.said[item]))
            ]
            for item in chosen.tolist()
        }
        ended = {item: self._ask(rule, answers) for item, answers in dealt.items()}
        plain = {
            name: {item: self._label(method, answers[:count]) for item, answers in dealt.items()}
            for name, (count, method) in self._baselines.items()
        }
        return _Run(
            answers=fmean(have for have, _, _ in ended.values()),
            rounds=fmean(rounds for _, rounds, _ in ended.values()),
            score=self._score({item: label for item, (_, _, label) in ended.items()}),
            baselines={name: self._score(labels) for name, labels in plain.items()},
        )

    def _ask(self, rule: Rule, answers: Sequence[Label]) -> tuple[int, int, Label]:
        """How many answers are bought, in how many rounds, and the label."""
        have = rounds = 0
        while have < len(answers):
            ruling = consensus(
                self._recorded.field, rule, answers[:have], wording=self._wording
            ).judge()
            if not isinstance(ruling, Needs):
                break
            have, rounds = min(len(answers), have + ruling.answers), rounds + 1
        return have, rounds, self._label(rule, answers[:have])

    def _label(self, rule: Rule, answers: Sequence[Label]) -> Label:
        """What the answers come to; of votes with a shared first place, the first answer."""
        found = consensus(self._recorded.field, rule, answers, wording=self._wording)
        return found.view.best or answers[0]

    def _score(self, labels: dict[int, Label]) -> _Score:
        pairs = [
            (label, gold)
            for item, label in labels.items()
            if (gold := self._recorded.gold[item]) is not None
        ]
        if not pairs:
            return _Score(error=0.0, exact=0.0)
        return self._of_numbers(pairs) if self._is_number else self._of_texts(pairs)

    def _of_numbers(self, pairs: Sequence[tuple[Label, Label]]) -> _Score:
        assert isinstance(self._recorded.field, Number)
        off = [abs(float(label) - float(gold)) for label, gold in pairs]
        tolerance = self._recorded.field.tolerance
        return _Score(error=fmean(off), exact=fmean(one <= tolerance for one in off))

    def _of_texts(self, pairs: Sequence[tuple[Label, Label]]) -> _Score:
        worded = [
            (self._wording.worded(one).words, self._wording.worded(two).words) for one, two in pairs
        ]
        edits = [self._wording.edits(one, two) for one, two in worded]
        return _Score(
            error=sum(edits) / sum(len(gold) for _, gold in worded),
            exact=fmean(count == 0 for count in edits),
        )


def _text_baselines() -> dict[str, tuple[int | None, Rule]]:
    rover, medoid = Agree(start=MOST, most=MOST), Agree(start=MOST, most=MOST, merge="medoid")
    return {
        "fixed3_rover": (3, rover),
        "fixed5_rover": (5, rover),
        "all_rover": (None, rover),
        "all_medoid": (None, medoid),
    }


def _number_baselines() -> dict[str, tuple[int | None, Rule]]:
    mean, middle = Fixed(answers=MOST), StandardError(at_most=1, of="median")
    return {
        "fixed3_mean": (3, mean),
        "fixed5_mean": (5, mean),
        "all_mean": (None, mean),
        "all_median": (None, middle),
    }
