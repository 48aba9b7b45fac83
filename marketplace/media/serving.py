"""`/media/…`: media for the questions of HITs, whichever frame or canvas shows them."""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from marketplace.engine import Engine, media
from marketplace.media.contents import MediaFolder

HEADERS = {
    # An address stands for one content for ever.
    "Cache-Control": "public, max-age=31536000, immutable",
    # Frames have opaque origins; a canvas may only be read of what allows every origin.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range",
    "Cross-Origin-Resource-Policy": "cross-origin",
    # Opened by itself, a file is shown and can do nothing.
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Range, If-Range, If-None-Match",
    "Access-Control-Max-Age": "86400",
}

log = logging.getLogger(__name__)


def routes(engine: Engine) -> list[BaseRoute]:
    """Files by token and name; there is no listing."""
    contents = MediaFolder.of(engine)

    def serve(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=PREFLIGHT)
        with engine.look() as tx:
            medium = media.find(tx, request.path_params["token"], request.path_params["name"])
        if medium is None:
            return _missing()
        headers = {**HEADERS, "ETag": f'"{medium.sha256}"'}
        if _is_known(request, medium.sha256):
            return Response(status_code=304, headers=headers)
        path = contents.path(medium.sha256)
        try:
            status = path.stat()
        except FileNotFoundError:
            log.warning("The content of %s is not in the media folder: %s", medium.name, path)
            return _missing()
        return FileResponse(
            path, headers=headers, media_type=medium.content_type, stat_result=status
        )

    return [Route("/media/{token}/{name:path}", serve, methods=["GET", "HEAD", "OPTIONS"])]


def _is_known(request: Request, sha256: str) -> bool:
    tags = request.headers.get("if-none-match", "").split(",")
    return any(tag.strip().removeprefix("W/") in (f'"{sha256}"', "*") for tag in tags)


def _missing() -> Response:
    return PlainTextResponse("There is no such file.", status_code=404)
