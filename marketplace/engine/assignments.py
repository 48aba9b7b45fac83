"""Assignments as their requester sees them: listing, approving, rejecting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, or_, select, update

from marketplace.engine import account, hits
from marketplace.engine.account import Entry
from marketplace.engine.events import EventType, emit
from marketplace.engine.model import Assignment, Hit
from marketplace.engine.states import LIVE, AssignmentStatus, HitStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import RequestError
from marketplace.store import schema
from marketplace.store.schema.types import Moment

OVERRIDABLE_FOR = timedelta(days=30)

_table = schema.assignments


# Spelled out, and not as parameters: SQLite uses a partial index only if it can see the values.
IS_LIVE = _table.c.status.in_([literal_column(f"'{status}'") for status in LIVE])
BY_ID = select(_table).where(_table.c.assignment_id == bindparam("this"), IS_LIVE)
JUDGE = update(_table).where(_table.c.id == bindparam("this"))

_moment = bindparam("moment", type_=Moment)
FIRST_PAGE = (
    select(_table)
    .where(
        _table.c.hit_id == bindparam("of_hit"),
        _table.c.status.in_(bindparam("statuses", expanding=True)),
    )
    .order_by(_table.c.submitted_at, _table.c.id)
    .limit(bindparam("limit"))
)
NEXT_PAGE = FIRST_PAGE.where(
    or_(
        _table.c.submitted_at > _moment,
        and_(_table.c.submitted_at == _moment, _table.c.id > bindparam("number")),
    )
)


def _since(moment: ColumnElement[datetime | None]) -> ColumnElement[int]:
    return func.count().filter(moment > bindparam("since", type_=Moment))


RECENT = select(
    _since(_table.c.submitted_at),
    _since(_table.c.approved_at),
    func.count().filter(
        _table.c.status == AssignmentStatus.REJECTED.value,
        _table.c.rejected_at > bindparam("since", type_=Moment),
    ),
).where(_table.c.hit_id == bindparam("of_hit"))


def find(tx: Transaction, requester_id: str, assignment_id: str) -> tuple[Assignment, Hit]:
    """The requester's assignment and its HIT, held ones too, as long as the HIT is kept."""
    assignment = lookup(tx, assignment_id)
    hit = hits.lookup(tx, assignment.hit_id) if assignment else None
    if (
        assignment is None
        or hit is None
        or hit.requester_id != requester_id
        or hit.status is HitStatus.DISPOSED
    ):
        raise no_such_assignment(assignment_id)
    return assignment, hit


def find_submitted(
    tx: Transaction, requester_id: str, assignment_id: str
) -> tuple[Assignment, Hit]:
    """As `find`, but only what was submitted; inside MTurk, Submitted is called Reviewable."""
    assignment, hit = _find_settled(tx, requester_id, assignment_id)
    if assignment.status is AssignmentStatus.ACCEPTED:
        raise invalid_state("Reviewable,Approved,Rejected")
    return assignment, hit


def is_in_flight(tx: Transaction, assignment: Assignment) -> bool:
    """Whether parts of MTurk do not know of the submission yet."""
    delay = timedelta(seconds=tx.settings.approve_consistency_delay)
    return assignment.submitted_at is None or tx.now - assignment.submitted_at < delay


def _find_settled(tx: Transaction, requester_id: str, assignment_id: str) -> tuple[Assignment, Hit]:
    assignment, hit = find(tx, requester_id, assignment_id)
    if assignment.submitted_at is not None and is_in_flight(tx, assignment):
        raise invalid_state("null")
    return assignment, hit


def no_such_assignment(assignment_id: str) -> RequestError:
    return RequestError(
        f"Assignment {assignment_id} does not exist.",
        code="AWS.MechanicalTurk.AssignmentDoesNotExist",
    )


def lookup(tx: Transaction, assignment_id: str) -> Assignment | None:
    """The assignment that bears this id now; an earlier, returned one may have borne it before."""
    row = tx.connection.execute(BY_ID, {"this": assignment_id}).one_or_none()
    return None if row is None else Assignment.from_row(row)


def invalid_state(allowed: str) -> RequestError:
    return RequestError(
        f"This operation can be called with a status of: {allowed}",
        code="AWS.MechanicalTurk.InvalidAssignmentState",
    )


