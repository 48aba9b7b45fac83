"""HIT types, HITs and assignments, looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.responses import Response

from marketplace.console import answers
from marketplace.console.visits import Handler, RequesterVisit, show
from marketplace.engine import (
    account,
    assignments,
    bonuses,
    deliveries,
    hit_types,
    hits,
    overview,
)
from marketplace.engine.events import EventType
from marketplace.engine.model import Assignment, Hit
from marketplace.engine.states import VISIBLE, AssignmentStatus, HitStatus
from marketplace.frames import work_frame
from marketplace.site.pages import PAGE, QUESTION

A_PAGE = 20
ASSIGNMENTS_A_PAGE = 10
EVENTS_SHOWN = 10


def home(visit: RequesterVisit) -> Response:
    """Money, HITs by state, and what was notified of last."""
    with visit.engine.look() as tx:
        return show(
            visit,
            "requester/overview.html",
            account=account.of(tx, visit.requester_id),
            counts=overview.counts(tx, visit.requester_id),
            events=deliveries.latest(tx, visit.requester_id, limit=EVENTS_SHOWN),
            sandbox=tx.settings.sandbox,
        )


def types(visit: RequesterVisit) -> Response:
    """HIT types, newest first, with their HITs by state."""
    after = _moment_key(visit.asked("after"))
    with visit.engine.look() as tx:
        found = overview.types(
            tx,
            visit.requester_id,
            after=(after[0], after[1]) if after else None,
            limit=A_PAGE + 1,
        )
    shown = found[:A_PAGE]
    older = None
    if len(found) > A_PAGE:
        older = f"{shown[-1].created_at.isoformat()} {shown[-1].type.hit_type_id}"
    return show(visit, "requester/types.html", types=shown, older=older, paged=after is not None)


def hit_type(visit: RequesterVisit) -> Response:
    """One HIT type, and how its notifications fare."""
    with visit.engine.look() as tx:
        found = hit_types.find(tx, visit.requester_id, visit.item("hit_type_id"))
        return show(
            visit,
            "requester/type.html",
            type=found,
            counts=overview.counts_of_types(tx, [found.hit_type_id])[found.hit_type_id],
            deliveries=deliveries.of_type(tx, found.hit_type_id, limit=EVENTS_SHOWN),
            event_types=[event.value for event in EventType],
            looked_at=deliveries.LOOKED_AT,
        )


def listing(visit: RequesterVisit) -> Response:
    """HITs, newest first, of one state and type or of all."""
    status = HitStatus(chosen) if (chosen := visit.asked("status")) in set(HitStatus) else None
    before = visit.asked_number("before", 0) or None
    with visit.engine.look() as tx:
        of_type = None
        if visit.asked("type"):
            of_type = hit_types.find(tx, visit.requester_id, visit.asked("type").replace("\0", ""))
        found = overview.listing(
            tx,
            visit.requester_id,
            status=status,
            hit_type_id=of_type.hit_type_id if of_type else None,
            before=before,
            limit=A_PAGE + 1,
        )
    return show(
        visit,
        "requester/hits.html",
        hits=found[:A_PAGE],
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        paged=before is not None,
        of_status=status,
        of_type=of_type,
        statuses=list(HitStatus),
    )


def hit(visit: RequesterVisit) -> Response:
    """One HIT with its answers; its question too, where `preview` asks for it."""
    hit_id = visit.item("hit_id")
    after = _moment_key(visit.asked("after"))
    asked = visit.asked("status")
    statuses = [status for status in VISIBLE if status.value == asked] or list(VISIBLE)
    with visit.engine.look() as tx:
        found = hits.find(tx, visit.requester_id, hit_id)
        # A deleted HIT has left, and its answers with it.
        gone = found.status is HitStatus.DISPOSED
        submitted = assignments.listing(
            tx,
            found,
            statuses=[] if gone else statuses,
            after=(after[0], int(after[1])) if after and after[1].isdigit() else None,
            limit=ASSIGNMENTS_A_PAGE + 1,
        )
        paid = bonuses.listing(tx, hit_id=hit_id, after=None, limit=100)
    shown = submitted[:ASSIGNMENTS_A_PAGE]
    more = None
    if len(submitted) > ASSIGNMENTS_A_PAGE and shown[-1].submitted_at is not None:
        more = f"{shown[-1].submitted_at.isoformat()} {shown[-1].id}"
    preview = bool(visit.asked("preview")) and not gone
    return show(
        visit,
        "requester/hit.html",
        policy=QUESTION if preview else PAGE,
        hit=found,
        question=_preview(visit, found) if preview else None,
        assignments=[(assignment, answers.read(assignment.answer)) for assignment in shown],
        bonuses=paid,
        of_status=statuses[0] if len(statuses) == 1 else None,
        statuses=VISIBLE,
        more=more,
        paged=after is not None,
        here=visit.here,
        is_overridable=lambda one: _is_overridable(visit, one),
    )


def assignment(visit: RequesterVisit) -> Response:
    """One answer from its beginning to its end."""
    with visit.engine.look() as tx:
        found, of_hit = assignments.find_submitted(
            tx, visit.requester_id, visit.item("assignment_id")
        )
        paid = bonuses.listing(tx, assignment_id=found.assignment_id, after=None, limit=100)
    return show(
        visit,
        "requester/assignment.html",
        hit=of_hit,
        assignment=found,
        reading=answers.read(found.answer),
        bonuses=paid,
        here=visit.here,
        is_overridable=lambda one: _is_overridable(visit, one),
    )


def _is_overridable(visit: RequesterVisit, found: Assignment) -> bool:
    if found.status is not AssignmentStatus.REJECTED or found.submitted_at is None:
        return False
    return visit.engine.clock.now() - found.submitted_at <= assignments.OVERRIDABLE_FOR


def _preview(visit: RequesterVisit, found: Hit) -> Any:
    url = visit.request.url
    return work_frame(
        found,
        assignment_id=None,
        worker_id=None,
        settings=visit.engine.settings,
        submit_base=f"{url.scheme}://{url.netloc}",
    )


def _moment_key(text: str) -> tuple[datetime, str] | None:
    """The key of a page: a time and what tells rows of that time apart; None for anything else."""
    moment, _, rest = text.partition(" ")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    fits = at.tzinfo is not None and rest.isascii() and rest.isalnum() and len(rest) <= 64
    return (at, rest) if fits else None


PAGES: dict[str, tuple[Handler | None, Handler | None]] = {
    "/requester/": (home, None),
    "/requester/types": (types, None),
    "/requester/types/{hit_type_id}": (hit_type, None),
    "/requester/hits": (listing, None),
    "/requester/hits/{hit_id}": (hit, None),
    "/requester/assignments/{assignment_id}": (assignment, None),
}
