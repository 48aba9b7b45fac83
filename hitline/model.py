"""The nouns of human computation, as frozen records. No I/O, no rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

Label = str
"""What an item is settled with: one of a choice's labels, or a text."""


class EventType(StrEnum):
    """MTurk's notification event types."""

    ASSIGNMENT_ACCEPTED = "AssignmentAccepted"
    ASSIGNMENT_ABANDONED = "AssignmentAbandoned"
    ASSIGNMENT_RETURNED = "AssignmentReturned"
    ASSIGNMENT_SUBMITTED = "AssignmentSubmitted"
    ASSIGNMENT_REJECTED = "AssignmentRejected"
    ASSIGNMENT_APPROVED = "AssignmentApproved"
    HIT_CREATED = "HITCreated"
    HIT_EXTENDED = "HITExtended"
    HIT_DISPOSED = "HITDisposed"
    HIT_REVIEWABLE = "HITReviewable"
    HIT_EXPIRED = "HITExpired"
    PING = "Ping"


class HitStatus(StrEnum):
    """The states in which the endpoint shows a HIT."""

    ASSIGNABLE = "Assignable"
    UNASSIGNABLE = "Unassignable"
    REVIEWABLE = "Reviewable"
    REVIEWING = "Reviewing"
    DISPOSED = "Disposed"


class AssignmentStatus(StrEnum):
    """The only states in which the endpoint shows an assignment."""

    SUBMITTED = "Submitted"
    APPROVED = "Approved"
    REJECTED = "Rejected"


class ItemState(StrEnum):
    """Where an item is on its way through a stage."""

    NEW = "new"
    """Known, not yet asked."""
    OPEN = "open"
    """Asked; a HIT is out, or about to be."""
    HELD = "held"
    """Waiting for money or for a person's word."""
    SETTLED = "settled"
    """Its label is stored."""
    STAFF = "staff"
    """Laddered out: the crowd did not answer it, staff must."""
    DROPPED = "dropped"
    """Given up, by the stage's policy or by `hitline stop`; or another item takes its place."""


FINISHED = frozenset({ItemState.SETTLED, ItemState.STAFF, ItemState.DROPPED})
"""The states that no event leaves; only new evidence (`reopening`) and a person (`redo`) do."""


class Door(StrEnum):
    """Why an item is to be looked at: which flow claims it, and what the person watching sees."""

    PUBLISH = "publish"
    AGGREGATE = "aggregate"
    REPOST = "repost"
    EVALUATE = "evaluate"
    CLOSE = "close"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One event of a notification. `identity` is the same however often it is delivered."""

    identity: str
    type: EventType
    at: datetime | None
    hit_id: str | None
    hit_type_id: str | None = None
    assignment_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """Something that a stage asks about. `input` fills the template's placeholders; `golds` are the
    known answers by stage, handed down to what is made from the item.

    `copy_of`: the known item that this one asks about again. `gathered_from`: the stage whose items
    were gathered into it, if it was made so. `final`: its label is not changed any more.
    `generation`: the first of the HITs of its present asking. `remade`: how often what was made
    from it was withdrawn.
    """

    id: str
    pipeline: str
    stage: str
    key: str
    input: dict[str, str]
    golds: dict[str, Label] = field(default_factory=dict)
    state: ItemState = ItemState.NEW
    label: Label | None = None
    agreement: float | None = None
    version: int = 1
    parent_id: str | None = None
    root_id: str | None = None
    round: int = 0
    copy_of: str | None = None
    gathered_from: str | None = None
    final: bool = False
    generation: int = 0
    remade: int = 0

    @property
    def gold(self) -> Label | None:
        """The known answer in this stage, if there is one."""
        return self.golds.get(self.stage)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A HIT as the endpoint shows it."""

    hit_id: str
    hit_type_id: str
    status: HitStatus
    max_assignments: int
    pending: int
    available: int
    completed: int
    reward: Decimal
    created_at: datetime
    expires_at: datetime
    duration: timedelta
    annotation: str | None = None
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """A submitted assignment as the endpoint shows it; `answer` is its XML, or nothing."""

    assignment_id: str
    hit_id: str
    worker_id: str
    status: AssignmentStatus
    accepted_at: datetime | None
    submitted_at: datetime
    auto_approval_at: datetime | None = None
    answer: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BonusPayment:
    """A bonus that was paid, as the endpoint shows it; `reason` is what the worker was told."""

    worker_id: str
    assignment_id: str
    amount: Decimal
    reason: str
    granted_at: datetime
