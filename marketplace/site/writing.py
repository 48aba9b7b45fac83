"""Messages: what requesters wrote, and writing to them."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import Route

from marketplace.engine import Engine, browsing, hits, messages, requesters
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotSend
from marketplace.site.pages import render
from marketplace.site.visits import NotFound, Visit, go, page

PER_PAGE = 20


def routes(engine: Engine) -> list[Route]:
    return [
        page(engine, "/messages", inbox),
        page(engine, "/messages/write", form, post=send),
        page(engine, "/messages/{number}", message),
    ]


def inbox(visit: Visit) -> Response:
    before = visit.asked_number("before", 0) or None
    with visit.engine.look() as tx:
        found = messages.inbox_of_worker(tx, visit.worker_id, before=before, limit=PER_PAGE + 1)
    shown = found[:PER_PAGE]
    return render(
        visit.request,
        "messages.html",
        messages=shown,
        sent=visit.asked("sent") == "yes",
        later=f"/messages?before={shown[-1].id}" if found[PER_PAGE:] else None,
    )


def message(visit: Visit) -> Response:
    number = visit.item("number")
    with visit.engine.act() as tx:
        known = number.isascii() and number.isdigit() and len(number) < 19
        found = messages.open_as_worker(tx, visit.worker_id, int(number)) if known else None
        if found is None:
            raise NotFound("There is no such message.")
    return render(visit.request, "message.html", message=found)


def form(visit: Visit) -> Response:
    """Write about a HIT (`?hit=`), or in answer to a message (`?to=` its requester)."""
    with visit.engine.look() as tx:
        requester_id, name, hit_id = _addressee(visit, tx, visit.asked)
    return _form_page(visit, requester_id, name, hit_id, subject=visit.asked("subject")[:200])


def send(visit: Visit) -> Response:
    subject, body = visit.posted("subject"), visit.posted("body").replace("\r\n", "\n")
    try:
        with visit.engine.act() as tx:
            requester_id, name, hit_id = _addressee(visit, tx, visit.posted)
            messages.send_to_requester(
                tx, visit.worker_id, requester_id, subject, body, hit_id=hit_id
            )
    except CannotSend as error:
        return _form_page(
            visit, requester_id, name, hit_id, subject=subject, body=body, error=str(error)
        )
    return go("/messages?sent=yes")


def _addressee(
    visit: Visit, tx: Transaction, given: Callable[[str], str]
) -> tuple[str, str, str | None]:
    """The requester's id and name, and the HIT that it is about."""
    hit_id, requester_id = given("hit"), given("to")
    if hit_id:
        hit = hits.lookup(tx, hit_id)
        group = browsing.group_of(tx, visit.worker_id, hit.type.group_id) if hit else None
        if hit is None or group is None:
            raise NotFound("There is no such HIT.")
        return hit.requester_id, group.type.requester, hit_id
    name = requesters.name_of(tx, requester_id)
    if name is None:
        raise NotFound("There is no such requester.")
    return requester_id, name, None


def _form_page(
    visit: Visit,
    requester_id: str,
    name: str,
    hit_id: str | None,
    *,
    subject: str,
    body: str = "",
    error: str = "",
) -> Response:
    return render(
        visit.request,
        "write.html",
        status=422 if error else 200,
        requester_id=requester_id,
        requester=name,
        hit_id=hit_id,
        subject=subject,
        body=body,
        error=error,
        longest_subject=messages.LONGEST_SUBJECT,
        longest_body=messages.LONGEST_BODY,
    )
