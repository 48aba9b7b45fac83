"""The crowd's script: which recording is replayed, how its labels answer, at what pace and pay."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from marketplace.crowd.files import read_script, worker_id

Pay = Annotated[Decimal, Field(ge=0, decimal_places=2)]


class WageBand(BaseModel):
    """A share of the workers, and the least reward in dollars for which they come."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: Annotated[float, Field(gt=0, le=1)]
    at_least: Pay


class Script(BaseModel):
    """How a recorded crowd is replayed; read from a TOML or JSON file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    """Of the crowd; its workers' ids are made from it."""
    answers: Path
    """CSV of the recorded answers, relative to the script."""
    sets: Mapping[str, Mapping[str, str]] = {}
    """For each `data-crowd-set` of a template: recorded label -> value of the form's field.
    Who recorded a label that is not listed takes no part in that set."""
    verbatim: tuple[str, ...] = ()
    """Sets in which any recorded label is given as it is: texts, numbers."""
    seed: int
    arrivals: Literal["drawn", "recorded"] = "drawn"
    """`recorded`: as long after the first HIT was posted as they came after the recording's first.
    An answer that is late by more than `pace`, since its HIT came later, is drawn."""
    pace: Annotated[float, Field(gt=0)]
    """Mean business seconds between two arrivals at the same HIT."""
    working_seconds: Annotated[float, Field(gt=0, le=1e6)] = 60
    """Median working time of a recording without times."""
    working_spread: Annotated[float, Field(ge=0, le=5)] = 0.5
    """Sigma of its lognormal."""
    held_at_most: Annotated[int, Field(gt=0)] = 20
    """Assignments that one worker works on at a time."""
    wages: tuple[WageBand, ...] = (WageBand(share=1, at_least=Decimal(0)),)
    """What workers want; those beyond all shares never come."""

    @model_validator(mode="after")
    def _some_set(self) -> Script:
        if not self.sets and not self.verbatim:
            raise ValueError("give at least one of sets and verbatim")
        return self

    @model_validator(mode="after")
    def _shares_add_up(self) -> Script:
        total = sum(band.share for band in self.wages)
        if total > 1 + 1e-9:
            raise ValueError(f"the shares of wages add up to {total:g}, they must not exceed 1")
        return self

    def worker_id(self, worker: str) -> str:
        """The marketplace's id of a recorded worker: `A` and 13 letters or digits, always same."""
        return worker_id(self.name, worker)

    def reservation_wage(self, worker: str) -> Decimal | None:
        """The least reward for which this worker comes, drawn by the seed; None: never."""
        draw = random.Random(f"{self.seed}/wage/{worker}").random()
        for band in self.wages:
            draw -= band.share
            if draw < 0:
                return band.at_least
        return None

    def value(self, set: str, label: str) -> str | None:
        """What is put into the form for a recorded label; None: its worker takes no part."""
        return label if set in self.verbatim else self.sets.get(set, {}).get(label)

    def working_time(self, worker: str, task: str) -> timedelta:
        """Of an answer that was recorded without times, drawn by the seed."""
        chance = random.Random(f"{self.seed}/working time/{worker}/{task}")
        factor = math.exp(chance.gauss(0, self.working_spread))
        return timedelta(seconds=self.working_seconds * factor)

    def gaps(self, hit: str) -> random.Random:
        """The seeded source of a HIT's arrival delays; `hit` says what the HIT asks."""
        return random.Random(f"{self.seed}/arrivals/{hit}")

    def delay(self, chance: random.Random) -> timedelta:
        """Business time until the next arrival: exponential, with the mean `pace`."""
        return timedelta(seconds=chance.expovariate(1 / self.pace))


def load_script(path: Path) -> Script:
    """Read a script file, `.json` as JSON and everything else as TOML.

    Raises ScriptError, naming file and field.
    """
    script = read_script(path, Script)
    return script.model_copy(update={"answers": path.parent / script.answers})
