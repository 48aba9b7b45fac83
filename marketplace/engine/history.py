"""What a worker did, and what they earned by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, func, select

from marketplace.engine.group_types import GroupType, load_types
from marketplace.engine.states import AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.store.days import utc_day
from marketplace.store.schema import assignments, bonuses, hit_types, hits, requesters
from marketplace.store.schema.types import Moment

NOTHING = Decimal("0.00")
DAYS = 30  # that are shown one by one


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One assignment of the worker's; `number` orders them, `bonus` is the sum of its bonuses."""

    number: int
    assignment_id: str
    hit_id: str
    type: GroupType
    status: AssignmentStatus
    accepted_at: datetime
    deadline: datetime
    submitted_at: datetime | None
    auto_approval_at: datetime | None
    approved_at: datetime | None
    rejected_at: datetime | None
    feedback: str | None
    bonus: Decimal


@dataclass(frozen=True, kw_only=True)
class Bonus:
    """A bonus, and for what it was paid."""

    number: int
    requester: str
    assignment_id: str
    amount: Decimal
    reason: str
    granted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Day:
    """What came in on one UTC day, `2026-01-05`."""

    day: str
    approved: int
    rewards: Decimal
    bonuses: Decimal

    @property
    def total(self) -> Decimal:
        return self.rewards + self.bonuses


@dataclass(frozen=True, kw_only=True)
class Earnings:
    """Counts and sums since the worker began; `pending` waits for the requester's judgement."""

    pending: int
    pending_rewards: Decimal
    approved: int
    approved_rewards: Decimal
    rejected: int
    rejected_rewards: Decimal
    bonuses: Decimal
    days: Sequence[Day]

    @property
    def total(self) -> Decimal:
        return self.approved_rewards + self.bonuses


_own = assignments.c.worker_id == bindparam("worker")
_paid = assignments.join(hits, hits.c.hit_id == assignments.c.hit_id).join(
    hit_types, hit_types.c.hit_type_id == hits.c.hit_type_id
)
LISTING = (
    select(
        *(column for column in assignments.c if column.name not in ("answer", "due_at")),
        hits.c.hit_type_id,
        select(func.coalesce(func.sum(bonuses.c.amount), 0))
        .where(
            bonuses.c.assignment_id == assignments.c.assignment_id,
            bonuses.c.worker_id == assignments.c.worker_id,
        )
        .scalar_subquery()
        .label("bonus"),
    )
    .join(hits, hits.c.hit_id == assignments.c.hit_id)
    .where(
        _own,
        assignments.c.status.in_(bindparam("statuses", expanding=True)),
        assignments.c.id < bindparam("before"),
    )
    .order_by(assignments.c.id.desc())
    .limit(bindparam("most"))
)
TOTALS = (
    select(
        assignments.c.status,
        func.count().label("number"),
        func.sum(hit_types.c.reward).label("rewards"),
    )
    .select_from(_paid)
    .where(_own, assignments.c.status.in_(("Submitted", "Approved", "Rejected")))
    .group_by(assignments.c.status)
)
_approval_day = utc_day(assignments.c.approved_at)
REWARDS_BY_DAY = (
    select(
        _approval_day.label("day"),
        func.count().label("number"),
        func.sum(hit_types.c.reward).label("rewards"),
    )
    .select_from(_paid)
    .where(
        _own,
        assignments.c.status == "Approved",
        assignments.c.approved_at >= bindparam("since", type_=Moment),
    )
    .group_by(_approval_day)
)
_own_bonus = bonuses.c.worker_id == bindparam("worker")
BONUSES_IN_ALL = select(func.sum(bonuses.c.amount)).where(_own_bonus)
_bonus_day = utc_day(bonuses.c.granted_at)
BONUSES_BY_DAY = (
    select(_bonus_day.label("day"), func.sum(bonuses.c.amount).label("amount"))
    .where(_own_bonus, bonuses.c.granted_at >= bindparam("since", type_=Moment))
    .group_by(_bonus_day)
)
BONUSES = (
    select(bonuses, requesters.c.name.label("requester"))
    .join(hits, hits.c.hit_id == bonuses.c.hit_id)
    .join(requesters, requesters.c.requester_id == hits.c.requester_id)
    .where(_own_bonus)
    .order_by(bonuses.c.id.desc())
    .limit(bindparam("most"))
)


def listing(
    tx: Transaction,
    worker_id: str,
    statuses: Sequence[AssignmentStatus],
    *,
    before: int | None = None,
    limit: int = 25,
) -> list[Entry]:
    """The worker's assignments in those states, newest first, from below the number `before`."""
    given = {
        "worker": worker_id,
        "statuses": [status.value for status in statuses],
        "before": before if before is not None else 2**62,
        "most": limit,
    }
    rows = tx.connection.execute(LISTING, given).all()
    types = load_types(tx, [row.hit_type_id for row in rows])
    return [
        Entry(
            number=row.id,
            assignment_id=row.assignment_id,
            hit_id=row.hit_id,
            type=types[row.hit_type_id],
            status=AssignmentStatus(row.status),
            accepted_at=row.accepted_at,
            deadline=row.deadline,
            submitted_at=row.submitted_at,
            auto_approval_at=row.auto_approval_at,
            approved_at=row.approved_at,
            rejected_at=row.rejected_at,
            feedback=row.feedback,
            bonus=row.bonus,
        )
        for row in rows
    ]


def earnings(tx: Transaction, worker_id: str) -> Earnings:
    """What the worker earned, in all and on each of the last days on which something came in."""
    worker = {"worker": worker_id}
    totals = {row.status: row for row in tx.connection.execute(TOTALS, worker)}

    def of(status: AssignmentStatus) -> tuple[int, Decimal]:
        row = totals.get(status.value)
        return (0, NOTHING) if row is None else (row.number, row.rewards)

    pending, pending_rewards = of(AssignmentStatus.SUBMITTED)
    approved, approved_rewards = of(AssignmentStatus.APPROVED)
    rejected, rejected_rewards = of(AssignmentStatus.REJECTED)
    return Earnings(
        pending=pending,
        pending_rewards=pending_rewards,
        approved=approved,
        approved_rewards=approved_rewards,
        rejected=rejected,
        rejected_rewards=rejected_rewards,
        bonuses=tx.connection.scalar(BONUSES_IN_ALL, worker) or NOTHING,
        days=_days(tx, worker_id),
    )


def bonuses_of(tx: Transaction, worker_id: str, *, limit: int = 20) -> list[Bonus]:
    """The worker's latest bonuses."""
    rows = tx.connection.execute(BONUSES, {"worker": worker_id, "most": limit})
    return [
        Bonus(
            number=row.id,
            requester=row.requester,
            assignment_id=row.assignment_id,
            amount=row.amount,
            reason=row.reason,
            granted_at=row.granted_at,
        )
        for row in rows
    ]


def _days(tx: Transaction, worker_id: str) -> list[Day]:
    midnight = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    given = {"worker": worker_id, "since": midnight - timedelta(days=DAYS - 1)}
    rewards = {row.day: row for row in tx.connection.execute(REWARDS_BY_DAY, given)}
    extra = {row.day: row.amount for row in tx.connection.execute(BONUSES_BY_DAY, given)}
    return [
        Day(
            day=day,
            approved=rewards[day].number if day in rewards else 0,
            rewards=rewards[day].rewards if day in rewards else NOTHING,
            bonuses=extra.get(day, NOTHING),
        )
        for day in sorted(rewards.keys() | extra.keys(), reverse=True)
    ]
