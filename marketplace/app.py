"""The whole service as one ASGI application: the Requester API, and the pages for people."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware

from marketplace import api, console, frames, media, site
from marketplace.engine import Engine
from marketplace.guard import Guard


def create_app(engine: Engine) -> Starlette:
    """Everything on one address: `POST /` is the API, the rest is for browsers and the operator."""
    return Starlette(
        routes=[
            *api.routes(engine),
            *frames.routes(engine),
            *media.routes(engine),
            *console.routes(engine),
            *site.routes(engine),
        ],
        middleware=[Middleware(Guard)],
    )
