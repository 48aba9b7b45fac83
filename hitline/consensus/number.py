"""Number: the mean or median of what people say, until its standard error is small enough.

Outliers. A field with bounds on both sides lets nothing pass that is far off, and there every
answer counts (on ratings, leaving out the odd ones was measured to cost accuracy). Without bounds a
slip of the pen can be of any size: there, of four answers or more, those further from the median
than ten robust standard deviations are left out, of the label and of its error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, median, stdev

from hitline.consensus.choice import Agreed, Needs
from hitline.consensus.view import Ruling, View
from hitline.fields import Number
from hitline.model import Label
from hitline.policies import Fixed, StandardError

DECIMALS = 6
"""Of a label that is worked out."""
FAR = 10.0
"""Robust standard deviations from the median."""
FEW = 4
"""Below so many answers, none is left out."""
NORMAL = 1.4826
"""Median absolute deviations in a standard deviation, where answers are spread normally."""
OF_MEDIAN = math.sqrt(math.pi / 2)
"""How much larger a median's standard error is than a mean's, where they are."""


@dataclass(frozen=True)
class Numbers:
    """What some people answered, one number each."""

    field: Number
    rule: StandardError | Fixed
    numbers: Sequence[float]

    @property
    def view(self) -> View:
        said = ", ".join(self.field.write(number) for number in sorted(self.numbers))
        best = self.field.write(self.estimate) if self.numbers else None
        return View(best=best, lead=len(self.numbers), said=said or "no answers")

    def judge(self) -> Ruling:
        """Of the answers that the present spread lets expect, half are asked for at a time."""
        have, rule = len(self.numbers), self.rule
        if isinstance(rule, Fixed):
            if have < rule.answers:
                return Needs(answers=rule.answers - have)
            return self._agreed(f"all {have} answers")
        if have < rule.start:
            return Needs(answers=rule.start - have)
        if self.error <= rule.at_most:
            return self._agreed(f"standard error {self.error:.3g} of {have} answers")
        if have >= rule.most:
            return self._agreed(
                f"all {have} answers that are allowed, standard error {self.error:.3g}"
            )
        # Rounded, so that a whole number of answers is not one more by a float's last digit.
        in_all = math.ceil(round((self.error / rule.at_most) ** 2 * len(self.kept), 6))
        return Needs(answers=min(max(1, math.ceil((in_all - have) / 2)), rule.most - have))

    def agreement(self, label: Label) -> float:
        """1 less the mean distance from the label, in half widths of the scale.

        Without bounds on both sides, in mean sizes of the answers; never below 0.
        """
        if not self.numbers:
            return 0.0
        settled = float(label)
        off = fmean(abs(number - settled) for number in self.numbers)
        if self.field.least is not None and self.field.most is not None:
            scale = (self.field.most - self.field.least) / 2
        else:
            scale = fmean(abs(number) for number in self.numbers)
        return max(0.0, 1.0 - off / scale) if off else 1.0

    @cached_property
    def kept(self) -> list[float]:
        """The answers that count: without those far off, where nothing else bounds them."""
        if self.field.is_bounded or len(self.numbers) < FEW:
            return list(self.numbers)
        middle = median(self.numbers)
        reach = FAR * _robust(self.numbers)
        return [number for number in self.numbers if abs(number - middle) <= reach]

    @cached_property
    def estimate(self) -> float:
        """The mean of the answers that count, or the median if the rule says so."""
        by_median = isinstance(self.rule, StandardError) and self.rule.of == "median"
        found = median(self.kept) if by_median else fmean(self.kept)
        return round(found, DECIMALS) + 0.0

    @cached_property
    def error(self) -> float:
        """The standard error of the estimate; infinite where there is but one answer."""
        if len(self.kept) < 2:
            return math.inf
        if isinstance(self.rule, StandardError) and self.rule.of == "median":
            return OF_MEDIAN * _robust(self.kept) / math.sqrt(len(self.kept))
        return stdev(self.kept) / math.sqrt(len(self.kept))

    def _agreed(self, why: str) -> Agreed:
        left_out = len(self.numbers) - len(self.kept)
        apart = f", {left_out} far off left out" if left_out else ""
        label = self.field.write(self.estimate)
        return Agreed(label=label, why=f"{why}{apart} ({self.view.said})")


def _robust(numbers: Sequence[float]) -> float:
    """The standard deviation as the median absolute deviation tells it; 0 where most are equal."""
    middle = median(numbers)
    return NORMAL * median(abs(number - middle) for number in numbers)
