"""Actions on assignments: approve, reject, override, pay a bonus."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.console.actions import Action, Field, Subject, call, required
from marketplace.console.visits import RequesterVisit
from marketplace.engine import assignments, hits
from marketplace.engine.states import AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import Refusal
from marketplace.site.pages import dollars

FEEDBACK = 1024
AT_ONCE = 500  # assignments that one form approves

Ids = Mapping[str, str]


def about(tx: Transaction, requester_id: str, ids: Ids) -> Subject:
    """The assignment and what it pays."""
    found, hit = assignments.find_submitted(tx, requester_id, ids["assignment_id"])
    return Subject(
        facts={
            "HIT": hit.type.attributes.title,
            "Assignment": found.assignment_id,
            "Worker": found.worker_id,
            "Reward": dollars(hit.reward),
            "State": found.status.value,
        },
        back=f"/requester/hits/{hit.hit_id}#{found.assignment_id}",
    )


def _approve(visit: RequesterVisit, ids: Ids) -> None:
    feedback = visit.posted("feedback")
    members = {"AssignmentId": ids["assignment_id"], "RequesterFeedback": feedback}
    call(visit.engine, visit.requester_id, "ApproveAssignment", members)


def _override(visit: RequesterVisit, ids: Ids) -> None:
    members = {
        "AssignmentId": ids["assignment_id"],
        "RequesterFeedback": visit.posted("feedback"),
        "OverrideRejection": True,
    }
    call(visit.engine, visit.requester_id, "ApproveAssignment", members)


def _reject(visit: RequesterVisit, ids: Ids) -> None:
    feedback = required(visit, "feedback", "The reason")
    members = {"AssignmentId": ids["assignment_id"], "RequesterFeedback": feedback}
    call(visit.engine, visit.requester_id, "RejectAssignment", members)


def _bonus(visit: RequesterVisit, ids: Ids) -> None:
    with visit.engine.look() as tx:
        found, _ = assignments.find_submitted(tx, visit.requester_id, ids["assignment_id"])
    members = {
        "WorkerId": found.worker_id,
        "AssignmentId": found.assignment_id,
        "BonusAmount": required(visit, "amount", "Amount").removeprefix("$"),
        "Reason": required(visit, "reason", "The reason"),
        "UniqueRequestToken": visit.posted("token"),
    }
    call(visit.engine, visit.requester_id, "SendBonus", members)


def about_waiting(tx: Transaction, requester_id: str, ids: Ids) -> Subject:
    """The HIT and what waits there."""
    hit = hits.find(tx, requester_id, ids["hit_id"])
    return Subject(
        facts={
            "HIT": hit.type.attributes.title,
            "Waiting for approval": str(hit.submitted),
            "Cost, with fees": dollars(hit.cost * hit.submitted),
        },
        back=f"/requester/hits/{hit.hit_id}",
    )


def _approve_waiting(visit: RequesterVisit, ids: Ids) -> str:
    with visit.engine.look() as tx:
        hit = hits.find(tx, visit.requester_id, ids["hit_id"])
        waiting = assignments.listing(
            tx, hit, statuses=[AssignmentStatus.SUBMITTED], after=None, limit=AT_ONCE
        )
    for number, assignment in enumerate(waiting):
        members = {"AssignmentId": assignment.assignment_id}
        try:
            call(visit.engine, visit.requester_id, "ApproveAssignment", members)
        except Refusal as error:
            return f"Approved {number} of {len(waiting)}, then stopped: {error}"
    return f"Approved {len(waiting)}."


NOTE = Field(
    name="feedback",
    label="Feedback to the worker",
    kind="text",
    required=False,
    longest=FEEDBACK,
)

ACTIONS = (
    Action(
        path="/requester/assignments/{assignment_id}/approve",
        title="Approve this work?",
        says="The worker is paid the reward, and your account is charged with it and the fee. "
        "This cannot be undone.",
        button="Approve",
        done="Approved.",
        about=about,
        perform=_approve,
        fields=(NOTE,),
    ),
    Action(
        path="/requester/assignments/{assignment_id}/reject",
        title="Reject this work?",
        says="The worker is not paid, reads your reason, and their record suffers. The slot stays "
        "used. You can override the rejection within 30 days of the submission.",
        button="Reject without pay",
        done="Rejected.",
        about=about,
        perform=_reject,
        fields=(Field(name="feedback", label="The reason", kind="text", longest=FEEDBACK),),
        danger=True,
    ),
    Action(
        path="/requester/assignments/{assignment_id}/override",
        title="Approve this work after all?",
        says="The rejection is taken back and the worker is paid, as a new charge on your account.",
        button="Override the rejection",
        done="The rejection was overridden, and the worker is paid.",
        about=about,
        perform=_override,
        fields=(NOTE,),
    ),
    Action(
        path="/requester/assignments/{assignment_id}/bonus",
        title="Pay a bonus",
        says="The worker is paid beyond the reward, and reads why. A fee comes on top. "
        "This cannot be undone.",
        button="Pay the bonus",
        done="The bonus was paid.",
        about=about,
        perform=_bonus,
        fields=(
            Field(name="amount", label="Amount in dollars", kind="dollars"),
            Field(name="reason", label="The reason, which the worker reads", kind="text"),
        ),
    ),
    Action(
        path="/requester/hits/{hit_id}/approve",
        title="Approve everything that waits?",
        says=f"Every submission of this HIT that waits for you is approved and paid, up to "
        f"{AT_ONCE} at once. This cannot be undone.",
        button="Approve all",
        done="Approved.",
        about=about_waiting,
        perform=_approve_waiting,
    ),
)
