"""The workers of a simulated crowd, drawn from the script's population by its seed."""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random

from marketplace.crowd.simulation.ability import Around, Confusion, Group
from marketplace.crowd.simulation.script import Simulation

Row = Mapping[str, float]
TINY = 1e-3  # parameter of what a row gives no probability: nearly, but not quite, never


@dataclass(frozen=True)
class Person:
    """A worker and what is special about them."""

    script: Simulation
    number: int

    @cached_property
    def worker_id(self) -> str:
        return self.script.worker_id(self.number)

    @cached_property
    def group(self) -> Group:
        """Shares are met exactly, but for rounding: workers are dealt to the groups in turn."""
        shares = list(accumulate(group.share for group in self.script.groups))
        place = _spread_out(self.number) * shares[-1]
        found = bisect.bisect_right(shares, place)
        return self.script.groups[min(found, len(shares) - 1)]

    @cached_property
    def activity(self) -> float:
        """How often they come, relative to others."""
        return self._lognormal(self.script.arrival.activity_spread, "activity")

    @cached_property
    def slowness(self) -> float:
        """Their factor on working times."""
        return self._lognormal(self.script.pace.worker_spread, "pace") / self.group.faster

    @cached_property
    def hourly(self) -> float:
        """The least they work for, in dollars an hour."""
        return self.script.wage.hourly * self._lognormal(self.script.wage.spread, "wage")

    def taste(self, hit_type: str) -> float:
        """How much they like HITs of this title: a factor on what these pay."""
        return self._lognormal(self.script.wage.taste_spread, "taste", hit_type)

    def accuracy(self, field: str) -> float:
        """The probability of a right choice, where no confusion matrix is given."""
        return around(self.group.accuracy, self.chance("accuracy", field))

    def error_rate(self) -> float:
        """Word errors for each true word."""
        return around(self.group.words.error_rate, self.chance("words"))

    def bias(self, field: str, spread: float) -> float:
        """What they add to every number."""
        return self.chance("bias", field).gauss(0, spread)

    def row(self, field: str, confusion: Confusion, truth: str) -> Row:
        """Their probabilities of each answer where `truth` is true."""
        return dirichlet(
            confusion.rows[truth], confusion.concentration, self.chance("row", field, truth)
        )

    def chance(self, *what: object) -> Random:
        """The seeded source of what is drawn for this worker."""
        return self.script.chance("worker", self.number, *what)

    def _lognormal(self, sigma: float, *what: object) -> float:
        return math.exp(self.chance(*what).gauss(0, sigma))


def population(script: Simulation) -> Sequence[Person]:
    return [Person(script, number) for number in range(script.workers)]


def around(population: Around, chance: Random) -> float:
    """A draw from the beta distribution with this mean and concentration."""
    if population.mean in (0, 1):
        return population.mean
    heads = population.mean * population.concentration
    return chance.betavariate(heads, population.concentration - heads)


def dirichlet(mean: Row, concentration: float, chance: Random) -> Row:
    """A draw from the Dirichlet distribution with this mean and concentration."""
    drawn = {
        name: chance.gammavariate(max(share * concentration, TINY), 1)
        for name, share in mean.items()
    }
    total = sum(drawn.values())
    return {name: value / total for name, value in drawn.items()} if total else dict(mean)


def _spread_out(number: int) -> float:
    """The van der Corput sequence: its first n points lie evenly in [0, 1), for any n."""
    place, step = 0.0, 0.5
    while number:
        place += step * (number & 1)
        number >>= 1
        step /= 2
    return place
