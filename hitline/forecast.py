"""Forecasts: what publishing items will cost, take and bring, before a cent is spent.

Pure. A *world* is one way in which things may be: for each stage a pool of items with what became
of each. Items are drawn from the pools again and again, each time in another world, and what the
middle nine tenths of the draws come to is the interval. So an interval holds both kinds of doubt:
what the crowd is like (worlds differ) and what chance does with it (draws differ).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hitline.consensus.skill import Numbers, Shares

SHARE = 0.9
"""Of the draws, that an interval holds."""

DRAWS = 500
"""Draws of a forecast: its ends are then sure to about a tenth of its width."""

RUNS_DIFFER = 0.3
"""Standard deviation, as a logarithm, of how much longer one run takes than another like it: the
hour of the day, the day of the week, who happens to be there."""

BUSY = 0.4
"""Beta distribution (this, and this) of how work slows a crowd: 0 not at all, 1 in proportion. Most
crowds are near one end: many workers passing by, or a few who do all there is."""

ITEMS_DIFFER = 0.25
"""The same of an item's time from one asking to another."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What became of items of one stage, an entry each; drawn with probability `weights`.

    `cost` in dollars, fees in; `hours` of business time, from the end of the item that it came from
    (or its publication) to its own end; `children`: stage → how many items it led to. `accuracy` is
    the share of right labels among the settled.
    """

    answers: Shares
    cost: Shares
    hours: Shares
    settled: Numbers
    children: Mapping[str, Numbers]
    weights: Shares
    accuracy: float

    @property
    def mean_answers(self) -> float:
        return float(self.answers @ self.weights)


World = Mapping[str, Pool]


@dataclass(frozen=True, kw_only=True)
class Copies:
    """Copies of known items that a stage asks beside its own: `share` of these, less the known
    ones among them (`known` of them, as a share); each of `answers` at `cost` dollars in all."""

    share: float
    known: float
    answers: float
    cost: float

    def count(self, items: int) -> int:
        """How many copies so many items bring; without any known item there is none to copy."""
        golds = round(items * self.known)
        return max(0, round(self.share * (items - golds)) - golds) if golds else 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be published: so many items into the stage `first`.

    `loops`: (source, target) → rounds, for links that lead back. `copies`: by stage. `answers`:
    those that the observed run took, if there was one: where the new one takes more, it may take up
    to so many times as long.
    """

    first: str
    items: int
    loops: Mapping[tuple[str, str], int] = field(default_factory=dict)
    copies: Mapping[str, Copies] = field(default_factory=dict)
    answers: float | None = None


@dataclass(frozen=True, kw_only=True)
class Interval:
    """From `low` to `high` in nine of ten cases, as often above `middle` as below."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Interval:
        rest = (1 - SHARE) / 2
        low, middle, high = np.quantile(values, [rest, 0.5, 1 - rest])
        return cls(low=float(low), middle=float(middle), high=float(high))

    def holds(self, value: float) -> bool:
        """Whether the value lies within, to a millionth."""
        slack = 1e-6 * max(1.0, abs(value))
        return self.low - slack <= value <= self.high + slack

    def to_json(self) -> dict[str, float]:
        return {"low": self.low, "middle": self.middle, "high": self.high}


FIGURES = ("items", "answers", "cost", "hours", "accuracy")
"""What is forecast: items of all stages, answers, dollars, hours of business time until the last
item is finished, the share of right labels."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The figures over all stages, and by stage (without hours); `notes` say what they rest on."""

    items: int
    figures: Mapping[str, Interval]
    stages: Mapping[str, Mapping[str, Interval]]
    source: str
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "items": self.items,
            "interval": SHARE,
            "source": self.source,
            **{name: interval.to_json() for name, interval in self.figures.items()},
            "stages": {
                stage: {name: interval.to_json() for name, interval in figures.items()}
                for stage, figures in self.stages.items()
            },
            "notes": list(self.notes),
        }


Draw = Callable[[np.random.Generator], World]
"""Gives a world by chance."""


