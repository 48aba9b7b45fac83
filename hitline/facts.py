"""What a decision is based on: everything known about an item, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from hitline.consensus.adaptive import Belief
from hitline.consensus.grounds import Grounds
from hitline.model import HitStatus, Item, Label
from hitline.policies import WALL, Policy

PAUSED = "the stage is paused"
"""Why an item is held that a pause holds."""


class Control(StrEnum):
    """What a person said of a stage."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class HitFacts:
    """A HIT of the item: what we know of it and what the endpoint has just said."""

    hit_id: str
    status: HitStatus
    max_assignments: int
    submitted: int
    pending: int
    expires_at: datetime
    reward: Decimal
    rung: int
    generation: int
    sibling: int = 0
    items: int = 1
    ended_by_us: bool = False
    closed: bool = False

    @property
    def full(self) -> bool:
        return self.submitted >= self.max_assignments


@dataclass(frozen=True, kw_only=True)
class StaffLabel:
    """What staff said of an item outside of HITs; without a label they gave it up."""

    label: Label | None
    source: str


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """All that is known of an item at `now`. `labels` are the counted answers, one a worker.

    Where the stage's rule has a model of the workers, `belief` is what it holds of the item and
    `model` its version, `grounds` what it holds of those who answered; `spare` are answers that the
    stage's other items left over, None where the stage's labels lead to nothing further.

    `wall`: the most assignments that a HIT may come to have, None where the endpoint has no such
    bound. `eligible`: how many may answer that have not yet, None where anybody may. `repeats`:
    answers not counted because the same people had answered before. `by_staff`: what staff said in
    HITs of theirs, `staff_file` what they said in a file.
    """

    item: Item
    policy: Policy
    hits: tuple[HitFacts, ...]
    labels: tuple[Label, ...]
    now: datetime
    unreadable: int = 0
    control: Control = Control.RUNNING
    belief: Belief | None = None
    spare: float | None = None
    model: str | None = None
    grounds: Grounds | None = None
    wall: int | None = WALL
    eligible: int | None = None
    repeats: int = 0
    by_staff: tuple[Label, ...] = ()
    staff_file: StaffLabel | None = None
