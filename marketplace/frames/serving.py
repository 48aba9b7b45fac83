"""Where frames load from: HTMLQuestions as pages of nobody's origin, and the way to others."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from marketplace.engine import Engine, assignments, hits, passes, qualifications, sessions
from marketplace.engine.model import Assignment, Hit
from marketplace.engine.states import AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.frames import addresses
from marketplace.frames.embedding import NOBODY
from marketplace.frames.notices import notice
from marketplace.frames.question import ExternalQuestion, HtmlQuestion, page_of, parse
from marketplace.frames.rewriting import Addresses, rewritten

# The sandbox stands in the header too: opened outside its frame, the page is nobody's still.
HEADERS = {
    "Content-Security-Policy": f"sandbox {NOBODY}; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "no-store",
}
NOT_HELD = "You do not hold this assignment: it was submitted or returned, or its time is up."


class Frames:
    """The endpoints; each request is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[Route]:
        return [
            Route("/frames/preview/{hit_id}", self.preview),
            Route("/frames/work/{assignment_id}", self.work),
            Route("/frames/page/{pass_}", self.page),
        ]

    async def preview(self, request: Request) -> Response:
        """An HTMLQuestion before it is accepted; what it posts is refused."""
        return await run_in_threadpool(self._preview, request)

    async def work(self, request: Request) -> Response:
        """From the worker's own page, with the session, on to the page with a pass."""
        return await run_in_threadpool(self._work, request)

    async def page(self, request: Request) -> Response:
        """An HTMLQuestion for whoever holds the pass."""
        return await run_in_threadpool(self._page, request)

    def _preview(self, request: Request) -> Response:
        with self._engine.look() as tx:
            hit = hits.lookup(tx, request.path_params["hit_id"])
            worker = signed_in(tx, request)
            shown = hit is not None and not hit.disposed and may_preview(tx, worker, hit)
        page = page_of(parse(hit.question)) if hit is not None and shown else None
        if not isinstance(page, HtmlQuestion):
            return notice("There is no such HIT to preview.", status=404)
        base = base_of(self._engine, request)
        return framed(page, Addresses(base=base, submit=f"{base}/mturk/externalSubmit"))

    def _work(self, request: Request) -> Response:
        with self._engine.look() as tx:
            assignment = assignments.lookup(tx, request.path_params["assignment_id"])
            worker = signed_in(tx, request)
            if assignment is None or assignment.worker_id != worker or not _is_held(assignment):
                return notice(NOT_HELD, status=404)
            hit = _hit_of(tx, assignment)
            given = passes.issue(tx, assignment)
        frame = f"{base_of(self._engine, request)}/frames/page/{given}"
        page = page_of(parse(hit.question))
        query = addresses.told(
            assignment_id=assignment.assignment_id,
            hit_id=hit.hit_id,
            worker_id=worker,
            submit_to=frame,
        )
        target = page.url if isinstance(page, ExternalQuestion) else f"/frames/page/{given}"
        return RedirectResponse(
            addresses.appended(target, query),
            status_code=303,
            headers={"Cache-Control": "no-store"},
        )

    def _page(self, request: Request) -> Response:
        given = request.path_params["pass_"]
        with self._engine.look() as tx:
            assignment = passes.admitted(tx, given)
            if assignment is None or not _is_held(assignment):
                return notice(NOT_HELD, status=404)
            page = page_of(parse(_hit_of(tx, assignment).question))
        if not isinstance(page, HtmlQuestion):
            return notice(NOT_HELD, status=404)
        base = base_of(self._engine, request)
        submit = f"{base}/frames/page/{given}/mturk/externalSubmit"
        return framed(page, Addresses(base=base, submit=submit))


def framed(page: HtmlQuestion, where: Addresses) -> Response:
    """The requester's page, as nobody's."""
    content = rewritten(page.content, where, fit=page.frame_height <= 0)
    return HTMLResponse(content, headers=HEADERS)


def base_of(engine: Engine, request: Request) -> str:
    """scheme://host under which browsers reach us."""
    return (engine.settings.public_url or str(request.base_url)).rstrip("/")


def signed_in(tx: Transaction, request: Request) -> str | None:
    """The worker whose session the request carries."""
    session = sessions.session_of(tx, "worker", request.cookies.get("worker"))
    return session.person_id if session else None


def may_preview(tx: Transaction, worker_id: str | None, hit: Hit) -> bool:
    """Whether the HIT's requirements let the worker, or somebody not signed in, look at it."""
    guarded = [
        requirement
        for requirement in hit.type.attributes.requirements
        if qualifications.guards(requirement) != "Accept"
    ]
    if not guarded:
        return True
    return worker_id is not None and qualifications.unmet(tx, worker_id, guarded) is None


def _is_held(assignment: Assignment) -> bool:
    return assignment.status is AssignmentStatus.ACCEPTED


def _hit_of(tx: Transaction, assignment: Assignment) -> Hit:
    hit = hits.lookup(tx, assignment.hit_id)
    assert hit is not None, "an assignment belongs to a HIT"
    return hit
