"""What a stage's author decides in advance: when answers agree, when to pay more, when to pay.

Policies are plain values. They are stored as JSON with the items that were published under them,
so that editing a pipeline changes nothing for items already out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from pydantic import TypeAdapter

from hitline.policies.ladder import Drop, End, NoRaise, RaiseReward, SettleBest, Staff, rungs
from hitline.policies.pay import Approve
from hitline.policies.redundancy import (
    THOROUGH,
    THRIFTY,
    WALL,
    Adaptive,
    Fixed,
    Redundancy,
    VoteLead,
)

__all__ = [
    "THOROUGH",
    "THRIFTY",
    "WALL",
    "Adaptive",
    "Approve",
    "Drop",
    "End",
    "Fixed",
    "NoRaise",
    "Policy",
    "RaiseReward",
    "Redundancy",
    "SettleBest",
    "Staff",
    "VoteLead",
    "rungs",
]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a decision needs to know of an item's stage; `rewards` are the rungs, first to last."""

    redundancy: Redundancy
    rewards: tuple[Decimal, ...]
    end: End
    pay: Approve
    lifetime: timedelta
    duration: timedelta
    field: str
    items_per_hit: int = 1
    grace: timedelta = timedelta(days=30)

    def to_json(self) -> str:
        return _POLICY.dump_json(self).decode()

    @staticmethod
    def from_json(text: str) -> Policy:
        return _POLICY.validate_json(text)


_POLICY = TypeAdapter(Policy)
