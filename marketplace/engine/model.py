"""The nouns: HIT types, HITs and assignments, as they stand at one moment."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from marketplace.engine.states import AssignmentStatus, HitStatus
from marketplace.store.schema import hit_types

TYPE_PREFIX = "type_"
TYPE_COLUMNS = [column.label(TYPE_PREFIX + column.name) for column in hit_types.c]


@dataclass(frozen=True, kw_only=True)
class TypeAttributes:
    """What makes two HIT types the same; `duration` and `auto_approval_delay` are seconds."""

    title: str
    description: str
    keywords: str
    reward: Decimal
    duration: int
    auto_approval_delay: int
    requirements: list[dict[str, Any]]


ATTRIBUTES = [field.name for field in fields(TypeAttributes)]


@dataclass(frozen=True, kw_only=True)
class HitType:
    """A HIT type of a requester."""

    hit_type_id: str
    requester_id: str
    group_id: str
    attributes: TypeAttributes

    @classmethod
    def from_row(cls, row: Row[Any], *, prefix: str = "") -> HitType:
        """From a row of `hit_types`, its columns named with `prefix`."""
        columns = row._mapping
        attributes = TypeAttributes(**{name: columns[prefix + name] for name in ATTRIBUTES})
        return cls(
            hit_type_id=columns[prefix + "hit_type_id"],
            requester_id=columns[prefix + "requester_id"],
            group_id=columns[prefix + "group_id"],
            attributes=attributes,
        )


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A HIT with its counts; `fee` and `liability` are dollars."""

    hit_id: str
    requester_id: str
    type: HitType
    question: str
    annotation: str | None
    layout_id: str | None
    max_assignments: int
    created_at: datetime
    expires_at: datetime
    active_at: datetime
    held: int = 0
    submitted: int = 0
    approved: int = 0
    rejected: int = 0
    ever_accepted: bool = False
    expired: bool = False
    reviewing: bool = False
    disposed: bool = False
    muted: bool = False
    status: HitStatus = HitStatus.ASSIGNABLE
    fee: Decimal = Decimal("0.00")
    liability: Decimal = Decimal("0.00")
    due_at: datetime | None = None
    id: int | None = None

    @classmethod
    def from_row(cls, row: Row[Any]) -> Hit:
        """From a row of `hits` joined with `TYPE_COLUMNS`."""
        columns = row._mapping
        values = {name: columns[name] for name in HIT_FIELDS}
        values["status"] = HitStatus(values["status"])
        return cls(**values, type=HitType.from_row(row, prefix=TYPE_PREFIX))

    def columns(self) -> dict[str, Any]:
        """The row of `hits` that keeps this HIT."""
        values = {**vars(self), "status": self.status.value, "hit_type_id": self.type.hit_type_id}
        del values["type"], values["id"]
        return values

    @property
    def done(self) -> int:
        """Assignments that were submitted, whatever became of them."""
        return self.submitted + self.approved + self.rejected

    @property
    def available(self) -> int:
        """Slots that nobody took; expiry does not change the count."""
        return self.max_assignments - self.held - self.done

    @property
    def reward(self) -> Decimal:
        return self.type.attributes.reward

    @property
    def cost(self) -> Decimal:
        """What one approved assignment costs the requester."""
        return self.reward + self.fee

    @property
    def duration(self) -> timedelta:
        return timedelta(seconds=self.type.attributes.duration)


HIT_FIELDS = [field.name for field in fields(Hit) if field.name != "type"]


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One worker's go at a HIT."""

    id: int
    assignment_id: str
    hit_id: str
    worker_id: str
    status: AssignmentStatus
    accepted_at: datetime
    deadline: datetime
    submitted_at: datetime | None
    auto_approval_at: datetime | None
    approved_at: datetime | None
    rejected_at: datetime | None
    answer: str | None
    feedback: str | None

    @classmethod
    def from_row(cls, row: Row[Any]) -> Assignment:
        columns = row._mapping
        values = {name: columns[name] for name in ASSIGNMENT_FIELDS}
        return cls(**{**values, "status": AssignmentStatus(values["status"])})


ASSIGNMENT_FIELDS = [field.name for field in fields(Assignment)]
