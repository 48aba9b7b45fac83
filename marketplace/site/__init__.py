"""The workers' site: finding work, doing it, being paid, being heard."""

from __future__ import annotations

from starlette.routing import BaseRoute

from marketplace.engine import Engine


def routes(engine: Engine) -> list[BaseRoute]:
    """What is served of it."""
    return []
