"""Scripts and styles that frames load, and our own versions of Amazon's two scripts."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from marketplace.frames.rewriting import ASSETS

STATIC = Path(__file__).parent / "static"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
CROWD = "crowd-html-elements.js"
FIRST = "base.js"  # of the crowd elements, what the others build on
HEADERS = {
    # A page of nobody's origin asks as a stranger, and may ask with `crossorigin`.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=300",
}


def routes() -> list[Route]:
    return [Route(f"{ASSETS}/{{name}}", serve)]


async def serve(request: Request) -> Response:
    """A file of `static/`, or the crowd elements in one."""
    found = contents().get(request.path_params["name"])
    if found is None:
        return Response("There is no such file.", status_code=404, media_type="text/plain")
    body, kind = found
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {**HEADERS, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers={**headers, "Content-Type": kind})


@cache
def contents() -> dict[str, tuple[bytes, str]]:
    """By name: the bytes and the content type."""
    files = {
        path.name: (path.read_bytes(), TYPES[path.suffix])
        for path in STATIC.iterdir()
        if path.suffix in TYPES
    }
    return {**files, CROWD: (crowd_elements().encode(), TYPES[".js"])}


def crowd_elements() -> str:
    """One script of all in `static/crowd`; its names are its own, a second load does nothing."""
    files = (STATIC / "crowd").glob("*.js")
    paths = sorted(files, key=lambda path: (path.name != FIRST, path.name))
    parts = [f"// {path.name}\n{path.read_text()}" for path in paths]
    guard = 'if (!window.customElements.get("crowd-form")) (() => {\n"use strict";\n'
    return f"{guard}{''.join(parts)}}})();\n"
