"""Actions on workers: block, unblock, write to them, answer what they ask to be qualified for."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.console.actions import Action, BadField, Field, Subject, call, required
from marketplace.console.visits import RequesterVisit
from marketplace.engine import messages, qualification_decisions, workforce
from marketplace.engine.transaction import Transaction
from marketplace.site.visits import NotFound

Ids = Mapping[str, str]

REASON = 1024


def about(tx: Transaction, requester_id: str, ids: Ids) -> Subject:
    """The worker and how much they did for the requester."""
    worker_id = ids["worker_id"]
    if not workforce.is_known(tx, worker_id):
        raise NotFound(f"There is no worker {worker_id}.")
    (found,) = workforce.counted(tx, requester_id, [worker_id])
    facts = {"Worker": worker_id, "Assignments submitted to you": str(found.submitted)}
    if found.blocked_because is not None:
        facts["You block them because"] = found.blocked_because
    return Subject(facts=facts, back=f"/requester/workers/{worker_id}")


def _block(visit: RequesterVisit, ids: Ids) -> None:
    members = {"WorkerId": ids["worker_id"], "Reason": required(visit, "reason", "The reason")}
    call(visit.engine, visit.requester_id, "CreateWorkerBlock", members)


def _unblock(visit: RequesterVisit, ids: Ids) -> None:
    members = {"WorkerId": ids["worker_id"], "Reason": visit.posted("reason")}
    call(visit.engine, visit.requester_id, "DeleteWorkerBlock", members)


def _write(visit: RequesterVisit, ids: Ids) -> None:
    # Beyond NotifyWorkers: who was written to by a worker may answer.
    with visit.engine.act() as tx:
        messages.send_to_worker(
            tx,
            visit.requester_id,
            ids["worker_id"],
            visit.posted("subject"),
            visit.posted("text"),
        )


def about_request(tx: Transaction, requester_id: str, ids: Ids) -> Subject:
    """The qualification that was asked for, and by whom."""
    row = qualification_decisions.pending(tx, requester_id, ids["request_id"])
    return Subject(
        facts={"Qualification": row.name, "Worker": row.worker_id},
        back="/requester/qualification-requests",
    )


def _grant(visit: RequesterVisit, ids: Ids) -> None:
    text = required(visit, "value", "The value")
    if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()):
        raise BadField(f"The value: {text!r} is no whole number.")
    members = {"QualificationRequestId": ids["request_id"], "IntegerValue": int(text[:20])}
    call(visit.engine, visit.requester_id, "AcceptQualificationRequest", members)


def _refuse(visit: RequesterVisit, ids: Ids) -> None:
    members = {"QualificationRequestId": ids["request_id"], "Reason": visit.posted("reason")}
    call(visit.engine, visit.requester_id, "RejectQualificationRequest", members)


ACTIONS = (
    Action(
        path="/requester/workers/{worker_id}/block",
        title="Block this worker?",
        says="They can accept none of your HITs any more. What they hold they may still submit.",
        button="Block",
        done="The worker is blocked.",
        about=about,
        perform=_block,
        fields=(
            Field(
                name="reason",
                label="The reason",
                kind="text",
                longest=REASON,
                hint="For your records; the worker does not read it.",
            ),
        ),
        danger=True,
    ),
    Action(
        path="/requester/workers/{worker_id}/unblock",
        title="Unblock this worker?",
        says="They can accept your HITs again.",
        button="Unblock",
        done="The worker is no longer blocked.",
        about=about,
        perform=_unblock,
    ),
    Action(
        path="/requester/workers/{worker_id}/message",
        title="Write to this worker",
        says="They find the message on the workers' site. It can go to workers whose work you "
        "approved or rejected, and to those who wrote to you.",
        button="Send",
        done="The message was sent.",
        about=about,
        perform=_write,
        fields=(
            Field(name="subject", label="Subject", longest=messages.LONGEST_SUBJECT),
            Field(name="text", label="Message", kind="text", longest=messages.LONGEST_BODY),
        ),
    ),
    Action(
        path="/requester/qualification-requests/{request_id}/grant",
        title="Grant the qualification?",
        says="The worker holds it with this value from now on.",
        button="Grant",
        done="The qualification was granted.",
        about=about_request,
        perform=_grant,
        fields=(Field(name="value", label="Value", kind="number", value="1"),),
    ),
    Action(
        path="/requester/qualification-requests/{request_id}/refuse",
        title="Refuse the request?",
        says="The worker reads your reason, if you give one. They may ask again only if the "
        "qualification allows it.",
        button="Refuse",
        done="The request was refused.",
        about=about_request,
        perform=_refuse,
        fields=(
            Field(name="reason", label="The reason", kind="text", required=False, longest=REASON),
        ),
        danger=True,
    ),
)
