"""Calibration: what a model's confidence is worth.

The model takes answers for independent, so it is surer than it ought to be. What is stated is
therefore a logistic function of its log-odds, p = 1 / (1 + exp(-(shift + slope x log-odds))):
without known answers the log-odds are halved; with some, shift and slope are fitted to how often
the model was right on them, held to one half by a prior that few known answers cannot outweigh
(J. Platt, 1999, with a prior in place of his smoothed targets).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitline.consensus.skill import Shares

FURTHEST = 8.0
"""Log-odds beyond this one are all the same to us: 2,980 to one."""
SHIFT_SPREAD = 1.0
SLOPE_SPREAD = 0.4
"""Standard deviations of the prior, around no shift and a slope of one half."""
STEPS = 50
"""Of Newton's method at most; it takes five or six."""
ENOUGH = 1e-8
"""A step so small ends the climb."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """From the log-odds that the model gives to those that are stated."""

    shift: float = 0.0
    slope: float = 0.5

    def stated(self, likely: Shares) -> Shares:
        """What is stated where the model says `likely`."""
        return _logistic(self.shift + self.slope * log_odds(likely))


HALVED = Calibration()
"""Where nothing is known."""


def fit(likely: Shares, right: NDArray[np.bool_]) -> Calibration:
    """The calibration for a model that said `likely` of labels, so many of which were `right`.

    The most probable one after them; the prior keeps it finite where all of them are right. A slope
    is never negative, for a surer model is not a worse one.
    """
    odds = log_odds(likely)
    both = _climb(np.stack([np.ones_like(odds), odds]), right.astype(float))
    if both[1] >= 0.0:
        return Calibration(shift=float(both[0]), slope=float(both[1]))
    alone = _climb(np.stack([np.ones_like(odds), np.zeros_like(odds)]), right.astype(float))
    return Calibration(shift=float(alone[0]), slope=0.0)


def _climb(rows: Shares, right: Shares) -> Shares:
    """The top of the log-posterior by Newton's method, halving a step that leads downhill."""
    middle = np.array([HALVED.shift, HALVED.slope])
    precision = np.array([1 / SHIFT_SPREAD**2, 1 / SLOPE_SPREAD**2])

    def height(at: Shares) -> float:
        odds = at @ rows
        fits = (right * odds - np.logaddexp(0.0, odds)).sum()
        return float(fits - (precision * (at - middle) ** 2).sum() / 2)

    found = middle
    for _ in range(STEPS):
        said = _logistic(found @ rows)
        uphill = rows @ (right - said) - precision * (found - middle)
        curved = (rows * (said * (1 - said))) @ rows.T + np.diag(precision)
        step = np.linalg.solve(curved, uphill)
        while np.abs(step).max() > ENOUGH and height(found + step) < height(found):
            step = step / 2
        found = found + step
        if np.abs(step).max() <= ENOUGH:
            break
    return np.asarray(found)


def log_odds(likely: Shares) -> Shares:
    """ln(p / (1 - p)), no further than `FURTHEST` from an even chance."""
    edge = 1.0 / (1.0 + np.exp(FURTHEST))
    inside = np.clip(likely, edge, 1.0 - edge)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def expected_error(stated: Shares, right: NDArray[np.bool_], bins: int = 10) -> float:
    """The expected calibration error: how far confidence and share of right labels lie apart.

    In bins of equal width, each weighed by how many labels it holds (M. Naeini et al., 2015).
    """
    if not len(stated):
        return 0.0
    bin_of = np.minimum((stated * bins).astype(int), bins - 1)
    gap = np.bincount(bin_of, weights=stated - right, minlength=bins)
    return float(np.abs(gap).sum() / len(stated))


def _logistic(odds: Shares) -> Shares:
    return np.asarray(1.0 / (1.0 + np.exp(-odds)))
