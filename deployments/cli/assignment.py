"""Single submissions: what is known of one, and a person's judgement of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from cyclopts import Parameter

from deployments.cli.opening import opened
from deployments.cli.showing import complain, confirm, count, dollars, moment, say, show
from hitline.acting import reviewing
from hitline.errors import HitlineError
from hitline.model import AssignmentStatus
from hitline.money import money
from hitline.store import bonuses, judgements
from hitline.store.bonuses import BonusState
from hitline.store.judgements import Submission
from hitline.wiring import Hitline

Told = Annotated[str, Parameter(help="What the worker is told.")]
Yes = Annotated[bool, Parameter(alias="-y", negative="", help="Do not ask.")]


def look(*assignments: str) -> None:
    """Show submissions: whose, how judged or until when, what they said, and bonuses on them.

    For example: hitline assignment show 3AAA
    """
    hitline = opened()
    for assignment_id in assignments:
        submission, _ = reviewing.find(hitline, assignment_id)
        _tell(hitline, submission)


def approve(*assignments: str, feedback: Told | None = None) -> None:
    """Approve submissions now, without waiting for their stage's rule.

    For example: hitline assignment approve 3AAA 3BBB
    """
    hitline = opened()
    _each(assignments, lambda one: reviewing.approve(hitline, one, feedback))


def reject(*assignments: str, feedback: Told, yes: Yes = False) -> None:
    """Reject submissions: they are not paid, their answers do not count, and labels may change.

    A rejection follows a worker for years; within 30 days it can be taken back.

    For example: hitline assignment reject 3AAA --feedback "All answers are the same letter."
    """
    hitline = opened()
    if not yes:
        confirm(f"Reject {count(len(assignments), 'submission')}, which are then not paid?")
    _each(assignments, lambda one: reviewing.reject(hitline, one, feedback))


def override(*assignments: str, feedback: Told | None = None) -> None:
    """Approve and pay what was rejected, within 30 days; the answers count again.

    For example: hitline assignment override 3AAA --feedback "We were wrong, with our apologies."
    """
    hitline = opened()
    _each(assignments, lambda one: reviewing.override(hitline, one, feedback))


def compensate(worker: str, amount: str, /, *, reason: Told) -> None:
    """Pay a worker a bonus for work that was lost or wronged, on their newest submission.

    The same amount for the same reason is paid once, however often it is asked for.

    For example: hitline assignment compensate AWORKER 1.50 --reason "Our page failed to load."
    """
    sent = reviewing.compensate(opened(), worker, money(amount, "amount"), reason)
    if sent.state is BonusState.REFUSED:
        raise HitlineError(f"the endpoint refuses it: {sent.held}")
    if sent.state is BonusState.PAID:
        say(
            f"{worker} got {dollars(sent.amount)} (fee {dollars(sent.fee)}) on "
            f"{sent.assignment_id} at {moment(sent.done_at)}"
        )
    else:
        say(f"held: {sent.held}; it is sent by itself once there is room")


def _each(assignments: tuple[str, ...], judged: Callable[[str], AssignmentStatus]) -> None:
    """Judge one after the other; what fails is told, and the others are judged all the same."""
    if not assignments:
        raise HitlineError("name at least one assignment")
    failed = 0
    for one in assignments:
        try:
            say(f"{one} is {str(judged(one)).lower()}")
        except HitlineError as error:
            complain(f"{one}: {error}")
            failed += 1
    if failed:
        raise HitlineError(f"{failed} of {len(assignments)} failed")


def _tell(hitline: Hitline, submission: Submission) -> None:
    about = submission
    say(f"{about.assignment_id} · {about.pipeline}/{about.stage} · {str(about.status).lower()}")
    until = (
        f", judged by {moment(about.judge_by)}"
        if about.status is AssignmentStatus.SUBMITTED
        else ""
    )
    say(
        f"by {about.worker_id} on HIT {about.hit_id}, accepted {moment(about.accepted_at)}, "
        f"submitted {moment(about.submitted_at)}{until}",
        indent=2,
    )
    with hitline.store.reading() as connection:
        said = judgements.answers_of(connection, about.assignment_id, about.worker_id)
        paid = bonuses.of_assignments(connection, [about.assignment_id])
    show(
        ["item", "said", "counts", "known answer"],
        [(one.key, _said(one.values, one.problem), one.why_not or "yes", one.gold) for one in said],
    )
    show(
        ["bonus", "fee", "state", "for", "reference or reason"],
        [(one.amount, one.fee, str(one.state), one.cause, one.held or one.reason) for one in paid],
    )


def _said(values: dict[str, object] | None, problem: str | None) -> str:
    if values is None:
        return f"cannot be read: {problem}"
    return ", ".join(f"{name} = {value}" for name, value in values.items())
