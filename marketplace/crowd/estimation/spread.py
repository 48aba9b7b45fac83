"""How much workers differ: a Dirichlet around the common matrix, shares of spam, activity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.polynomial.hermite import hermgauss
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CONCENTRATIONS = np.geomspace(1, 2000, 80)
SLIP = 0.01  # what somebody who always gives the first answer gives by mistake
ROUNDS = 60
SMOOTHING = 0.5
_lgamma = np.vectorize(math.lgamma, otypes=[np.float64])


@dataclass(frozen=True, kw_only=True)
class Kinds:
    """Workers told apart: by skill, at random, always the first answer."""

    shares: tuple[float, float, float]
    common: Floats
    """Truth x answer: the matrix around which those with skill lie."""
    concentration: float


def kinds(counts: Floats) -> Kinds:
    """Fit the mixture of the three kinds by EM to worker x truth x answer counts.

    Those with skill have Dirichlet-multinomial rows; the first answer is the one numbered 0.
    """
    labels = counts.shape[2]
    given, first = counts.sum(axis=(1, 2)), counts[:, :, 0].sum(axis=1)
    at_random = -given * math.log(labels)
    slip = math.log(SLIP / max(labels - 1, 1))
    always_first = first * math.log(1 - SLIP) + (given - first) * slip
    shares = np.array([0.9, 0.05, 0.05])
    weight = np.ones(len(counts))
    common, concentration = _common(counts, weight), 20.0
    for _ in range(ROUNDS):
        with_skill = row_likelihood(counts, common, concentration)
        log = np.log(shares + 1e-12) + np.stack([with_skill, at_random, always_first], axis=1)
        each = np.exp(log - log.max(axis=1, keepdims=True))
        each /= each.sum(axis=1, keepdims=True)
        shares, weight = each.mean(axis=0), each[:, 0]
        common = _common(counts, weight)
        concentration = best_concentration(counts, common, weight)
    skill, random, always = (float(share) for share in shares)
    return Kinds(shares=(skill, random, always), common=common, concentration=concentration)


def best_concentration(counts: Floats, common: Floats, weight: Floats) -> float:
    """The Dirichlet's concentration that makes the counts likeliest, of a grid."""
    scores = [float(weight @ row_likelihood(counts, common, one)) for one in CONCENTRATIONS]
    return float(CONCENTRATIONS[int(np.argmax(scores))])


def row_likelihood(counts: Floats, common: Floats, concentration: float) -> Floats:
    """Each worker's log likelihood under Dirichlet-multinomial rows, but for a constant."""
    alpha = np.maximum(common * concentration, 1e-6)
    given, total = counts.sum(axis=2), alpha.sum(axis=1)
    rows = _lgamma(total) - _lgamma(given + total)
    cells = (_lgamma(counts + alpha) - _lgamma(alpha)).sum(axis=2)
    result: Floats = (rows + cells).sum(axis=1)
    return result


def _common(counts: Floats, weight: Floats) -> Floats:
    """The mean matrix; a worker counts by the root of their answers, which tames the busiest."""
    given = counts.sum(axis=2, keepdims=True)
    scaled = weight[:, None, None] * counts / np.sqrt(np.maximum(given, 1.0))
    pooled = scaled.sum(axis=0) + SMOOTHING / counts.shape[2]
    result: Floats = pooled / pooled.sum(axis=1, keepdims=True)
    return result


@dataclass(frozen=True, kw_only=True)
class Activity:
    """How unequally often workers come, and how many there are with those never seen."""

    workers: int
    spread: float


def activity(visits: Floats) -> Activity:
    """Fit a Poisson-lognormal to the visits of those who came at least once.

    Maximum likelihood of the zero-truncated distribution on a grid, by Gauss-Hermite quadrature.
    """
    seen, times = np.unique(visits, return_counts=True)
    nodes, weights = hermgauss(40)
    likelihood = partial(
        _truncated, seen, times.astype(np.float64), nodes, weights / math.sqrt(math.pi)
    )
    middle = math.log(max(float(np.median(visits)), 0.5))
    grid = [
        (likelihood(mu, sigma), mu, sigma)
        for mu in np.linspace(middle - 3, middle + 1.5, 46)
        for sigma in np.linspace(0.05, 3, 60)
    ]
    (_, missing), _, spread = max(grid)
    return Activity(workers=round(len(visits) / (1 - missing)), spread=float(spread))


def _truncated(
    seen: Floats, times: Floats, nodes: Floats, weights: Floats, mu: float, sigma: float
) -> tuple[float, float]:
    """Log likelihood, and the share of workers who never came."""
    log_rates = mu + math.sqrt(2) * sigma * nodes
    rates = np.exp(log_rates)
    missing = float(weights @ np.exp(-rates))
    log = seen[:, None] * log_rates - rates - _lgamma(seen + 1)[:, None]
    chances = np.exp(log) @ weights
    score = times @ np.log(chances + 1e-300) - times.sum() * math.log(max(1 - missing, 1e-12))
    return float(score), min(missing, 0.99)
