"""Verdicts: the things that can be done about an item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hitline.facts import HitFacts
from hitline.model import Label


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is to be done about an item, and why, in one sentence."""

    why: str


@dataclass(frozen=True, kw_only=True)
class Settle(Verdict):
    """`agreement` is the label's share of the votes; `confidence`, where a model was asked, how
    likely the label is right, and `model` that model's version."""

    label: Label
    agreement: float
    confidence: float | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True)
class Extend(Verdict):
    """Ask `answers` more people on the same HIT; it must live until `until` (None: long enough)."""

    hit: HitFacts
    answers: int
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Post(Verdict):
    """Ask `answers` people on a new HIT."""

    answers: int
    rung: int
    generation: int
    sibling: int = 0


@dataclass(frozen=True, kw_only=True)
class Repost(Verdict):
    """Offer the expired HIT again at the next rung: in place if nobody ever took it, else anew.

    With `anew` it is posted anew in any case.
    """

    hit: HitFacts
    answers: int
    rung: int
    generation: int
    anew: bool = False


@dataclass(frozen=True, kw_only=True)
class Wait(Verdict):
    """Nothing to do before `until` (None: before the next event)."""

    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Hold(Verdict):
    """Wait for a person: for money, or until the stage is resumed."""


@dataclass(frozen=True, kw_only=True)
class GiveUp(Verdict):
    """The crowd will not answer it: to staff, or dropped."""

    to_staff: bool


@dataclass(frozen=True, kw_only=True)
class Nothing(Verdict):
    """The item is finished; what still comes in is paid and kept, not counted."""
