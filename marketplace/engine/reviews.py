"""Review policies at work: what is scored when, and what is done about it.

A policy of assignments runs at each submission, before the submission can complete the HIT; a
policy of the HIT runs whenever the HIT becomes Reviewable, so once more after each extension.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlalchemy import bindparam, insert, select

from marketplace.engine import assignments, hits, review_policies, review_scores, upkeep
from marketplace.engine.model import Assignment, Hit
from marketplace.engine.review_policies import KnownAnswers, Plurality, Policy
from marketplace.engine.review_reports import (
    KNOWN_ANSWER_SCORE,
    Level,
    Report,
    known_answer_scores,
)
from marketplace.engine.review_scores import HitScore
from marketplace.engine.states import VISIBLE, AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import RequestError
from marketplace.store import schema

POLICIES = select(schema.review_policies).where(schema.review_policies.c.hit_id == bindparam("hit"))


def attach(
    tx: Transaction, hit: Hit, assignment_policy: Policy | None, hit_policy: Policy | None
) -> None:
    """Keep the policies of a HIT that was just posted; none can be added later."""
    if assignment_policy is not None or hit_policy is not None:
        tx.connection.execute(
            insert(schema.review_policies).values(
                hit_id=hit.hit_id, assignment_policy=assignment_policy, hit_policy=hit_policy
            )
        )


def of(tx: Transaction, hit_id: str) -> dict[Level, Policy]:
    """The policies that the HIT was posted with."""
    row = tx.connection.execute(POLICIES, {"hit": hit_id}).one_or_none()
    if row is None:
        return {}
    given = {Level.ASSIGNMENT: row.assignment_policy, Level.HIT: row.hit_policy}
    return {level: policy for level, policy in given.items() if policy is not None}


def on_submission(tx: Transaction, assignment: Assignment, hit: Hit, answer: str) -> Hit:
    """Score an assignment that is Submitted now, while its HIT still counts it as held.

    Returns the HIT as the actions left it. Counts are sums of changes: what an approval takes from
    `submitted` here, the caller adds to it afterwards.
    """
    given = of(tx, hit.hit_id).get(Level.ASSIGNMENT)
    if given is None:
        return hit
    policy = review_policies.known_answers(given)
    score = review_scores.known_score(policy.answer_key, review_scores.answers_in(answer))
    report = Report(tx, hit, Level.ASSIGNMENT)
    subject = (Level.ASSIGNMENT, assignment.assignment_id)
    for question_id, correct in score.correct.items():
        report.result(*subject, "KnownAnswerCorrect", str(int(correct)), question_id)
    report.result(*subject, KNOWN_ANSWER_SCORE, str(score.percent))
    number = len(score.correct)
    report.reviewed(*subject, f"Reviewed {number} known answers; {score.right}/{number} correct")
    _act_on_known_answers(tx, report, policy, score.percent, assignment, hit)
    return _fresh(tx, hit)


def on_reviewable(tx: Transaction, hit: Hit) -> Hit:
    """Score a HIT that just became Reviewable; one that nobody submitted anything to is let be.

    Returns the HIT as the actions left it.
    """
    given = of(tx, hit.hit_id).get(Level.HIT)
    if given is None:
        return hit
    policy = review_policies.plurality(given)
    judged = _regarded(tx, policy, hit)
    if not judged:
        return hit
    answers = [review_scores.answers_in(assignment.answer or "") for assignment in judged]
    score = review_scores.plurality(policy.question_ids, policy.threshold, answers)
    report = Report(tx, hit, Level.HIT)
    _report_plurality(report, hit, judged, score)
    for assignment, worker in zip(judged, score.workers, strict=True):
        if worker.percent is not None:
            _judge(
                tx,
                report,
                assignment,
                approved=_reaches(worker.percent, policy.approve_at),
                rejected=_misses(worker.percent, policy.reject_below),
                reject_reason=policy.reject_reason,
            )
    if _misses(score.percent, policy.extend_below):
        _extend(tx, report, policy, hit)
    return _fresh(tx, hit)


def _act_on_known_answers(
    tx: Transaction,
    report: Report,
    policy: KnownAnswers,
    percent: int,
    assignment: Assignment,
    hit: Hit,
) -> None:
    if _misses(percent, policy.extend_below):
        _extend(tx, report, policy, hit)
    _judge(
        tx,
        report,
        assignment,
        approved=_reaches(percent, policy.approve_at),
        rejected=_misses(percent, policy.reject_below),
        approve_reason=policy.approve_reason,
        reject_reason=policy.reject_reason,
    )


def _report_plurality(report: Report, hit: Hit, judged: list[Assignment], score: HitScore) -> None:
    for question in score.questions:
        found = question.answer is not None
        about = (Level.HIT, hit.hit_id)
        report.result(*about, "AgreedAnswerFound", str(found).lower(), question.question_id)
        if question.answer is not None:
            answer = "|".join(sorted(question.answer))
            report.result(*about, "AgreedAnswer", answer, question.question_id)
            report.result(
                *about, "AnswerAgreementScore", str(question.percent), question.question_id
            )
    for assignment, worker in zip(judged, score.workers, strict=True):
        subject = (Level.ASSIGNMENT, assignment.assignment_id)
        if worker.percent is not None:
            report.result(*subject, "WorkerAgreementScore", str(worker.percent))
        report.result(*subject, "PluralityAnswersCorrect", str(worker.agreed))
        report.result(*subject, "PluralityAnswersIncorrect", str(worker.disagreed))
    report.result(Level.HIT, hit.hit_id, "HitAgreementScore", str(score.percent))


def _regarded(tx: Transaction, policy: Plurality, hit: Hit) -> list[Assignment]:
    """The assignments that count, in order of submission."""
    statuses = set(VISIBLE)
    if policy.disregard_rejected:
        statuses.remove(AssignmentStatus.REJECTED)
    found = assignments.listing(tx, hit, statuses=statuses, after=None, limit=hit.max_assignments)
    if policy.disregard_below is None:
        return found
    scores, least = known_answer_scores(tx, hit.hit_id), policy.disregard_below
    return [one for one in found if scores.get(one.assignment_id, least) >= least]


def _judge(
    tx: Transaction,
    report: Report,
    assignment: Assignment,
    *,
    approved: bool,
    rejected: bool,
    approve_reason: str | None = None,
    reject_reason: str | None = None,
) -> None:
    subject = (Level.ASSIGNMENT, assignment.assignment_id)
    if approved:
        report.act("approve", *subject, partial(_approve, tx, assignment, approve_reason))
    if rejected:
        report.act("reject", *subject, partial(_reject, tx, assignment, reject_reason or ""))


def _approve(tx: Transaction, assignment: Assignment, reason: str | None) -> str:
    current, hit = _current(tx, assignment)
    if current.status is AssignmentStatus.APPROVED:
        return "Already approved"
    _require_submitted(current)
    assignments.pay(tx, current, hit, feedback=reason)
    return "Approved"


def _reject(tx: Transaction, assignment: Assignment, reason: str) -> str:
    current, hit = _current(tx, assignment)
    if current.status is AssignmentStatus.REJECTED:
        return "Already rejected"
    _require_submitted(current)
    assignments.turn_down(tx, current, hit, feedback=reason)
    return "Rejected"


def _extend(tx: Transaction, report: Report, policy: KnownAnswers | Plurality, hit: Hit) -> None:
    extend = partial(_lengthen, tx, hit, policy.extend_maximum, policy.extend_seconds)
    report.act("extend", Level.HIT, hit.hit_id, extend)


def _lengthen(tx: Transaction, hit: Hit, maximum: int, seconds: int) -> str:
    """One more assignment, up to `maximum` of them, and `seconds` more to do it in."""
    current = _fresh(tx, hit)
    if current.max_assignments >= maximum:
        return f"Already extended to {current.max_assignments} assignments"
    if seconds:
        start = max(current.expires_at, tx.now.replace(microsecond=0))
        until = start + timedelta(seconds=seconds)
        active_at = max(tx.now, current.active_at)
        current = hits.change(tx, current, expired=False, expires_at=until, active_at=active_at)
    upkeep.extend(tx, current, 1)
    return f"Extended to {current.max_assignments + 1} assignments"


def _require_submitted(assignment: Assignment) -> None:
    if assignment.status is not AssignmentStatus.SUBMITTED:
        raise RequestError(
            "Assignment was in an invalid state for this operation.",
            code="AWS.MechanicalTurk.InvalidAssignmentState",
        )


def _current(tx: Transaction, assignment: Assignment) -> tuple[Assignment, Hit]:
    found, hit = (
        assignments.lookup(tx, assignment.assignment_id),
        hits.lookup(tx, assignment.hit_id),
    )
    assert found is not None
    assert hit is not None
    return found, hit


def _fresh(tx: Transaction, hit: Hit) -> Hit:
    found = hits.lookup(tx, hit.hit_id)
    assert found is not None
    return found


def _reaches(percent: int, least: int | None) -> bool:
    return least is not None and percent >= least


def _misses(percent: int, least: int | None) -> bool:
    return least is not None and percent < least
