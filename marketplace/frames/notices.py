"""Small pages that say what became of a submission, in a frame or wherever it was posted from."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; "
        "form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    # A script in a frame may post the answers itself, and has to learn whether they arrived.
    "Access-Control-Allow-Origin": "*",
}


def notice(text: str, *, status: int = 400, submitted: str | None = None) -> HTMLResponse:
    """A page with one sentence; `submitted` is the assignment that was handed in, if one was.

    Then the page tells the one around it: `{"marketplace": "submitted", assignmentId}`.
    """
    content = TEMPLATES.get_template("notice.html").render(text=text, submitted=submitted)
    return HTMLResponse(content, status_code=status, headers=HEADERS)
