"""Reviewing: what a person decides about single submissions, and about a worker who lost out."""

from __future__ import annotations

from decimal import Decimal

from hitline.acting import bonuses, judging, reopening
from hitline.acting.collecting import collect
from hitline.acting.judging import OVERRIDABLE
from hitline.errors import Gone, HitlineError, WrongState
from hitline.model import AssignmentStatus
from hitline.store import hits, judgements
from hitline.store.bonuses import Bonus
from hitline.store.hits import HitRow
from hitline.store.judgements import Submission
from hitline.tokens import call_token
from hitline.wiring import Hitline

NOBODY = (
    "no submission of {worker} is known, and a bonus needs one: post a HIT that only they may "
    "accept (a qualification of theirs, required to exist), ask them to submit it, and approve it"
)


def find(hitline: Hitline, assignment_id: str) -> tuple[Submission, HitRow]:
    """The submission of that id, with its HIT; one that was not read yet is read first.

    Raises HitlineError where there is none on a HIT of ours.
    """
    for look in (_known, _read):
        found = look(hitline, assignment_id)
        if found is not None:
            return found
    raise HitlineError(f"no submission {assignment_id!r} is known on any HIT of ours")


def approve(hitline: Hitline, assignment_id: str, feedback: str | None = None) -> AssignmentStatus:
    """Approve now what waits for a judgement; what it is then. What is approved stays so."""
    submission, hit = find(hitline, assignment_id)
    if submission.status is AssignmentStatus.REJECTED:
        raise HitlineError(
            f"{assignment_id} was rejected; hitline assignment override approves it after all"
        )
    if submission.status is AssignmentStatus.APPROVED:
        return submission.status
    return judging.approve(hitline, hit, _who(submission), feedback)


def reject(hitline: Hitline, assignment_id: str, feedback: str) -> AssignmentStatus:
    """Reject what waits for a judgement, telling its worker why; what it is then."""
    submission, hit = find(hitline, assignment_id)
    if submission.status is not AssignmentStatus.SUBMITTED:
        return submission.status
    return judging.reject(hitline, hit, _who(submission), feedback)


def override(hitline: Hitline, assignment_id: str, feedback: str | None = None) -> AssignmentStatus:
    """Approve and pay what was rejected, within 30 days of its submission; what it is then."""
    submission, hit = find(hitline, assignment_id)
    if submission.status is AssignmentStatus.SUBMITTED:
        raise HitlineError(f"{assignment_id} was not rejected; hitline assignment approve pays it")
    if submission.status is AssignmentStatus.APPROVED:
        return submission.status
    if hitline.clock.now() - submission.submitted_at > OVERRIDABLE:
        raise HitlineError(
            f"{assignment_id} was submitted more than {OVERRIDABLE.days} days ago, after which a "
            f"rejection stands; hitline assignment compensate {submission.worker_id} pays a bonus"
        )
    status = judging.override(hitline, hit, _who(submission), feedback)
    reopening.reconsider(
        hitline, hit.pipeline, hit.stage, "a rejection was taken back", hit.item_ids
    )
    return status


def compensate(hitline: Hitline, worker_id: str, amount: Decimal, reason: str) -> Bonus:
    """Pay a worker for work that was lost, on their newest submission; how far that came.

    The same amount for the same reason is paid to a worker once. Raises HitlineError saying what
    else can be done where the worker has submitted nothing.
    """
    with hitline.store.reading() as connection:
        newest = judgements.newest_of(connection, worker_id)
    if newest is None:
        raise HitlineError(NOBODY.format(worker=worker_id))
    return bonuses.bonus(
        hitline,
        token=call_token("compensate", worker_id, amount, reason),
        pipeline=newest.pipeline,
        stage=newest.stage,
        worker_id=worker_id,
        assignment_id=newest.assignment_id,
        amount=amount,
        reason=reason,
        cause="compensation",
    )


def _known(hitline: Hitline, assignment_id: str) -> tuple[Submission, HitRow] | None:
    with hitline.store.reading() as connection:
        submission = judgements.find(connection, assignment_id)
        if submission is None:
            return None
        (hit,) = hits.load(connection, [submission.hit_id])
    return submission, hit


def _read(hitline: Hitline, assignment_id: str) -> tuple[Submission, HitRow] | None:
    """Ask the endpoint for it, and read the answers of its HIT."""
    try:
        shown = hitline.requester.get_assignment(assignment_id)
    except (Gone, WrongState):
        return None
    with hitline.store.reading() as connection:
        rows = hits.load(connection, [shown.hit_id])
    for row in rows:
        collect(hitline, row.item_ids)
    return _known(hitline, assignment_id)


def _who(submission: Submission) -> tuple[str, str]:
    return submission.assignment_id, submission.worker_id
