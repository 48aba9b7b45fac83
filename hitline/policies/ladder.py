"""The reward ladder: what is done with a HIT that expired, and with an item that nobody answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from hitline.errors import InvalidDefinition
from hitline.money import MINIMUM_REWARD, money, raise_by


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
