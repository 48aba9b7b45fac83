"""Standards: known items mixed in among the others, and what follows for who fails them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Literal

from hitline.errors import InvalidDefinition

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?) ?%")

LONGEST_MESSAGE = 4096
"""Characters of a message to workers (MTurk's API reference, NotifyWorkers)."""


class Step(StrEnum):
    """What may be done about a worker who fails known items, the mildest first."""

    NOTE = "note"
    WARN = "warn"
    STOP = "stop"
    BLOCK = "block"


@dataclass(frozen=True, kw_only=True)
class Known:
    """Among the items are ones whose answer is known: at "10%", one to every ten others.

    They are spread among the others at random (by `seed`). Where the known items that were handed
    in do not suffice, they are asked again as new HITs, the least asked first. `answers` people are
    asked by each such copy; None: as many as the stage asks at first, so that a copy's HIT looks
    like any other also in its number of assignments.
    """

    rate: str = "10%"
    answers: int | None = None
    seed: int = 0
    kind: Literal["known"] = "known"

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InvalidDefinition("known.rate", f'"{self.rate}" is not over 0 % and up to 100 %')
        if self.answers is not None and not 1 <= self.answers <= 9:
            raise InvalidDefinition("known.answers", f"{self.answers} is not between 1 and 9")

    @property
    def share(self) -> float:
        """The rate as a fraction."""
        return share_of(self.rate, "known.rate")

    def due(self, others: int, about: str) -> int:
        """How many known items belong among the first `others` items that are not known.

        One to each block of 1 / rate of them, at a place in the block that nobody can foresee.
        `about` names the stage, so that no two have the same places.
        """
        blocks = math.floor(others * self.share + 1e-9)
        place = Random(f"{self.seed}/{about}/{blocks}").random()
        return blocks + (others * self.share - blocks > place)


@dataclass(frozen=True, kw_only=True)
class Standards:
    """What is done about a worker who is surely less accurate than a threshold (0.7, or "70%").

    A threshold of None leaves its step out. A step is taken once `least` known items were answered
    and the upper end of the worker's 90 % interval is below its threshold: one step at a time, and
    after a note or a warning only with `apart` known items answered since. `message` replaces the
    text of a warning.
    """

    note: float | str | None = 0.85
    warn: float | str | None = 0.8
    stop: float | str | None = 0.7
    block: float | str | None = None
    least: int = 10
    apart: int = 3
    message: str | None = None
    kind: Literal["standards"] = "standards"

    def __post_init__(self) -> None:
        before: tuple[Step, float] | None = None
        for step in Step:
            given = getattr(self, step)
            if given is None:
                continue
            name = f"standards.{step}"
            below = share_of(given, name) if isinstance(given, str) else float(given)
            if not 0 < below < 1:
                raise InvalidDefinition(name, f"{given} is not between 0 and 1")
            if before is not None and below > before[1]:
                raise InvalidDefinition(
                    name, f"{given} is over {before[0]} ({before[1]:g}), which is the milder step"
                )
            before = step, below
            object.__setattr__(self, step, below)
        if before is None:
            raise InvalidDefinition("standards", "no step has a threshold; leave standards out")
        if self.least < 1:
            raise InvalidDefinition("standards.least", f"{self.least} is less than 1")
        if self.apart < 0:
            raise InvalidDefinition("standards.apart", f"{self.apart} is less than 0")
        if self.message is not None and not 1 <= len(self.message.strip()) <= LONGEST_MESSAGE:
            raise InvalidDefinition(
                "standards.message", f"is not of 1 to {LONGEST_MESSAGE} characters"
            )

    def after(self, taken: Step | None) -> tuple[Step, float] | None:
        """The next step that is declared after `taken`, and its threshold."""
        steps = list(Step)
        for step in steps[0 if taken is None else steps.index(taken) + 1 :]:
            below = getattr(self, step)
            if below is not None:
                return step, float(below)
        return None


def share_of(text: str, field: str) -> float:
    """ "12.5%" as a fraction. Raises InvalidDefinition naming `field`."""
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise InvalidDefinition(field, f'"{text}" is not written like "10%"')
    return float(found[1]) / 100
