"""Doing a HIT: what one holds, the page to work on, and what became of it."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from marketplace.clock import Clock, RunningClock
from marketplace.engine import Engine, browsing, hits, holding, work
from marketplace.engine.model import Assignment, Hit
from marketplace.engine.states import AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.frames import work_frame
from marketplace.site.pages import QUESTION, render, secured
from marketplace.site.visits import NotFound, Visit, go, page


def routes(engine: Engine) -> list[Route]:
    return [
        page(engine, "/work", held),
        page(engine, "/work/{assignment_id}", show),
        page(engine, "/work/{assignment_id}/state", state),
        page(engine, "/work/{assignment_id}/return", post=give_back),
    ]


def held(visit: Visit) -> Response:
    with visit.engine.look() as tx:
        found = holding.held_by(tx, visit.worker_id)
    return render(
        visit.request, "held.html", held=found, now=tx.now, held_limit=tx.settings.held_limit
    )


def show(visit: Visit) -> Response:
    """The HIT while it is held; afterwards what became of it, and the way on."""
    with visit.engine.look() as tx:
        assignment, hit = _own(visit, tx)
        group = browsing.group_of(tx, visit.worker_id, hit.type.group_id)
        assert group is not None, "a HIT belongs to a group"
    if assignment.status is not AssignmentStatus.ACCEPTED:
        return render(
            visit.request, "done.html", assignment=assignment, hit=hit, group=group, now=tx.now
        )
    frame = work_frame(
        hit,
        assignment_id=assignment.assignment_id,
        worker_id=assignment.worker_id,
        settings=visit.engine.settings,
        submit_base=str(visit.request.base_url),
        form_token=visit.session.form_token if visit.session else "",
    )
    return render(
        visit.request,
        "work.html",
        policy=QUESTION,
        assignment=assignment,
        hit=hit,
        group=group,
        frame=frame,
        remaining=(assignment.deadline - tx.now).total_seconds(),
        speed=pace(visit.engine.clock),
    )


def state(visit: Visit) -> Response:
    """What is true of an assignment, for the script on the page that was told it changed."""
    with visit.engine.look() as tx:
        assignment, _ = _own(visit, tx)
    return secured(JSONResponse({"status": assignment.status.value}))


def give_back(visit: Visit) -> Response:
    assignment_id = visit.item("assignment_id")
    with visit.engine.act() as tx:
        work.give_back(tx, assignment_id, visit.worker_id)
    return go(f"/work/{assignment_id}")


def pace(clock: Clock) -> float:
    """Business seconds per wall second."""
    return clock.speed if isinstance(clock, RunningClock) else 0.0


def _own(visit: Visit, tx: Transaction) -> tuple[Assignment, Hit]:
    assignment = work.own(tx, visit.item("assignment_id"), visit.worker_id)
    hit = hits.lookup(tx, assignment.hit_id) if assignment else None
    if assignment is None or hit is None:
        raise NotFound("You never held a HIT under this address.")
    return assignment, hit
