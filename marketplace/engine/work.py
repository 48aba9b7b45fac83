"""What workers do: look, accept, submit, return. Time may also abandon for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import exists, func, insert, select, update

from marketplace.engine import assignments, hits, ids, qualifications
from marketplace.engine.answers import question_form_answers
from marketplace.engine.events import EventType, emit
from marketplace.engine.model import Assignment, Hit
from marketplace.engine.states import LIVE, AssignmentStatus, HitStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotAccept, CannotWork
from marketplace.store import schema

_table = schema.assignments


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
    if not _is_known(tx, worker_id):
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
    tx.connection.execute(
        insert(_table).values(
            assignment_id=assignment_id,
            hit_id=hit_id,
            worker_id=worker_id,
            status=AssignmentStatus.ACCEPTED.value,
            accepted_at=tx.now,
            deadline=deadline,
            due_at=deadline,
        )
    )
    emit(tx, EventType.ASSIGNMENT_ACCEPTED, hit, assignment_id=assignment_id)
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
        update(_table)
        .where(_table.c.id == assignment.id)
        .values(
            status=AssignmentStatus.SUBMITTED.value,
            submitted_at=tx.now,
            auto_approval_at=approval,
            due_at=approval,
            answer=answer,
        )
    )
    emit(tx, EventType.ASSIGNMENT_SUBMITTED, hit, assignment_id=assignment_id)
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
    if not _is_known(tx, worker_id):
        raise CannotAccept(f"{worker_id} is no registered worker.")
    if hit.status is not HitStatus.ASSIGNABLE:
        raise CannotAccept(f"HIT {hit.hit_id} is {hit.status}, not Assignable.")
    took_part = _table.c.hit_id == hit.hit_id, _table.c.worker_id == worker_id
    if tx.connection.scalar(select(exists().where(*took_part, _table.c.status.in_(LIVE)))):
        raise CannotAccept(f"{worker_id} has an assignment of HIT {hit.hit_id} already.")
    held = tx.connection.scalar(
        select(func.count())
        .select_from(_table)
        .where(_table.c.worker_id == worker_id, _table.c.status == AssignmentStatus.ACCEPTED.value)
    )
    if (held or 0) >= tx.settings.held_limit:
        raise CannotAccept(f"{worker_id} holds {held} unfinished assignments, the most allowed.")
    lacking = qualifications.unmet(tx, worker_id, hit.type.attributes.requirements)
    if lacking is not None:
        raise CannotAccept(f"{worker_id} does not meet the requirement on {lacking}.")


def _freed_id(tx: Transaction, hit: Hit) -> str | None:
    """The id of a returned or abandoned assignment, which MTurk may give to the next worker."""
    if not tx.settings.reuse_assignment_ids:
        return None
    live = _table.alias()
    return tx.connection.scalar(
        select(_table.c.assignment_id)
        .where(
            _table.c.hit_id == hit.hit_id,
            _table.c.status.not_in(LIVE),
            ~exists().where(
                live.c.assignment_id == _table.c.assignment_id, live.c.status.in_(LIVE)
            ),
        )
        .order_by(_table.c.id)
        .limit(1)
    )


def _is_known(tx: Transaction, worker_id: str) -> bool:
    return bool(
        tx.connection.scalar(select(exists().where(schema.workers.c.worker_id == worker_id)))
    )
