"""The worlds that a forecast draws from: what was observed where something was, else priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hitline import priors
from hitline.branching import Branching
from hitline.consensus.skill import Numbers, Shares
from hitline.forecast import Pool, World, resampled
from hitline.money import Fees
from hitline.pipeline import Pipeline, Stage
from hitline.priors import Simulated, price, wage_an_answer

BELIEVED = 1.0
"""Observed items that the priors weigh as much as: three alike do not make the fourth certain."""

PRIOR_RIGHT = (2.0, 0.5)
"""Pseudo-counts, right and wrong, before any label was checked."""


@dataclass(frozen=True, kw_only=True)
class PastItem:
    """A finished item. `answers`: rung → how many it took there, all that came counted.

    `hours` of business time from the end of the item that it came from, or its publication, to its
    own end; `children`: stage → items it led to; `right`: None where no answer is known.
    """

    answers: Mapping[int, int]
    hours: float
    settled: bool
    right: bool | None
    agreement: float | None
    children: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class PastStage:
    """The finished items of a stage, how many are `unfinished`, and what answering them took:
    `seconds` an answer, and `a_day`: answers of a worker on a day."""

    items: tuple[PastItem, ...]
    unfinished: int = 0
    seconds: float = 0.0
    a_day: float = 1.0

    @property
    def answers(self) -> int:
        """All answers to finished items."""
        return sum(sum(item.answers.values()) for item in self.items)

    @property
    def checked(self) -> int:
        """Labels that a known answer could be compared with."""
        return sum(item.right is not None for item in self.items)


@dataclass(frozen=True, kw_only=True)
class Observed:
    """Items of one stage as they went, an entry each; `right` and `wrong` labels of known ones."""

    answers: Shares
    cost: Shares
    hours: Shares
    settled: Numbers
    children: Mapping[str, Numbers]
    right: int
    wrong: int

    @classmethod
    def of(cls, stage: Stage, past: PastStage, fees: Fees) -> Observed:
        """What was seen of the stage, at the prices that it pays now."""
        policy = stage.policy
        top_up = wage_an_answer(policy, fees, seconds=past.seconds, a_day=past.a_day)

        def dollars(item: PastItem) -> float:
            each = ((price(policy, rung, fees), count) for rung, count in item.answers.items())
            return sum(count * (paid + top_up) for paid, count in each)

        targets = dict.fromkeys(target for item in past.items for target in item.children)
        return cls(
            answers=np.array([sum(item.answers.values()) for item in past.items], dtype=np.float64),
            cost=np.array([dollars(item) for item in past.items], dtype=np.float64),
            hours=np.array([item.hours for item in past.items], dtype=np.float64),
            settled=np.array([item.settled for item in past.items], dtype=np.intp),
            children={
                target: np.array(
                    [item.children.get(target, 0) for item in past.items], dtype=np.intp
                )
                for target in targets
            },
            right=sum(item.right is True for item in past.items),
            wrong=sum(item.right is False for item in past.items),
        )

    def pool(self, prior: Pool, chance: np.random.Generator) -> Pool:
        """These items in a world that may have led to them, a few of the prior's among them."""
        size, more = len(self.answers), len(prior.answers)
        # In time, items of the prior are like those observed: how long a crowd takes is seen soon.
        hours = chance.choice(self.hours, size=more)
        trusted = chance.beta(size, BELIEVED)
        weights = np.concatenate(
            [resampled(size, chance) * trusted, prior.weights * (1.0 - trusted)]
        )
        checked = self.right + self.wrong
        accuracy = prior.accuracy
        if checked:
            sure, doubt = PRIOR_RIGHT
            accuracy = float(chance.beta(self.right + sure, self.wrong + doubt))
        targets = dict.fromkeys([*self.children, *prior.children])
        none, nor = np.zeros(size, dtype=np.intp), np.zeros(more, dtype=np.intp)
        return Pool(
            answers=np.concatenate([self.answers, prior.answers]),
            cost=np.concatenate([self.cost, prior.cost]),
            hours=np.concatenate([self.hours, hours]),
            settled=np.concatenate([self.settled, prior.settled]),
            children={
                target: np.concatenate(
                    [self.children.get(target, none), prior.children.get(target, nor)]
                )
                for target in targets
            },
            weights=weights / weights.sum(),
            accuracy=accuracy,
        )


@dataclass(frozen=True, kw_only=True)
class Prospects:
    """Draws worlds: `observed` stages as they went, the others as the priors have them."""

    priors: list[dict[str, Pool]]
    observed: Mapping[str, Observed]

    def draw(self, chance: np.random.Generator) -> World:
        world = dict(priors.drawn_from(self.priors, chance))
        return world | {
            stage: seen.pool(world[stage], chance) for stage, seen in self.observed.items()
        }


def prospects(
    pipeline: Pipeline,
    branches: Branching,
    fees: Fees,
    *,
    observed: Mapping[str, Observed],
    rehearsed: Mapping[str, Simulated],
    seed: int,
) -> Prospects:
    """Worlds for `pipeline`: `observed` stages as they went, `rehearsed` ones as their rule went on
    recorded answers, the others as the priors have them. The same seed gives the same."""
    chance = np.random.default_rng([seed, 1])
    worlds = priors.worlds(pipeline, branches, fees, chance, rehearsed)
    return Prospects(priors=worlds, observed=observed)