def listing(
    tx: Transaction,
    hit: Hit,
    *,
    statuses: Collection[AssignmentStatus],
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[Assignment]:
    """The HIT's assignments by time of submission, from after the key (time, row number)."""
    values = {"of_hit": hit.hit_id, "statuses": [status.value for status in statuses]}
    if after is None:
        rows = tx.connection.execute(FIRST_PAGE, {**values, "limit": limit})
    else:
        moment, number = after
        rows = tx.connection.execute(
            NEXT_PAGE, {**values, "limit": limit, "moment": moment, "number": number}
        )
    return [Assignment.from_row(row) for row in rows]


def as_counted(tx: Transaction, hit: Hit) -> Hit:
    """The HIT with counters that lag as the settings say: what was just done is not in them."""
    if not tx.settings.counter_lag:
        return hit
    since = tx.now - timedelta(seconds=tx.settings.counter_lag)
    submitted, approved, rejected = tx.connection.execute(
        RECENT, {"of_hit": hit.hit_id, "since": since}
    ).one()
    return replace(
        hit,
        held=hit.held + submitted,
        submitted=hit.submitted - submitted + approved + rejected,
        approved=hit.approved - approved,
        rejected=hit.rejected - rejected,
    )


def approve(
    tx: Transaction,
    requester_id: str,
    assignment_id: str,
    *,
    feedback: str | None,
    override_rejection: bool,
) -> None:
    """Approve and pay; a rejected one within 30 days of submission, as a fresh charge."""
    assignment, hit = _find_settled(tx, requester_id, assignment_id)
    if assignment.status is AssignmentStatus.SUBMITTED:
        pay(tx, assignment, hit, feedback=feedback)
        return
    overridable = (
        override_rejection
        and assignment.status is AssignmentStatus.REJECTED
        and assignment.submitted_at is not None
        and tx.now - assignment.submitted_at <= OVERRIDABLE_FOR
    )
    if not overridable:
        raise invalid_state("Submitted")
    account.require(tx, requester_id, hit.cost)
    _charge(tx, assignment, hit)
    _judge(tx, assignment, AssignmentStatus.APPROVED, approved_at=tx.now, feedback=feedback)
    emit(tx, EventType.ASSIGNMENT_APPROVED, hit, assignment_id=assignment_id)
    hits.change(tx, hit, rejected=hit.rejected - 1, approved=hit.approved + 1)


def pay(tx: Transaction, assignment: Assignment, hit: Hit, *, feedback: str | None) -> None:
    """Approve a submitted assignment; its money was held since the HIT was posted."""
    _charge(tx, assignment, hit)
    _judge(tx, assignment, AssignmentStatus.APPROVED, approved_at=tx.now, feedback=feedback)
    emit(tx, EventType.ASSIGNMENT_APPROVED, hit, assignment_id=assignment.assignment_id)
    hits.change(tx, hit, submitted=hit.submitted - 1, approved=hit.approved + 1)


def reject(tx: Transaction, requester_id: str, assignment_id: str, *, feedback: str) -> None:
    """Reject a submitted assignment: no pay, no fee, and the slot stays used."""
    assignment, hit = _find_settled(tx, requester_id, assignment_id)
    if assignment.status is not AssignmentStatus.SUBMITTED:
        raise invalid_state("Submitted")
    turn_down(tx, assignment, hit, feedback=feedback)


def turn_down(tx: Transaction, assignment: Assignment, hit: Hit, *, feedback: str) -> None:
    """Reject a submitted assignment, whoever decided so; `pay` is its counterpart."""
    _judge(tx, assignment, AssignmentStatus.REJECTED, rejected_at=tx.now, feedback=feedback)
    emit(tx, EventType.ASSIGNMENT_REJECTED, hit, assignment_id=assignment.assignment_id)
    hits.change(tx, hit, submitted=hit.submitted - 1, rejected=hit.rejected + 1)


def _charge(tx: Transaction, assignment: Assignment, hit: Hit) -> None:
    account.charge(
        tx,
        hit.requester_id,
        {Entry.REWARD: hit.reward, Entry.FEE: hit.fee},
        hit_id=hit.hit_id,
        assignment_id=assignment.assignment_id,
    )


def _judge(
    tx: Transaction, assignment: Assignment, status: AssignmentStatus, **values: Any
) -> None:
    judged = {"this": assignment.id, "status": status.value, "due_at": None, **values}
    tx.connection.execute(JUDGE, judged)