def forecast(
    plan: Plan, draw: Draw, *, seed: int, source: str, notes: tuple[str, ...] = ()
) -> Forecast:
    """What the plan comes to; the same seed gives the same figures."""
    chance = np.random.default_rng(seed)
    drawn = [_publish(plan, draw(chance), chance) for _ in range(DRAWS)]
    stages = list(dict.fromkeys(stage for one in drawn for stage in one.stages))
    return Forecast(
        items=plan.items,
        figures={name: Interval.of([one.total(name) for one in drawn]) for name in FIGURES},
        stages={
            stage: {
                name: Interval.of([one.of(stage, name) for one in drawn])
                for name in FIGURES
                if name != "hours"
            }
            for stage in stages
        },
        source=source,
        notes=notes,
    )


@dataclass
class _Sum:
    """What the items of one stage came to in one draw."""

    items: int = 0
    answers: float = 0.0
    cost: float = 0.0
    settled: int = 0
    right: int = 0


@dataclass
class _Drawn:
    """One draw: by stage, and when the last item ended."""

    stages: dict[str, _Sum] = field(default_factory=dict)
    hours: float = 0.0

    def of(self, stage: str, figure: str) -> float:
        found = self.stages.get(stage, _Sum())
        if figure == "accuracy":
            return found.right / found.settled if found.settled else 1.0
        return float(getattr(found, figure))

    def total(self, figure: str) -> float:
        if figure == "hours":
            return self.hours
        if figure == "accuracy":
            settled = sum(one.settled for one in self.stages.values())
            return sum(one.right for one in self.stages.values()) / settled if settled else 1.0
        return float(sum(getattr(one, figure) for one in self.stages.values()))


def _publish(plan: Plan, world: World, chance: np.random.Generator) -> _Drawn:
    """Draw items stage by stage, each with what it leads to."""
    drawn = _Drawn()
    waiting = [(plan.first, np.zeros(plan.items), np.zeros(plan.items, dtype=np.intp))]
    while waiting:
        stage, start, rounds = waiting.pop()
        pool, found = world[stage], drawn.stages.setdefault(stage, _Sum())
        picked = chance.choice(len(pool.weights), size=len(start), p=pool.weights)
        jitter = np.exp(chance.normal(0.0, ITEMS_DIFFER, size=len(start)))
        end = start + pool.hours[picked] * jitter
        settled = int(pool.settled[picked].sum())
        found.items += len(start)
        found.answers += float(pool.answers[picked].sum())
        found.cost += float(pool.cost[picked].sum())
        found.settled += settled
        found.right += int(chance.binomial(settled, pool.accuracy))
        drawn.hours = max(drawn.hours, float(end.max()))
        for target, counts in pool.children.items():
            made, loop = counts[picked], plan.loops.get((stage, target))
            if loop is not None:
                made = np.where(rounds < loop, made, 0)
            if made.any():
                again = np.repeat(rounds + (loop is not None), made)
                waiting.append((target, np.repeat(end, made), again))
    for stage, copies in plan.copies.items():
        if stage in drawn.stages:
            found = drawn.stages[stage]
            more = copies.count(found.items)
            found.answers += more * copies.answers
            found.cost += more * copies.cost
    drawn.hours *= _slower(plan, drawn, chance)
    return drawn


def _slower(plan: Plan, drawn: _Drawn, chance: np.random.Generator) -> float:
    """How many times as long a run takes as the observed one did.

    Twice the work takes anything between as long and twice as long: it depends on whether a crowd's
    people have time for more, and nobody knows that beforehand.
    """
    alike = float(np.exp(chance.normal(0.0, RUNS_DIFFER)))
    if not plan.answers:
        return alike
    work = drawn.total("answers") / plan.answers
    return alike * work ** float(chance.beta(BUSY, BUSY)) if work > 0 else alike


def resampled(size: int, chance: np.random.Generator) -> Shares:
    """Weights of `size` observed items in a world that may have led to them (Bayesian bootstrap:
    Rubin, The Annals of Statistics 9, 1981)."""
    return np.asarray(chance.dirichlet(np.ones(size)), dtype=np.float64)
