"""The script of a simulated crowd: how many come, what they want, how well they work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from marketplace.crowd.files import read_script, worker_id
from marketplace.crowd.simulation.ability import Group

Share = Annotated[float, Field(ge=0, le=1)]
Above = Annotated[float, Field(gt=0)]
AtLeastZero = Annotated[float, Field(ge=0)]
Spread = Annotated[float, Field(ge=0, le=5)]
HOURS = 24


class Part(BaseModel):
    """A table of the script; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Arrival(Part):
    """When workers come and how long they stay."""

    sessions_per_hour: Annotated[float, Field(gt=0, le=100_000)]
    """Of all workers together, on the day's average: a Poisson process."""
    day: tuple[AtLeastZero, ...] = (1.0,) * HOURS
    """A weight for each hour of the day in UTC, from midnight on."""
    activity_spread: Spread = 1.0
    """How unequally often they come: sigma of a lognormal."""
    session_minutes: Above = 30
    """Median of a lognormal."""
    session_spread: Spread = 0.7

    @field_validator("day")
    @classmethod
    def _a_day_has_24_hours(cls, day: tuple[float, ...]) -> tuple[float, ...]:
        if len(day) != HOURS or not sum(day):
            raise ValueError("give 24 weights, at least one of them above zero")
        return day


class Pace(Part):
    """Working time: the sum of three parts, times two lognormal factors with median 1."""

    seconds: AtLeastZero = 10
    """To read a HIT."""
    seconds_per_question: AtLeastZero = 5
    """For each field but texts."""
    seconds_per_word: AtLeastZero = 1.5
    """For each word that is written."""
    spread: Spread = 0.4
    """Sigma between the HITs of one worker."""
    worker_spread: Spread = 0.3
    """Sigma between workers."""
    pause_seconds: AtLeastZero = 2
    """Between a submission and the next HIT."""


class Wage(Part):
    """For what they work: reward over their own expected working time, in dollars an hour."""

    hourly: AtLeastZero = 0
    """Median of a lognormal: half of the workers want more."""
    spread: Spread = 0
    taste_spread: Spread = 0.3
    """How differently workers like the same HITs: sigma. Each takes what pays best times taste."""


class Leaving(Part):
    """Shares of the accepted HITs that are not submitted."""

    returns: Share = 0
    """Given back during the work."""
    abandons: Share = 0
    """The worker walks away, from all that they hold."""

    @model_validator(mode="after")
    def _adds_up(self) -> Leaving:
        if self.returns + self.abandons > 1:
            raise ValueError("returns and abandons together must not exceed 1")
        return self


class Fatigue(Part):
    """What an hour of a session takes away."""

    attention_per_hour: AtLeastZero = 0
    """Attention is exp(-this x hours)."""
    slower_per_hour: AtLeastZero = 0
    """Working time grows by this share for each hour."""


class TruthFile(Part):
    """Where the true answers are."""

    file: Path
    """CSV, relative to the script."""
    key: str = "task"
    """The column of what identifies an item in its question."""
    find: Literal["marker", "value"] = "marker"
    """`marker`: in `data-crowd-task`; `value`: an attribute's value or a text of the question."""
    difficulty: str | None = None
    """The column of how hard the item is, from 0 to 1."""
    columns: Mapping[str, str] = {}
    """Set or field -> column, where their names differ."""
    values: Mapping[str, Mapping[str, str]] = {}
    """Set or field -> truth in the file -> option of the form, where they differ."""


class Simulation(Part):
    """How a crowd is simulated; read from a TOML or JSON file."""

    name: Annotated[str, Field(min_length=1)]
    """Of the crowd; its workers' ids are made from it."""
    seed: int
    workers: Annotated[int, Field(gt=0, le=100_000)]
    held_at_most: Annotated[int, Field(gt=0)] = 1
    """HITs that a worker accepts at once, to do one after another."""
    arrival: Arrival
    pace: Pace = Pace()
    wage: Wage = Wage()
    leaving: Leaving = Leaving()
    fatigue: Fatigue = Fatigue()
    groups: Annotated[tuple[Group, ...], Field(min_length=1)] = (Group(name="all"),)
    truth: TruthFile | None = None
    priors: Mapping[str, Mapping[str, AtLeastZero]] = {}
    """Set or field -> option -> weight, for truth that is drawn."""
    skip: tuple[str, ...] = ()
    """Fields that are left empty, such as one for remarks."""

    @field_validator("groups")
    @classmethod
    def _shares_add_up(cls, groups: tuple[Group, ...]) -> tuple[Group, ...]:
        total = sum(group.share for group in groups)
        if abs(total - 1) > 0.001:
            raise ValueError(f"the groups' shares add up to {total:g}, they must to 1")
        return groups

    def worker_id(self, number: int) -> str:
        """The marketplace's id of a worker: `A` and 13 letters or digits, always the same."""
        return worker_id(self.name, str(number))

    def chance(self, *what: object) -> Random:
        """The seeded source of what is drawn for `what`, whenever it is drawn."""
        return Random("/".join(str(part) for part in (self.seed, *what)))


def load_simulation(path: Path) -> Simulation:
    """Read a script file; raises ScriptError, naming file and field."""
    script = read_script(path, Simulation)
    if script.truth is None:
        return script
    truth = script.truth.model_copy(update={"file": path.parent / script.truth.file})
    return script.model_copy(update={"truth": truth})
