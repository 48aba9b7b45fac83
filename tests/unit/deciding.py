"""A table of facts about one item, and the verdict on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hitline.decide import decide
from hitline.facts import HitFacts, ItemFacts
from hitline.model import HitStatus, Item, ItemState
from hitline.policies import Approve, End, Policy, Staff, VoteLead
from hitline.verdicts import Verdict

START = datetime(2026, 1, 5, 10, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Minutes after the item's first HIT was posted; that HIT expires at 60."""
    return START + timedelta(minutes=minutes)


POLICY = Policy(
    redundancy=VoteLead(start=2, lead=2, most=9),
    rewards=(Decimal("0.05"), Decimal("0.08"), Decimal("0.12")),
    end=Staff(),
    pay=Approve(),
    lifetime=timedelta(minutes=60),
    duration=timedelta(minutes=10),
    field="breed",
)


def hit(**changed: Any) -> HitFacts:
    """A HIT for two answers that is out, and that nobody has answered."""
    as_posted = HitFacts(
        hit_id="HIT1",
        status=HitStatus.ASSIGNABLE,
        max_assignments=2,
        submitted=0,
        pending=0,
        expires_at=at(60),
        reward=Decimal("0.05"),
        rung=0,
        generation=0,
    )
    return replace(as_posted, **changed)


def full(answers: int = 2, **changed: Any) -> HitFacts:
    """A HIT that everybody who may has answered."""
    answered = {"max_assignments": answers, "submitted": answers, "status": HitStatus.REVIEWABLE}
    return hit(**{**answered, **changed})


def expired(submitted: int = 0, **changed: Any) -> HitFacts:
    """A HIT that ran out with nobody at work on it."""
    return hit(submitted=submitted, status=HitStatus.REVIEWABLE, **changed)


LAST = expired(hit_id="HIT3", generation=2, rung=2, reward=Decimal("0.12"), max_assignments=9)
"""The HIT of the last rung, which nobody came for."""


def verdict_on(
    labels: str = "",
    hits: Sequence[HitFacts] = (),
    *,
    minute: float = 30,
    state: ItemState = ItemState.OPEN,
    end: End = POLICY.end,
    **changed: Any,
) -> Verdict:
    item = Item(id="item000000000", pipeline="dogs", stage="breed", key="a", input={}, state=state)
    facts = ItemFacts(
        item=item,
        policy=replace(POLICY, end=end),
        hits=tuple(hits),
        labels=tuple(labels),
        now=at(minute),
        **changed,
    )
    return decide(facts)
