"""A stage: one question, what an answer is, what it pays, and the rules by which it is settled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hitline.durations import duration
from hitline.errors import InvalidDefinition
from hitline.fields import Choice, Field
from hitline.money import MINIMUM_REWARD, money
from hitline.policies import (
    Adaptive,
    Approve,
    NoRaise,
    Policy,
    RaiseReward,
    Redundancy,
    VoteLead,
    rungs,
)
from hitline.questions import ExternalUrl, HtmlTemplate

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stage:
    """One question, what an answer is, what it pays, and the rules by which it is settled.

    Lengths of time are written "90s", "5m", "1h", "30d"; rewards "0.05". Limits are those of
    MTurk's API reference (CreateHIT). Raises InvalidDefinition naming the field.
    """

    name: str
    _: KW_ONLY
    question: HtmlTemplate | ExternalUrl
    title: str
    reward: Decimal | str
    answer: Field
    lifetime: timedelta | str
    duration: timedelta | str
    description: str = ""
    keywords: str = ""
    redundancy: Redundancy = field(default_factory=VoteLead)
    expiry: RaiseReward | NoRaise = field(default_factory=NoRaise)
    pay: Approve = field(default_factory=Approve)
    items_per_hit: int = 1
    qualifications: Sequence[Mapping[str, Any]] = ()
    auto_approval: timedelta | str = timedelta(days=7)
    grace: timedelta | str = timedelta(days=30)

    def __post_init__(self) -> None:
        check_name(self.name, "stage name")
        with_stage = f"stage {self.name}: "
        try:
            self._check()
        except InvalidDefinition as wrong:
            raise InvalidDefinition(with_stage + wrong.field, wrong.reason) from wrong

    def _check(self) -> None:
        reward = money(self.reward, "reward")
        if reward < MINIMUM_REWARD:
            raise InvalidDefinition(
                "reward", f"{reward} is under the minimum reward, {MINIMUM_REWARD}"
            )
        half, whole, year = timedelta(seconds=30), timedelta(minutes=1), 365 * _DAY
        set_ = object.__setattr__
        set_(self, "reward", reward)
        # MTurk takes 30 s too, but then extends an expired HIT by a minute at least.
        set_(self, "lifetime", duration(self.lifetime, "lifetime", least=whole, most=year))
        set_(self, "duration", duration(self.duration, "duration", least=half, most=year))
        approval = duration(self.auto_approval, "auto_approval", least=timedelta(0), most=30 * _DAY)
        set_(self, "auto_approval", approval)
        set_(self, "grace", duration(self.grace, "grace", least=timedelta(0), most=120 * _DAY))
        for name, text, most in (
            ("title", self.title, 128),
            ("description", self.description, 2000),
            ("keywords", self.keywords, 1000),
        ):
            if len(text) > most:
                raise InvalidDefinition(name, f"{len(text)} characters; at most {most} are allowed")
        if not self.title.strip():
            raise InvalidDefinition("title", "is empty; workers choose HITs by their title")
        if not 1 <= self.items_per_hit <= 10:
            raise InvalidDefinition(
                "items_per_hit", f"{self.items_per_hit} is not between 1 and 10"
            )
        if self.items_per_hit > 1 and not self.question.asks_several:
            raise InvalidDefinition(
                "items_per_hit",
                f"the question cannot ask about {self.items_per_hit} items at once; that takes a "
                "template with an <!-- each item --> … <!-- end item --> block",
            )
        if isinstance(self.redundancy, Adaptive) and not isinstance(self.answer, Choice):
            raise InvalidDefinition(
                "redundancy",
                "Adaptive has a model of who says which label, so it takes a Choice; use "
                "VoteLead or Fixed",
            )
        if len(self.qualifications) > 10:
            raise InvalidDefinition("qualifications", "at most 10 are allowed")
        rungs(reward, self.expiry)

    @property
    def auto_approval_time(self) -> timedelta:
        """After which the endpoint itself approves a submission that nobody judged."""
        assert isinstance(self.auto_approval, timedelta)
        return self.auto_approval

    @property
    def policy(self) -> Policy:
        """What is stored with the items published now."""
        assert isinstance(self.reward, Decimal)
        assert isinstance(self.lifetime, timedelta)
        assert isinstance(self.duration, timedelta)
        assert isinstance(self.grace, timedelta)
        return Policy(
            redundancy=self.redundancy,
            rewards=rungs(self.reward, self.expiry),
            end=self.expiry.then,
            pay=self.pay,
            lifetime=self.lifetime,
            duration=self.duration,
            field=self.answer.name,
            items_per_hit=self.items_per_hit,
            grace=self.grace,
        )


def check_name(name: str, field: str) -> None:
    """Names travel in annotations, tokens and event names, so they are short and plain."""
    if _NAME.fullmatch(name) is None:
        raise InvalidDefinition(
            field,
            f'"{name}" must be 1 to 40 of a-z, 0-9, "-" and "_", beginning with a letter',
        )
