"""Standing: how accurate a worker is in a stage, how sure that is, and what follows from it.

The accuracy is a Beta distribution. It starts even over all accuracies (Laplace's rule), and each
known item answered counts as one observation. Agreement with settled labels counts less, as a
label may be wrong and the worker's own vote stands in it: each comparison as a fifth of a known
item, and all of them together as five at most. So what others said never outweighs known answers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from hitline.policies import Standards, Step

AGREEMENT_WEIGHT = 0.2
"""What a comparison with a settled label counts for, beside 1 for a known item."""

AGREEMENT_MOST = 5.0
"""What all comparisons of a worker together count for at most."""

TAIL = 0.05
"""The share of the distribution below the interval, and above it: 90 % lie inside."""

PACE_STEP = 1.1
"""Times are kept as powers of this many seconds, so that a median is exact to about 5 %."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Counts of a worker's answers: to known items, and compared with settled labels."""

    known: int = 0
    right: int = 0
    compared: int = 0
    agreed: int = 0

    @property
    def shape(self) -> tuple[float, float]:
        """The two parameters of the Beta distribution of the worker's accuracy."""
        weight = min(AGREEMENT_WEIGHT * self.compared, AGREEMENT_MOST)
        share = self.agreed / self.compared if self.compared else 0.0
        right = self.right + weight * share
        return 1 + right, 1 + self.known + weight - right

    @property
    def accuracy(self) -> float:
        """The mean of the distribution."""
        right, wrong = self.shape
        return right / (right + wrong)

    @property
    def interval(self) -> tuple[float, float]:
        """The accuracy lies between these with a probability of 90 %."""
        shape = self.shape
        return beta_quantile(TAIL, *shape), beta_quantile(1 - TAIL, *shape)

    def surely_below(self, threshold: float) -> bool:
        """Whether the upper end of the interval is below the threshold."""
        return beta_share(threshold, *self.shape) > 1 - TAIL


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a worker does in a stage: all that was seen, and what was `fresh` since a pardon.

    `seconds` is the median time of an answer and `stage_seconds` that of the stage; `step` is the
    strictest step that stands against the worker.
    """

    worker_id: str
    stage: str
    answers: int
    evidence: Evidence
    fresh: Evidence
    seconds: float | None = None
    stage_seconds: float | None = None
    step: Step | None = None

    @property
    def agreement(self) -> float | None:
        """The share of settled labels that the worker's answers were like."""
        if not self.evidence.compared:
            return None
        return self.evidence.agreed / self.evidence.compared


def next_step(
    standards: Standards, fresh: Evidence, taken: Step | None, since_taken: int
) -> Step | None:
    """The step that the evidence since the last pardon calls for now, if any.

    `taken` is the strictest step that stands, and `since_taken` how many known items were answered
    after it: who was warned is given the chance to do better.
    """
    follows = standards.after(taken)
    if follows is None or fresh.known < standards.least:
        return None
    if taken in (Step.NOTE, Step.WARN) and since_taken < standards.apart:
        return None
    step, below = follows
    return step if fresh.surely_below(below) else None


def pace(seconds: float) -> int:
    """The bucket of a time: times in one differ by a tenth at most."""
    return round(math.log(max(seconds, 1.0), PACE_STEP))


def median_pace(counts: Mapping[int, int]) -> float | None:
    """The median of times of which so many are in each bucket, in seconds."""
    total = sum(counts.values())
    passed = 0
    for bucket in sorted(counts):
        passed += counts[bucket]
        if 2 * passed >= total > 0:
            return float(PACE_STEP**bucket)
    return None


@lru_cache(maxsize=4096)
def beta_quantile(share: float, a: float, b: float) -> float:
    """The value below which `share` of a Beta(a, b) distribution lies."""
    low, high = 0.0, 1.0
    for _ in range(25):
        middle = (low + high) / 2
        if beta_share(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_share(x: float, a: float, b: float) -> float:
    """The share of a Beta(a, b) distribution below `x`: the regularised incomplete beta function.

    By its continued fraction (NIST's Digital Library of Mathematical Functions, 8.17.22), which
    converges fast below the mean; above it the distribution is looked at from the other end.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(1 - x, b, a)
    log_front = (
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(x)
        + b * math.log1p(-x)
        - math.log(a)
    )
    return math.exp(log_front) / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """1 + d1 / (1 + d2 / (1 + …)), from its far end."""
    # The terms needed grow with the root of the larger parameter.
    far = 20 + int(4 * math.sqrt(max(a, b)))
    value = 1.0
    for m in range(far, 0, -1):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        value = 1 + even / (1 + odd / value)
    return 1 - (a + b) * x / ((a + 1) * value)


def matches(said: object, label: str) -> bool:
    """Whether an answer says what a label or known answer says.

    Labels of structured kinds are JSON; of several choices the order does not matter.
    """
    if isinstance(said, str):
        return said.strip() == label.strip()
    try:
        meant = json.loads(label)
    except ValueError:
        return False
    if isinstance(said, list | tuple) and isinstance(meant, list):
        return sorted(map(repr, said)) == sorted(map(repr, meant))
    return bool(said == meant)
