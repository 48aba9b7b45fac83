"""What a stage's author decides in advance: when answers agree, when to pay more, when to pay.

Policies are plain values. They are stored as JSON with the items that were published under them,
so that editing a pipeline changes nothing for items already out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from pydantic import TypeAdapter

from hitline.durations import duration
from hitline.errors import InvalidDefinition
from hitline.money import MINIMUM_REWARD, money, raise_by

WALL = 9
"""Posted with fewer than ten assignments, a HIT never reaches ten (MTurk's API reference,
CreateAdditionalAssignmentsForHIT)."""


@dataclass(frozen=True, kw_only=True)
class VoteLead:
    """Settle once the first label is `lead` votes ahead of the second; ask `most` people at most.

    `start` answers are asked for at once. Asking stops early when the answers still to come up to
    `most` cannot change the label.
    """

    start: int = 2
    lead: int = 2
    most: int = 9
    kind: Literal["vote_lead"] = "vote_lead"

    def __post_init__(self) -> None:
        if not 1 <= self.most <= WALL:
            raise InvalidDefinition("redundancy.most", f"{self.most} is not between 1 and {WALL}")
        if not 1 <= self.start <= self.most:
            raise InvalidDefinition(
                "redundancy.start", f"{self.start} is not between 1 and most ({self.most})"
            )
        if not 1 <= self.lead <= self.most:
            raise InvalidDefinition(
                "redundancy.lead", f"{self.lead} is not between 1 and most ({self.most})"
            )


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """Settle with the label that most of `answers` people give.

    Asking stops early when the answers still to come cannot change it: the labels are those of all
    the answers, for about a quarter fewer.
    """

    answers: int = 5
    kind: Literal["fixed"] = "fixed"

    def __post_init__(self) -> None:
        if not 1 <= self.answers <= WALL:
            raise InvalidDefinition(
                "redundancy.answers", f"{self.answers} is not between 1 and {WALL}"
            )

    @property
    def most(self) -> int:
        """Nobody is asked beyond this many."""
        return self.answers


@dataclass(frozen=True, kw_only=True)
class Adaptive:
    """Settle once the model of the workers is `confidence` sure and the label `lead` votes ahead.

    `start` answers are asked for at once, `most` people at most. Where labels are final as soon as
    they are stored, a stage keeps below `average` answers an item; so many are also asked where
    known answers say that a plain majority does better than the model.
    """

    start: int = 2
    confidence: float = 0.99
    lead: int = 2
    most: int = 9
    average: int = 5
    kind: Literal["adaptive"] = "adaptive"

    def __post_init__(self) -> None:
        if not 1 <= self.most <= WALL:
            raise InvalidDefinition("redundancy.most", f"{self.most} is not between 1 and {WALL}")
        if not 1 <= self.start <= self.most:
            raise InvalidDefinition(
                "redundancy.start", f"{self.start} is not between 1 and most ({self.most})"
            )
        if not 0.5 < self.confidence < 1:
            raise InvalidDefinition(
                "redundancy.confidence", f"{self.confidence} is not between 0.5 and 1"
            )
        if not 0 <= self.lead <= self.most:
            raise InvalidDefinition(
                "redundancy.lead", f"{self.lead} is not between 0 and most ({self.most})"
            )
        if self.average < self.start:
            raise InvalidDefinition(
                "redundancy.average", f"{self.average} is less than start ({self.start})"
            )


THOROUGH = Adaptive(confidence=0.99, lead=2)
"""Nearly the labels of nine answers each, for about half of them."""
THRIFTY = Adaptive(confidence=0.9, lead=1)
"""Better labels than five answers each and a majority, for about three and a half."""

Redundancy = VoteLead | Fixed | Adaptive
"""How many answers a label takes."""


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Hand the item to staff: the crowd did not answer it."""

    kind: Literal["staff"] = "staff"


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Give the item up."""

    kind: Literal["drop"] = "drop"


@dataclass(frozen=True, kw_only=True)
class SettleBest:
    """Settle with what there is if the first label is `lead` votes ahead, else do `otherwise`."""

    lead: int = 1
    otherwise: Staff | Drop = field(default_factory=Staff)
    kind: Literal["settle_best"] = "settle_best"

    def __post_init__(self) -> None:
        if self.lead < 1:
            raise InvalidDefinition("expiry.then.lead", "a clear lead is at least 1 vote")


End = Staff | Drop | SettleBest


@dataclass(frozen=True, kw_only=True)
class RaiseReward:
    """Offer an expired HIT again, each time dearer: `times` rungs, each `by` more, up to `most`.

    `by` is a share of the last reward ("50%") or an amount ("0.02"); rounded half up to cents.
    """

    by: str
    most: Decimal | str
    times: int = 1
    then: End = field(default_factory=Staff)
    kind: Literal["raise_reward"] = "raise_reward"

    def __post_init__(self) -> None:
        object.__setattr__(self, "most", _reward(self.most, "expiry.most"))
        if not 1 <= self.times <= 10:
            raise InvalidDefinition("expiry.times", f"{self.times} is not between 1 and 10")
        try:
            raise_by(MINIMUM_REWARD, self.by, Decimal("1000000"))
        except InvalidDefinition as wrong:
            raise InvalidDefinition("expiry.by", wrong.reason) from wrong


@dataclass(frozen=True, kw_only=True)
class NoRaise:
    """Never pay more: an expired HIT ends in `then` at once."""

    then: End = field(default_factory=Staff)
    kind: Literal["no_raise"] = "no_raise"


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


def rungs(reward: Decimal, expiry: RaiseReward | NoRaise) -> tuple[Decimal, ...]:
    """The rewards of the ladder, first to last; a rung that adds nothing is left out."""
    ladder = [reward]
    if isinstance(expiry, RaiseReward):
        most = Decimal(expiry.most)
        if most < reward:
            raise InvalidDefinition("expiry.most", f"{most} is less than the reward ({reward})")
        for _ in range(expiry.times):
            dearer = raise_by(ladder[-1], expiry.by, most)
            if dearer <= ladder[-1]:
                break
            ladder.append(dearer)
    return tuple(ladder)


def _reward(value: Decimal | str, field: str) -> Decimal:
    amount = money(value, field)
    if amount < MINIMUM_REWARD:
        raise InvalidDefinition(field, f"{amount} is under the minimum reward, {MINIMUM_REWARD}")
    return amount


_POLICY = TypeAdapter(Policy)
