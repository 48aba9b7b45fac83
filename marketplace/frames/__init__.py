"""Questions as pages: frames in which a requester's own HTML runs, and where they submit to."""

from __future__ import annotations

from starlette.routing import BaseRoute

from marketplace.engine import Engine
from marketplace.frames import assets
from marketplace.frames.embedding import work_frame
from marketplace.frames.serving import Frames
from marketplace.frames.submissions import Submissions

__all__ = ["routes", "work_frame"]


def routes(engine: Engine) -> list[BaseRoute]:
    """What is served of it."""
    # The site shows frames, and this one page of theirs is a page of the site.
    from marketplace.frames import posting

    return [
        *assets.routes(),
        *Frames(engine).routes(),
        *Submissions(engine).routes(),
        *posting.routes(engine),
    ]
