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
from hitline.fields import Field
from hitline.money import MINIMUM_REWARD, money
from hitline.policies import (
    Adaptive,
    Approve,
    Expiry,
    Known,
    NoRaise,
    Once,
    PerField,
    Policy,
    Redundancy,
    Rule,
    Standards,
    StopOnReturns,
    pause_of,
    rungs,
)
from hitline.policies.pay import PROMISE, check_approval, wage
from hitline.policies.rules import check_rule, rule_for
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
    answer: Field | Sequence[Field]
    lifetime: timedelta | str
    duration: timedelta | str
    description: str = ""
    keywords: str = ""
    redundancy: Redundancy | Mapping[str, Rule] | None = None
    expiry: Expiry = field(default_factory=NoRaise)
    returns: StopOnReturns = field(default_factory=StopOnReturns)
    once: Once = field(default_factory=Once)
    pay: Approve = field(default_factory=Approve)
    items_per_hit: int = 1
    known: Known | None = None
    standards: Standards | None = None
    qualifications: Sequence[Mapping[str, Any]] = ()
    auto_approval: timedelta | str = PROMISE
    grace: timedelta | str = timedelta(days=30)
    hourly_wage: Decimal | str | None = None
    budget: Decimal | str | None = None
    daily_budget: Decimal | str | None = None

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
        check_approval(self.pay, approval)
        for cap in ("budget", "daily_budget"):
            if getattr(self, cap) is not None:
                set_(self, cap, money(getattr(self, cap), cap))
        if self.hourly_wage is not None:
            set_(self, "hourly_wage", wage(self.hourly_wage))
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
        set_(self, "redundancy", _rules(self.fields, self.redundancy))
        rungs(reward, self.expiry)
        ours = int(self.once.per == "stage") + int(self.stops_workers)
        if len(self.qualifications) > 10 - ours:
            because = f"; {ours} of ten are hitline's own, for once and standards" if ours else ""
            raise InvalidDefinition("qualifications", f"at most {10 - ours} are allowed{because}")
        if self.once.per == "parent" and self.items_per_hit > 1:
            raise InvalidDefinition(
                "once.per",
                'HITs of several items have several parents; "parent" takes items_per_hit=1',
            )

    @property
    def stops_workers(self) -> bool:
        """Whether workers may be stopped, and so be kept off the stage's HITs."""
        steps = self.standards
        return steps is not None and (steps.stop is not None or steps.block is not None)

    @property
    def cap(self) -> Decimal | None:
        """The most that the stage may spend in all, in dollars, fees included."""
        assert not isinstance(self.budget, str)
        return self.budget

    @property
    def daily_cap(self) -> Decimal | None:
        """The most that the stage may reserve on one day (UTC), fees included."""
        assert not isinstance(self.daily_budget, str)
        return self.daily_budget

    @property
    def fields(self) -> tuple[Field, ...]:
        """What the answer is made of: one field or several."""
        return tuple(self.answer) if isinstance(self.answer, Sequence) else (self.answer,)

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
        assert not isinstance(self.hourly_wage, str)
        assert isinstance(self.redundancy, Redundancy)
        return Policy(
            redundancy=self.redundancy,
            rewards=rungs(self.reward, self.expiry),
            end=self.expiry.then,
            pay=self.pay,
            lifetime=self.lifetime,
            duration=self.duration,
            field=self.fields[0].name,
            fields=tuple(one.to_json() for one in self.fields),
            items_per_hit=self.items_per_hit,
            grace=self.grace,
            pause=pause_of(self.expiry),
            anew=not isinstance(self.expiry, NoRaise) and self.expiry.anew,
            returns=self.returns,
            once=self.once,
            known=self.known,
            standards=self.standards,
            hourly_wage=self.hourly_wage,
        )


def _rules(
    fields: Sequence[Field], redundancy: Redundancy | Mapping[str, Rule] | None
) -> Redundancy:
    """The rule of a single field, or of each of several; where none is named, its kind's own."""
    names = [one.name for one in fields]
    if not names:
        raise InvalidDefinition("answer", "has no field; name at least one")
    for name in names:
        if names.count(name) > 1:
            raise InvalidDefinition("answer", f'two fields are called "{name}"; rename one')
    if isinstance(redundancy, PerField):
        redundancy = redundancy.rules
    if redundancy is None:
        rules: dict[str, Rule] = {one.name: rule_for(one.kind) for one in fields}
    elif isinstance(redundancy, Mapping):
        if set(redundancy) != set(names):
            raise InvalidDefinition(
                "redundancy",
                f"has rules for {', '.join(sorted(redundancy)) or 'nothing'}; the fields are "
                f"{', '.join(names)}",
            )
        rules = {name: redundancy[name] for name in names}
    else:
        rules = dict.fromkeys(names, redundancy)
    for one in fields:
        _check_rule(rules[one.name], one, alone=len(fields) == 1)
    return PerField(rules=rules) if len(fields) > 1 else rules[names[0]]


def _check_rule(rule: Rule, asked: Field, *, alone: bool) -> None:
    """Refuse what cannot be judged; of several fields, the one is named."""
    try:
        check_rule(rule, asked.kind)
        if not alone and isinstance(rule, Adaptive):
            raise InvalidDefinition(
                "redundancy",
                "the model of the workers is one of a stage with a single field; use VoteLead or "
                "Fixed here, or ask this in a stage of its own",
            )
    except InvalidDefinition as wrong:
        where = wrong.field if alone else f"{wrong.field}.{asked.name}"
        raise InvalidDefinition(where, wrong.reason) from wrong


def check_name(name: str, field: str) -> None:
    """Names travel in annotations, tokens and event names, so they are short and plain."""
    if _NAME.fullmatch(name) is None:
        raise InvalidDefinition(
            field,
            f'"{name}" must be 1 to 40 of a-z, 0-9, "-" and "_", beginning with a letter',
        )
