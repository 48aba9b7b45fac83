"""What workers do: look, accept, submit, return. Time may also abandon for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, func, insert, select, update

from marketplace.engine import assignments, blocks, hits, ids, qualifications, reviews
from marketplace.engine.answers import question_form_answers
from marketplace.engine.events import EventType, emit
from marketplace.engine.model import Assignment, Hit
from marketplace.engine.states import LIVE, AssignmentStatus, HitStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotAccept, CannotWork
from marketplace.store import schema

_table = schema.assignments

# Written into the statement, since a partial index serves no parameters.
_live: BindParameter[Any] = bindparam("live", LIVE, expanding=True, literal_execute=True)

IS_KNOWN = select(exists().where(schema.workers.c.worker_id == bindparam("worker")))
TOOK_PART = select(
    exists().where(
        _table.c.hit_id == bindparam("hit"),
        _table.c.worker_id == bindparam("worker"),
        _table.c.status.in_(_live),
    )
)
HELD = (
    select(func.count())
    .select_from(_table)
    .where(
        _table.c.worker_id == bindparam("worker"),
        _table.c.status == AssignmentStatus.ACCEPTED.value,
    )
)
_other = _table.alias()
FREED_ID = (
    select(_table.c.assignment_id)
    .where(
        _table.c.hit_id == bindparam("hit"),
        _table.c.status.not_in(LIVE),
        ~exists().where(
            _other.c.assignment_id == _table.c.assignment_id, _other.c.status.in_(LIVE)
        ),
    )
    .order_by(_table.c.id)
    .limit(1)
)
LATEST = (
    select(_table)
    .where(
        _table.c.assignment_id == bindparam("assignment"), _table.c.worker_id == bindparam("worker")
    )
    .order_by(_table.c.id.desc())
    .limit(1)
)
TAKE = insert(_table)
SUBMIT = (
    update(_table)
    .where(_table.c.id == bindparam("number"))
    .values(
        status=AssignmentStatus.SUBMITTED.value,
        submitted_at=bindparam("at"),
        auto_approval_at=bindparam("approval"),
        due_at=bindparam("approval"),
        answer=bindparam("given"),
    )
)


@dataclass(frozen=True, kw_only=True)
class OpenHit:
    """A HIT that a worker could accept now."""

    hit_id: str
    hit_type_id: str
    question: str
    reward: Decimal
    created_at: datetime
    expires_at: datetime
    duration: timedelta
    available: int


def register(tx: Transaction, worker_id: str) -> None:
    """Make a worker known; a known one stays as is."""
    if not is_known(tx, worker_id):
        tx.connection.execute(insert(schema.workers).values(worker_id=worker_id, created_at=tx.now))


def open_hits(tx: Transaction) -> list[OpenHit]:
    """Every Assignable HIT, oldest first."""
    query = hits.selection(schema.hits.c.status == HitStatus.ASSIGNABLE.value)
    found = [Hit.from_row(row) for row in tx.connection.execute(query.order_by(schema.hits.c.id))]
    return [
        OpenHit(
            hit_id=hit.hit_id,
            hit_type_id=hit.type.hit_type_id,
            question=hit.question,
            reward=hit.reward,
            created_at=hit.created_at,
            expires_at=hit.expires_at,
            duration=hit.duration,
            available=hit.available,
        )
        for hit in found
    ]


def accept(tx: Transaction, hit_id: str, worker_id: str) -> str:
    """Take a slot of the HIT; returns the assignment's id."""
    hit = hits.lookup(tx, hit_id)
    if hit is None:
        raise CannotAccept(f"There is no HIT {hit_id}.")
    _refuse_unfit(tx, hit, worker_id)
    assignment_id = _freed_id(tx, hit) or ids.entity_id()
    deadline = tx.now + hit.duration
    taken = {
        "assignment_id": assignment_id,
        "hit_id": hit_id,
        "worker_id": worker_id,
        "status": AssignmentStatus.ACCEPTED.value,
        "accepted_at": tx.now,
        "deadline": deadline,
        "due_at": deadline,
    }
    tx.connection.execute(TAKE, taken)
    emit(
        tx,
        EventType.ASSIGNMENT_ACCEPTED,
        hit,
        assignment_id=assignment_id,
        worker_id=worker_id,
    )
    hits.change(tx, hit, held=hit.held + 1, ever_accepted=True)
    return assignment_id


def submit(tx: Transaction, assignment_id: str, worker_id: str, answers: Mapping[str, str]) -> None:
    """Hand in held work as the fields of a form, each a FreeText answer."""
    xml = question_form_answers(answers, prologue=tx.settings.answer_prologue)
    hand_in(tx, assignment_id, worker_id, xml)


