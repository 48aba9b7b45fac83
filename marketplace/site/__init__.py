"""The workers' site: finding work, doing it, being paid, being heard."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from marketplace.engine import Engine
from marketplace.site import (
    accounts,
    entrance,
    finding,
    qualifying,
    records,
    working,
    writing,
)
from marketplace.site.pages import HERE
from marketplace.site.visits import NotFound, Visit, page

SECTIONS = (entrance, finding, working, qualifying, records, writing, accounts)


def routes(engine: Engine) -> list[BaseRoute]:
    """What is served of it."""
    pages: list[BaseRoute] = [Mount("/static", StaticFiles(directory=HERE / "static"))]
    for section in SECTIONS:
        pages += section.routes(engine)
    return [*pages, page(engine, "/{rest:path}", nothing, public=True)]


def nothing(visit: Visit) -> Response:
    raise NotFound("There is nothing at this address.")
