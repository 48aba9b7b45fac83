"""Finding work: the list of groups, and one group with its next HIT to look at."""

from __future__ import annotations

from typing import get_args
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from marketplace.engine import Engine, browsing, messages, work
from marketplace.frames import work_frame
from marketplace.site.pages import QUESTION, render
from marketplace.site.visits import NotFound, Visit, go, page

PER_PAGE = 20
MOST_PAGES = 10_000
LONGEST_SEARCH = 200


def routes(engine: Engine) -> list[Route]:
    return [
        page(engine, "/hits", listing),
        page(engine, "/groups/{group_id}", group),
        page(engine, "/groups/{group_id}/accept", post=accept),
        # The addresses that MTurk's two sites had; clients print them.
        page(engine, "/mturk/preview", old_preview),
        page(engine, "/projects/{group_id}/tasks", new_preview),
    ]


def listing(visit: Visit) -> Response:
    number = visit.asked_number("page", 1, most=MOST_PAGES)
    search = visit.asked("search")[:LONGEST_SEARCH]
    sorts: tuple[browsing.Sort, ...] = get_args(browsing.Sort)
    sort = next((known for known in sorts if known == visit.asked("sort")), sorts[0])
    qualified = visit.asked("qualified") == "yes"
    with visit.engine.look() as tx:
        found = browsing.groups(
            tx,
            visit.worker_id,
            search=search,
            sort=sort,
            qualified=qualified,
            limit=PER_PAGE,
            offset=(number - 1) * PER_PAGE,
        )
        held = work.held_count(tx, visit.worker_id)
        unread = messages.unread_by_worker(tx, visit.worker_id)

    def address(other: int) -> str:
        asked = {"search": search, "sort": sort, "qualified": "yes" if qualified else ""}
        given = {name: value for name, value in asked.items() if value}
        return f"/hits?{urlencode({**given, 'page': other})}"

    return render(
        visit.request,
        "hits.html",
        found=found,
        now=tx.now,
        search=search,
        sort=sort,
        qualified=qualified,
        held=held,
        held_limit=tx.settings.held_limit,
        unread=unread,
        first=(number - 1) * PER_PAGE + 1,
        earlier=address(number - 1) if number > 1 else None,
        later=address(number + 1) if number * PER_PAGE < found.total else None,
    )


def group(visit: Visit) -> Response:
    """The group's terms, and its next HIT as it looks before it is accepted."""
    with visit.engine.look() as tx:
        found = browsing.group(tx, visit.worker_id, visit.item("group_id"))
        if found is None:
            raise NotFound("There is no such group of HITs, or it is not for you.")
        held = work.held_count(tx, visit.worker_id)
        hit = browsing.next_hit(tx, visit.worker_id, found.group_id) if found.may_preview else None
    frame = hit and work_frame(
        hit,
        assignment_id=None,
        worker_id=None,
        settings=visit.engine.settings,
        submit_base=str(visit.request.base_url),
    )
    return render(
        visit.request,
        "group.html",
        policy=QUESTION,
        group=found,
        hit=hit,
        frame=frame,
        held=held,
        held_limit=tx.settings.held_limit,
    )


def accept(visit: Visit) -> Response:
    """Take the HIT that was looked at, or where somebody else took it the next of the group."""
    with visit.engine.act() as tx:
        assignment_id = browsing.accept_next(
            tx, visit.worker_id, visit.item("group_id"), preferred=visit.posted("hit_id") or None
        )
    return go(f"/work/{assignment_id}")


def old_preview(visit: Visit) -> Response:
    return _to_group(visit.asked("groupId"))


def new_preview(visit: Visit) -> Response:
    return _to_group(visit.item("group_id"))


def _to_group(group_id: str) -> Response:
    return go(f"/groups/{group_id}" if group_id.isascii() and group_id.isalnum() else "/hits")
