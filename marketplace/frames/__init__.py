"""Questions as pages: frames in which a requester's own HTML runs, and where they submit to."""

from __future__ import annotations

from starlette.routing import BaseRoute

from marketplace.engine import Engine


def routes(engine: Engine) -> list[BaseRoute]:
    """What is served of it."""
    return []
