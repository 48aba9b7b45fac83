"""A worker's own record: what they did, what came of it, what it earned."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import Route

from marketplace.engine import Engine, history
from marketplace.engine.states import AssignmentStatus
from marketplace.site.pages import render
from marketplace.site.visits import Visit, page

PER_PAGE = 25
FILTERS: Mapping[str, tuple[str, tuple[AssignmentStatus, ...]]] = {
    "all": ("All", tuple(AssignmentStatus)),
    "pending": ("Waiting", (AssignmentStatus.SUBMITTED,)),
    "approved": ("Approved", (AssignmentStatus.APPROVED,)),
    "rejected": ("Rejected", (AssignmentStatus.REJECTED,)),
    "unfinished": (
        "Returned or too late",
        (AssignmentStatus.RETURNED, AssignmentStatus.ABANDONED),
    ),
}


def routes(engine: Engine) -> list[Route]:
    return [page(engine, "/history", listing), page(engine, "/earnings", earnings)]


def listing(visit: Visit) -> Response:
    chosen = visit.asked("state") if visit.asked("state") in FILTERS else "all"
    before = visit.asked_number("before", 0) or None
    with visit.engine.look() as tx:
        found = history.listing(
            tx, visit.worker_id, FILTERS[chosen][1], before=before, limit=PER_PAGE + 1
        )
    shown = found[:PER_PAGE]
    return render(
        visit.request,
        "history.html",
        entries=shown,
        filters={name: title for name, (title, _) in FILTERS.items()},
        chosen=chosen,
        later=f"/history?state={chosen}&before={shown[-1].number}" if found[PER_PAGE:] else None,
        first=f"/history?state={chosen}" if before else None,
    )


def earnings(visit: Visit) -> Response:
    with visit.engine.look() as tx:
        earned = history.earnings(tx, visit.worker_id)
        bonuses = history.bonuses_of(tx, visit.worker_id)
    return render(visit.request, "earnings.html", earned=earned, bonuses=bonuses)
