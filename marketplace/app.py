"""The whole service as one ASGI application: the Requester API, and the pages for people."""

from __future__ import annotations

from starlette.applications import Starlette

from marketplace import api, console, frames, site
from marketplace.engine import Engine


def create_app(engine: Engine) -> Starlette:
    """Everything on one address: `POST /` is the API, the rest is for browsers and the operator."""
    return Starlette(
        routes=[
            *api.routes(engine),
            *frames.routes(engine),
            *console.routes(engine),
            *site.routes(engine),
        ]
    )
