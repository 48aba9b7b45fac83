"""Pay: when a submission is approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from hitline.durations import duration


@dataclass(frozen=True, kw_only=True)
class Approve:
    """Approve a submission once its HIT's items are finished, `within` this time at the latest."""

    within: timedelta | str = timedelta(hours=48)
    kind: Literal["approve"] = "approve"

    def __post_init__(self) -> None:
        within = duration(
            self.within, "pay.within", least=timedelta(minutes=1), most=timedelta(days=30)
        )
        object.__setattr__(self, "within", within)