def hand_in(tx: Transaction, assignment_id: str, worker_id: str, answer: str) -> None:
    """Hand in held work as QuestionFormAnswers XML, also after the HIT expired."""
    assignment, hit = _held(tx, assignment_id, worker_id)
    approval = tx.now + timedelta(seconds=hit.type.attributes.auto_approval_delay)
    tx.connection.execute(
        SUBMIT, {"number": assignment.id, "at": tx.now, "approval": approval, "given": answer}
    )
    emit(
        tx,
        EventType.ASSIGNMENT_SUBMITTED,
        hit,
        assignment_id=assignment_id,
        worker_id=worker_id,
        answer=answer,
    )
    hit = reviews.on_submission(tx, assignment, hit, answer)
    hits.change(
        tx,
        hit,
        held=hit.held - 1,
        submitted=hit.submitted + 1,
        active_at=max(tx.now, hit.active_at),
    )


def give_back(tx: Transaction, assignment_id: str, worker_id: str) -> None:
    """Return held work undone."""
    assignment, hit = _held(tx, assignment_id, worker_id)
    _vacate(tx, assignment, hit, AssignmentStatus.RETURNED, EventType.ASSIGNMENT_RETURNED)


def give_back_all(tx: Transaction, worker_id: str) -> None:
    """Return everything that a worker holds."""
    query = select(_table.c.assignment_id).where(
        _table.c.worker_id == worker_id, _table.c.status == AssignmentStatus.ACCEPTED.value
    )
    for assignment_id in tx.connection.scalars(query).all():
        give_back(tx, assignment_id, worker_id)


def took_part(tx: Transaction, hit_id: str, worker_id: str) -> bool:
    """Whether the worker holds the HIT or ever submitted it."""
    return bool(tx.connection.scalar(TOOK_PART, {"hit": hit_id, "worker": worker_id}))


def held_count(tx: Transaction, worker_id: str) -> int:
    """How many assignments the worker holds unfinished."""
    return tx.connection.scalar(HELD, {"worker": worker_id}) or 0


def own(tx: Transaction, assignment_id: str, worker_id: str) -> Assignment | None:
    """The worker's assignment, whatever became of it.

    Of one that was returned and came back under the same id, the latest go.
    """
    given = {"assignment": assignment_id, "worker": worker_id}
    row = tx.connection.execute(LATEST, given).one_or_none()
    return None if row is None else Assignment.from_row(row)


def abandon(tx: Transaction, assignment: Assignment, hit: Hit) -> None:
    """End work whose time is up."""
    _vacate(tx, assignment, hit, AssignmentStatus.ABANDONED, EventType.ASSIGNMENT_ABANDONED)


def _vacate(
    tx: Transaction, assignment: Assignment, hit: Hit, status: AssignmentStatus, event: EventType
) -> None:
    tx.connection.execute(
        update(_table).where(_table.c.id == assignment.id).values(status=status.value, due_at=None)
    )
    emit(tx, event, hit, assignment_id=assignment.assignment_id)
    hits.change(tx, hit, held=hit.held - 1)


def _held(tx: Transaction, assignment_id: str, worker_id: str) -> tuple[Assignment, Hit]:
    assignment = assignments.lookup(tx, assignment_id)
    if assignment is None or assignment.worker_id != worker_id:
        raise CannotWork(f"{worker_id} does not hold an assignment {assignment_id}.")
    if assignment.status is not AssignmentStatus.ACCEPTED:
        raise CannotWork(f"Assignment {assignment_id} was submitted before.")
    hit = hits.lookup(tx, assignment.hit_id)
    if hit is None:
        raise CannotWork(f"Assignment {assignment_id} belongs to no HIT.")
    return assignment, hit


def _refuse_unfit(tx: Transaction, hit: Hit, worker_id: str) -> None:
    """What an accept needs (MTurk's documentation of assignments); the words are for workers."""
    if not is_known(tx, worker_id):
        raise CannotAccept(f"{worker_id} is no registered worker.")
    if hit.status is not HitStatus.ASSIGNABLE:
        raise CannotAccept(
            f"This HIT is {hit.status}, not Assignable: it was taken, or its time is up."
        )
    if took_part(tx, hit.hit_id, worker_id):
        raise CannotAccept("You hold this HIT already, or have submitted it before.")
    if blocks.is_blocked(tx, hit.requester_id, worker_id):
        raise CannotAccept("This requester does not accept work from you.")
    held = held_count(tx, worker_id)
    if held >= tx.settings.held_limit:
        raise CannotAccept(
            f"You hold {held} unfinished HITs, the most allowed: submit or return one first."
        )
    lacking = qualifications.unmet(tx, worker_id, hit.type.attributes.requirements)
    if lacking is not None:
        raise CannotAccept(f"You do not meet the requirement on the qualification {lacking}.")


def _freed_id(tx: Transaction, hit: Hit) -> str | None:
    """The id of a returned or abandoned assignment, which MTurk may give to the next worker."""
    if not tx.settings.reuse_assignment_ids:
        return None
    return tx.connection.scalar(FREED_ID, {"hit": hit.hit_id})


def is_known(tx: Transaction, worker_id: str) -> bool:
    return bool(tx.connection.scalar(IS_KNOWN, {"worker": worker_id}))
