"""Judging submissions: approve, reject, and approve after all what was rejected; each once.

Approving takes no intent: what is not judged yet is found in our rows, and a second call is refused
by the endpoint, looked up, and entered once. A rejection and its reversal are intents, for more
hangs on them than the call: the answers count no longer, or again, and labels may change.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, NoReturn

from sqlalchemy import Connection

from hitline.acting import budgeting, paying
from hitline.errors import (
    Gone,
    HitlineError,
    MTurkError,
    NotAuthorized,
    OutOfFunds,
    Refused,
    Retryable,
    WrongState,
)
from hitline.model import AssignmentStatus, Door, HitStatus
from hitline.policies import Policy
from hitline.policies.pay import check_feedback
from hitline.store import hits, intents, judgements, leases, ledger
from hitline.store.hits import HitRow
from hitline.store.intents import Intent
from hitline.tokens import call_token
from hitline.wiring import Hitline

OVERRIDABLE = timedelta(days=30)
"""For so long after it was submitted a rejected assignment can be approved (MTurk's API reference,
ApproveAssignment)."""

KINDS = frozenset({"reject", "override"})
"""The kinds of intents that are finished here."""

Kind = Literal["reject", "override"]


def judge(hitline: Hitline, hit: HitRow, policy: Policy, who: tuple[str, str]) -> AssignmentStatus:
    """Judge one (assignment, worker) as the stage's policy says; what it is now.

    Approved, unless the policy rejects what failed known questions and this did.
    """
    rule = policy.pay.reject
    if rule is not None:
        with hitline.store.reading() as connection:
            record = judgements.record(connection, hit, *who)
        if record.failed and rule.condemns(record.right, record.known):
            try:
                feedback = rule.says(record.failed, record.right, record.known)
                return reject(hitline, hit, who, feedback)
            except (Refused, Gone):
                pass  # it cannot be rejected, and everybody is judged in time
    return approve(hitline, hit, who)


def approve(
    hitline: Hitline, hit: HitRow, who: tuple[str, str], feedback: str | None = None
) -> AssignmentStatus:
    """Pay one assignment; what it is now: rejected, if somebody was faster with that."""
    try:
        hitline.requester.approve(who[0], feedback)
        status = AssignmentStatus.APPROVED
    except WrongState:
        # Paid by a call whose answer was lost, or by the endpoint's own clock; or rejected.
        status = hitline.requester.get_assignment(who[0]).status
        if status is AssignmentStatus.SUBMITTED:
            raise
    except Gone:
        # Disposed of, which takes a judgement first; or too fresh to be known everywhere.
        if _is_there(hitline, hit):
            raise
        status = AssignmentStatus.APPROVED
    _keep(hitline, hit, who, status)
    return status


def _is_there(hitline: Hitline, hit: HitRow) -> bool:
    try:
        return hitline.requester.get_hit(hit.hit_id).status is not HitStatus.DISPOSED
    except Gone:
        return False


def reject(hitline: Hitline, hit: HitRow, who: tuple[str, str], feedback: str) -> AssignmentStatus:
    """Refuse to pay one assignment, telling its worker why; what it is now.

    Approved, if the endpoint was faster. Raises InvalidDefinition for a feedback that says nothing.
    """
    check_feedback(feedback, "feedback")
    intent = _begin(hitline, "reject", hit, who, feedback)
    return _carry_out(hitline, hit, intent)


def override(
    hitline: Hitline, hit: HitRow, who: tuple[str, str], feedback: str | None = None
) -> AssignmentStatus:
    """Approve a rejected assignment after all, within 30 days of its submission, and pay for it.

    Raises HitlineError naming the reason where a cap, the account or the endpoint forbids it.
    """
    intent = _begin(hitline, "override", hit, who, feedback)
    return _carry_out(hitline, hit, intent)


def finish(hitline: Hitline, intent: Intent) -> None:
    """Finish a judgement that was begun and has no outcome."""
    assert intent.hit_id is not None
    with hitline.store.reading() as connection:
        (hit,) = hits.load(connection, [intent.hit_id])
    _carry_out(hitline, hit, intent)


def rejected(hitline: Hitline, connection: Connection, hit: HitRow, who: tuple[str, str]) -> None:
    """Enter that an assignment was rejected, by us or by hand: unpaid, and not counted."""
    hits.judged(connection, *who, AssignmentStatus.REJECTED)
    paying.rejected(hitline, connection, hit, *who)
    if judgements.discount(hitline.store, connection, hit, who):
        _look_again(hitline, connection, hit, "an answer was rejected")


def _look_again(hitline: Hitline, connection: Connection, hit: HitRow, cause: str) -> None:
    """Open items are decided anew, finished ones reconsidered when they next are to be closed."""
    wall = hitline.clock.wall()
    for door in (Door.EVALUATE, Door.CLOSE):
        leases.mark(hitline.store, connection, hit.item_ids, door, cause, wall)


def _begin(
    hitline: Hitline, kind: Kind, hit: HitRow, who: tuple[str, str], feedback: str | None
) -> Intent:
    """Write the judgement down before the call, and reserve what it will cost."""
    now = hitline.clock.now()
    intent = Intent(
        token=call_token(kind, *who),
        kind=kind,
        pipeline=hit.pipeline,
        stage=hit.stage,
        item_ids=hit.item_ids,
        hit_id=hit.hit_id,
        detail={"assignment": who[0], "worker": who[1], "feedback": feedback},
        created_at=now,
    )
    with hitline.store.writing() as connection:
        if kind == "override":
            short = budgeting.reserve(
                hitline,
                connection,
                token=intent.token,
                pipeline=hit.pipeline,
                stage=hit.stage,
                amount=paying.assignment_cost(hitline, hit.reward, hit.max_assignments),
                cause=f"override of the rejection of {who[0]}",
                hit_id=hit.hit_id,
                assignment_id=who[0],
                worker_id=who[1],
                what="assignment",
            )
            if short is not None:
                raise HitlineError(short)
        intents.begin(hitline.store, connection, intent, hitline.clock.wall())
    return intent


def _carry_out(hitline: Hitline, hit: HitRow, intent: Intent) -> AssignmentStatus:
    """Make the call that was begun, or see that it was made; store what came of it."""
    who = (intent.detail["assignment"], intent.detail["worker"])
    feedback = intent.detail["feedback"]
    try:
        if intent.kind == "reject":
            hitline.requester.reject(who[0], feedback)
            status = AssignmentStatus.REJECTED
        else:
            hitline.requester.override(who[0], feedback)
            status = AssignmentStatus.APPROVED
    except WrongState as refused:
        # Judged by a call whose answer was lost, by the endpoint's own clock, or by hand.
        status = hitline.requester.get_assignment(who[0]).status
        if status is _before(intent):
            _withdraw(hitline, intent, refused)
    except (Retryable, NotAuthorized):
        raise  # the call before may have taken effect; the next run looks
    except MTurkError as refused:
        _withdraw(hitline, intent, refused)
    _keep(hitline, hit, who, status)
    with hitline.store.writing() as connection:
        said = str(status).lower()
        intents.done(connection, intent.token, said, hitline.clock.wall())
        if intent.kind == "override" and status is not AssignmentStatus.APPROVED:
            ledger.forget(connection, f"reserve:{intent.token}")
    return status


def _before(intent: Intent) -> AssignmentStatus:
    """What an assignment is that the judgement has not reached."""
    return AssignmentStatus.SUBMITTED if intent.kind == "reject" else AssignmentStatus.REJECTED


def _withdraw(hitline: Hitline, intent: Intent, refused: MTurkError) -> NoReturn:
    """The endpoint will not have it: nothing changed, and who asked is told."""
    with hitline.store.writing() as connection:
        intents.done(connection, intent.token, f"failed: {refused}", hitline.clock.wall())
        ledger.forget(connection, f"reserve:{intent.token}")
    if isinstance(refused, OutOfFunds):
        raise HitlineError("the account has not enough funds for it") from refused
    raise refused


def _keep(hitline: Hitline, hit: HitRow, who: tuple[str, str], status: AssignmentStatus) -> None:
    """Store how an assignment was judged, with its money and what its answers count for."""
    with hitline.store.writing() as connection:
        if status is AssignmentStatus.REJECTED:
            rejected(hitline, connection, hit, who)
            return
        hits.judged(connection, *who, status)
        paying.paid(hitline, connection, hit, *who)
        if judgements.count_again(hitline.store, connection, hit, who):
            _look_again(hitline, connection, hit, "a rejection was taken back")
