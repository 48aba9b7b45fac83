"""Workers of the requester, their messages, and what they ask to be qualified for."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from marketplace.console import answers
from marketplace.console.visits import ID, Handler, RequesterVisit, show
from marketplace.engine import (
    messages,
    qualification_decisions,
    qualification_types,
    workforce,
)
from marketplace.site.visits import NotFound, go

A_PAGE = 20


def workers(visit: RequesterVisit) -> Response:
    """Workers who did something for the requester, by id; one can be looked up."""
    wanted = visit.asked("worker").upper()
    if ID.fullmatch(wanted):
        return go(f"/requester/workers/{wanted}")
    after = visit.asked("after")
    with visit.engine.look() as tx:
        found = workforce.listing(
            tx,
            visit.requester_id,
            after=after if ID.fullmatch(after) else None,
            limit=A_PAGE + 1,
        )
    return show(
        visit,
        "requester/workers.html",
        workers=found[:A_PAGE],
        next=found[A_PAGE - 1].worker_id if len(found) > A_PAGE else None,
        paged=bool(after),
        wanted=wanted,
    )


def worker(visit: RequesterVisit) -> Response:
    """One worker: what became of their work, and whether they are blocked."""
    worker_id = visit.item("worker_id")
    with visit.engine.look() as tx:
        if not workforce.is_known(tx, worker_id):
            raise NotFound(f"There is no worker {worker_id}.")
        (found,) = workforce.counted(tx, visit.requester_id, [worker_id])
    return show(visit, "requester/worker.html", worker=found, here=visit.here)


def inbox(visit: RequesterVisit) -> Response:
    """Messages from workers, newest first."""
    before = visit.asked_number("before", 0) or None
    with visit.engine.look() as tx:
        found = messages.inbox_of_requester(tx, visit.requester_id, before=before, limit=A_PAGE + 1)
    return show(
        visit,
        "requester/messages.html",
        messages=found[:A_PAGE],
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        paged=before is not None,
    )


def message(visit: RequesterVisit) -> Response:
    """One message, which from now on counts as read."""
    number = visit.item("message_id")
    found = None
    if number.isdigit() and len(number) < 19:
        with visit.engine.act() as tx:
            found = messages.open_as_requester(tx, visit.requester_id, int(number))
    if found is None:
        raise NotFound("There is no such message.")
    return show(visit, "requester/message.html", message=found)


def qualification_requests(visit: RequesterVisit) -> Response:
    """Requests that wait for an answer, the oldest first, with the tests that were taken."""
    moment, _, number = visit.asked("after").partition(" ")
    after = None
    if number.isdigit() and len(number) < 19:
        try:
            after = datetime.fromisoformat(moment), int(number)
        except ValueError:
            after = None
    with visit.engine.look() as tx:
        found = qualification_decisions.listing(
            tx, visit.requester_id, None, after=after, limit=A_PAGE + 1
        )
        shown = found[:A_PAGE]
        names = {
            row.qualification_type_id: qualification_types.find(tx, row.qualification_type_id).name
            for row in shown
        }
    more = None
    if len(found) > A_PAGE:
        more = f"{shown[-1].submitted_at.isoformat()} {shown[-1].id}"
    return show(
        visit,
        "requester/qualification_requests.html",
        requests=[
            (row, names[row.qualification_type_id], answers.read(row.answer)) for row in shown
        ],
        more=more,
        paged=after is not None,
        here=visit.here,
    )


PAGES: dict[str, tuple[Handler | None, Handler | None]] = {
    "/requester/workers": (workers, None),
    "/requester/workers/{worker_id}": (worker, None),
    "/requester/messages": (inbox, None),
    "/requester/messages/{message_id}": (message, None),
    "/requester/qualification-requests": (qualification_requests, None),
}
