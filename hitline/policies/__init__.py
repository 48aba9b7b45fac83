"""What a stage's author decides in advance: when answers agree, when to pay more, when to pay.

Policies are plain values. They are stored as JSON with the items that were published under them,
so that editing a pipeline changes nothing for items already out.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as made_anew
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from hitline.policies.agreement import Agree, Overlap, StandardError
from hitline.policies.ladder import (
    STAFF_RUNG,
    Drop,
    End,
    Expiry,
    NoRaise,
    RaiseReward,
    Rewards,
    SettleBest,
    Staff,
    pause_of,
    rungs,
    staff_of,
)
from hitline.policies.once import Once
from hitline.policies.pay import Approve, RejectFailedKnown
from hitline.policies.redundancy import (
    MOST,
    THOROUGH,
    THRIFTY,
    WALL,
    Adaptive,
    Fixed,
    VoteLead,
)
from hitline.policies.returns import StopOnReturns
from hitline.policies.rules import PerField, Redundancy, Rule
from hitline.policies.standards import Known, Standards, Step

__all__ = [
    "MOST",
    "STAFF_RUNG",
    "THOROUGH",
    "THRIFTY",
    "WALL",
    "Adaptive",
    "Agree",
    "Approve",
    "Drop",
    "End",
    "Expiry",
    "Fixed",
    "Known",
    "NoRaise",
    "Once",
    "Overlap",
    "PerField",
    "Policy",
    "RaiseReward",
    "Redundancy",
    "RejectFailedKnown",
    "Rewards",
    "Rule",
    "SettleBest",
    "Staff",
    "StandardError",
    "Standards",
    "Step",
    "StopOnReturns",
    "VoteLead",
    "pause_of",
    "rungs",
    "staff_of",
]


WAGE_PAID = timedelta(days=3)
"""By then the bonus that makes up a wage is sent: the day, its reckoning, and one to spare."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a decision needs to know of an item's stage; `rewards` are the rungs, first to last.

    `fields` are the answer's fields as JSON, `field` is the name of the first. (A policy without
    `fields` takes labels as they are.)
    """

    redundancy: Redundancy
    rewards: tuple[Decimal, ...]
    end: End
    pay: Approve
    lifetime: timedelta
    duration: timedelta
    field: str
    items_per_hit: int = 1
    grace: timedelta = timedelta(days=30)
    fields: tuple[dict[str, Any], ...] = ()
    known: Known | None = None
    standards: Standards | None = None
    hourly_wage: Decimal | None = None
    pause: timedelta = timedelta(0)
    anew: bool = False
    returns: StopOnReturns = made_anew(default_factory=StopOnReturns)
    once: Once = made_anew(default_factory=Once)

    def reward_at(self, rung: int) -> Decimal:
        """What a rung pays; STAFF_RUNG is what staff are paid."""
        if rung != STAFF_RUNG:
            return self.rewards[rung]
        staff = staff_of(self.end)
        offered = None if staff is None else staff.offered
        return self.rewards[-1] if offered is None else offered

    def life_at(self, rung: int) -> timedelta:
        """For how long a HIT of a rung is offered."""
        staff = staff_of(self.end)
        return self.lifetime if rung != STAFF_RUNG or staff is None else staff.open_for

    @property
    def kept_for(self) -> timedelta:
        """How long a closed HIT is kept. Once it is disposed of nobody gets a bonus for it, and a
        wage is reckoned only when its day is over."""
        return self.grace if self.hourly_wage is None else max(self.grace, WAGE_PAID)

    def to_json(self) -> str:
        return _POLICY.dump_json(self).decode()

    @staticmethod
    def from_json(text: str) -> Policy:
        return _POLICY.validate_json(text)


_POLICY = TypeAdapter(Policy)
