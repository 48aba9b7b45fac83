"""A requester's pages: HITs and their answers, workers, money, notifications."""

from __future__ import annotations

from starlette.routing import BaseRoute

from marketplace.engine import Engine


def routes(engine: Engine) -> list[BaseRoute]:
    """What is served of it."""
    return []
