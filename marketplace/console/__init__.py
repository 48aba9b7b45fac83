"""A requester's pages: HITs and their answers, workers, money, notifications."""

from __future__ import annotations

from starlette.routing import BaseRoute

from marketplace.console import dealings, hits, judging, money, people, signing, upkeep
from marketplace.console.visits import page
from marketplace.engine import Engine

PAGES = {**hits.PAGES, **people.PAGES, **money.PAGES}
ACTIONS = (*judging.ACTIONS, *upkeep.ACTIONS, *dealings.ACTIONS)


def routes(engine: Engine) -> list[BaseRoute]:
    """What is served of it."""
    return [
        *(
            page(engine, path, get, post=post, public=True)
            for path, (get, post) in signing.PAGES.items()
        ),
        *(page(engine, path, get, post=post) for path, (get, post) in PAGES.items()),
        *(page(engine, action.path, action.ask, post=action.act) for action in ACTIONS),
    ]
