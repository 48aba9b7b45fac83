"""Returns: a task that people give back is mended, not paid more for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hitline.errors import InvalidDefinition

LATEST = 100
"""Of so many outcomes, the latest, the share is taken: a template mended or broken shows soon."""


@dataclass(frozen=True, kw_only=True)
class StopOnReturns:
    """Pause the stage when more than `share` of what people took came back without an answer.

    Given back and run out of time count alike, against what was submitted; of the latest 100
    outcomes since the stage was last resumed, and from `least` on. `share=1.0` never stops it.
    """

    share: float = 0.5
    least: int = 20
    kind: Literal["stop_on_returns"] = "stop_on_returns"

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InvalidDefinition("returns.share", f"{self.share} is not above 0 and at most 1")
        if not 1 <= self.least <= LATEST:
            raise InvalidDefinition("returns.least", f"{self.least} is not between 1 and {LATEST}")

    def stops(self, came_back: int, submitted: int) -> bool:
        """Whether so many outcomes of each kind stop the stage."""
        total = came_back + submitted
        return total >= self.least and came_back > self.share * total
