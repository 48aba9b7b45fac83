"""The reward ladder: what is done with a HIT that expired, and with an item that nobody answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from hitline.durations import duration
from hitline.errors import InvalidDefinition
from hitline.money import MINIMUM_REWARD, money, raise_by

STAFF_RUNG = -1
"""The rung of the HITs that only staff see; the crowd's are counted from 0."""

MOST_RUNGS = 10


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Hand the item to staff: the crowd did not answer it.

    With a `reward`, `answers` members of staff are asked by HITs that only they see, each open for
    `lifetime`; without, the item waits in the queue until its label is imported.
    """

    reward: Decimal | str | None = None
    answers: int = 1
    lifetime: timedelta | str = timedelta(days=30)
    kind: Literal["staff"] = "staff"

    def __post_init__(self) -> None:
        if self.reward is not None:
            object.__setattr__(self, "reward", _reward(self.reward, "expiry.then.reward"))
        if not 1 <= self.answers <= 9:
            raise InvalidDefinition("expiry.then.answers", f"{self.answers} is not between 1 and 9")
        least, most = timedelta(minutes=1), timedelta(days=365)
        lasts = duration(self.lifetime, "expiry.then.lifetime", least=least, most=most)
        object.__setattr__(self, "lifetime", lasts)

    @property
    def offered(self) -> Decimal | None:
        """The reward of staff's HITs; None where there are none."""
        assert not isinstance(self.reward, str)
        return self.reward

    @property
    def open_for(self) -> timedelta:
        assert isinstance(self.lifetime, timedelta)
        return self.lifetime


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
    Before each rung there is a `pause`. A HIT that nobody ever took is raised in place; with
    `anew` it is posted anew, and stands among the newest again.
    """

    by: str
    most: Decimal | str
    times: int = 1
    pause: timedelta | str = timedelta(0)
    anew: bool = False
    then: End = field(default_factory=Staff)
    kind: Literal["raise_reward"] = "raise_reward"

    def __post_init__(self) -> None:
        object.__setattr__(self, "most", _reward(self.most, "expiry.most"))
        object.__setattr__(self, "pause", _pause(self.pause))
        if not 1 <= self.times <= MOST_RUNGS:
            raise InvalidDefinition(
                "expiry.times", f"{self.times} is not between 1 and {MOST_RUNGS}"
            )
        try:
            raise_by(MINIMUM_REWARD, self.by, Decimal("1000000"))
        except InvalidDefinition as wrong:
            raise InvalidDefinition("expiry.by", wrong.reason) from wrong


@dataclass(frozen=True, kw_only=True)
class Rewards:
    """Offer an expired HIT again at each of these rewards, `to`, in their order.

    Each is above the one before, and the first above the stage's own. `pause` and `anew` are as
    with RaiseReward.
    """

    to: Sequence[Decimal | str]
    pause: timedelta | str = timedelta(0)
    anew: bool = False
    then: End = field(default_factory=Staff)
    kind: Literal["rewards"] = "rewards"

    def __post_init__(self) -> None:
        if isinstance(self.to, str | Decimal):
            raise InvalidDefinition("expiry.to", f"{self.to!r} is one reward; write a list")
        rewards = tuple(_reward(reward, f"expiry.to[{at}]") for at, reward in enumerate(self.to))
        if not 1 <= len(rewards) <= MOST_RUNGS:
            raise InvalidDefinition(
                "expiry.to", f"{len(rewards)} rewards; 1 to {MOST_RUNGS} make a ladder"
            )
        object.__setattr__(self, "to", rewards)
        object.__setattr__(self, "pause", _pause(self.pause))


@dataclass(frozen=True, kw_only=True)
class NoRaise:
    """Never pay more: an expired HIT ends in `then` at once."""

    then: End = field(default_factory=Staff)
    kind: Literal["no_raise"] = "no_raise"


Expiry = RaiseReward | Rewards | NoRaise


def rungs(reward: Decimal, expiry: Expiry) -> tuple[Decimal, ...]:
    """The rewards of the ladder, first to last; a rung that adds nothing is left out."""
    ladder = [reward]
    if isinstance(expiry, Rewards):
        for at, dearer in enumerate(Decimal(given) for given in expiry.to):
            if dearer <= ladder[-1]:
                raise InvalidDefinition(
                    f"expiry.to[{at}]", f"{dearer} is not above the reward before it, {ladder[-1]}"
                )
            ladder.append(dearer)
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


def pause_of(expiry: Expiry) -> timedelta:
    """The time between an expiry and the next rung."""
    pause = timedelta(0) if isinstance(expiry, NoRaise) else expiry.pause
    assert isinstance(pause, timedelta)
    return pause


def staff_of(end: End) -> Staff | None:
    """What staff are asked in the end, if they may be."""
    if isinstance(end, SettleBest):
        end = end.otherwise
    return end if isinstance(end, Staff) else None


def _pause(value: timedelta | str) -> timedelta:
    return duration(value, "expiry.pause", least=timedelta(0), most=timedelta(days=30))


def _reward(value: Decimal | str, field: str) -> Decimal:
    amount = money(value, field)
    if amount < MINIMUM_REWARD:
        raise InvalidDefinition(field, f"{amount} is under the minimum reward, {MINIMUM_REWARD}")
    return amount
