"""Qualifications: what there is to ask for, asking, and taking tests."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from marketplace.engine import (
    Engine,
    own_qualifications,
    qualification_requests,
    qualification_search,
    qualification_types,
)
from marketplace.engine.qualification_requests import TestSession
from marketplace.frames.forms import FormResult, read_form, render_form
from marketplace.site.pages import QUESTION, render
from marketplace.site.visits import NotFound, Visit, go, page
from marketplace.site.working import pace

PER_PAGE = 20


def routes(engine: Engine) -> list[Route]:
    start = "/qualifications/{type_id}"
    return [
        page(engine, "/qualifications", own),
        page(engine, "/qualifications/all", search),
        page(engine, start, show),
        page(engine, f"{start}/request", post=request),
        page(engine, f"{start}/test", test, post=begin),
        page(engine, f"{start}/answers", post=answer),
    ]


def own(visit: Visit) -> Response:
    with visit.engine.look() as tx:
        held = own_qualifications.held(tx, visit.worker_id)
        requests = own_qualifications.requests(tx, visit.worker_id)
        facts = own_qualifications.facts(tx, visit.worker_id)
    return render(visit.request, "qualifications.html", held=held, requests=requests, facts=facts)


def search(visit: Visit) -> Response:
    """Types that one may ask for."""
    query = visit.asked("search")[:200]
    before = visit.asked_number("before", 0) or None
    with visit.engine.look() as tx:
        found = qualification_search.search(
            tx,
            query=query or None,
            requester_id="",
            owned=False,
            requestable=True,
            before=before,
            limit=PER_PAGE + 1,
        )
    shown = found[:PER_PAGE]
    later = urlencode({"search": query, "before": shown[-1].id}) if found[PER_PAGE:] else None
    return render(visit.request, "qualifications_all.html", types=shown, search=query, later=later)


def show(visit: Visit) -> Response:
    type_id = visit.item("type_id")
    with visit.engine.look() as tx:
        found = qualification_types.lookup(tx, type_id)
        if found is None:
            raise NotFound("There is no such qualification.")
        standing = qualification_requests.standing(tx, visit.worker_id, type_id)
        last = own_qualifications.last_request(tx, visit.worker_id, type_id)
        under_way = own_qualifications.test_under_way(tx, visit.worker_id, type_id)
    return render(
        visit.request,
        "qualification.html",
        type=found,
        standing=standing,
        last=last,
        under_way=under_way,
    )


def request(visit: Visit) -> Response:
    with visit.engine.act() as tx:
        qualification_requests.request(tx, visit.worker_id, visit.item("type_id"))
    return go(f"/qualifications/{visit.item('type_id')}")


def begin(visit: Visit) -> Response:
    with visit.engine.act() as tx:
        qualification_requests.begin_test(tx, visit.worker_id, visit.item("type_id"))
    return go(f"/qualifications/{visit.item('type_id')}/test")


def test(visit: Visit) -> Response:
    with visit.engine.look() as tx:
        session = own_qualifications.test_under_way(tx, visit.worker_id, visit.item("type_id"))
        if session is None:
            return go(f"/qualifications/{visit.item('type_id')}")
        return _test_page(visit, session, (session.deadline - tx.now).total_seconds())


def answer(visit: Visit) -> Response:
    """Hand the test in, or show it again with what is wrong."""
    type_id = visit.item("type_id")
    with visit.engine.act() as tx:
        session = own_qualifications.test_under_way(tx, visit.worker_id, type_id)
        if session is None:
            return go(f"/qualifications/{type_id}")
        result = read_form(session.test_xml, visit.form, prologue=tx.settings.answer_prologue)
        if result.answer_xml is not None:
            qualification_requests.request(tx, visit.worker_id, type_id, result.answer_xml)
            return go(f"/qualifications/{type_id}")
    return _test_page(visit, session, (session.deadline - tx.now).total_seconds(), result)


def _test_page(
    visit: Visit, session: TestSession, remaining: float, result: FormResult | None = None
) -> Response:
    type_id = visit.item("type_id")
    with visit.engine.look() as tx:
        found = qualification_types.lookup(tx, type_id)
    form = render_form(
        session.test_xml,
        action=f"/qualifications/{type_id}/answers",
        form_token=visit.session.form_token if visit.session else "",
        posted=visit.form if result else None,
        errors=result.errors if result else None,
    )
    return render(
        visit.request,
        "test.html",
        status=422 if result else 200,
        policy=QUESTION,
        type=found,
        form=form,
        remaining=remaining,
        speed=pace(visit.engine.clock),
    )
