"""Pages: the templates, how they show amounts and times, and the headers they are sent with.

A page carries no script or style of its own text, so the content security policy can forbid both.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

Answer = TypeVar("Answer", bound=Response)

HERE = Path(__file__).parent
PARTS = ("site", "console", "frames")
TEMPLATES = [HERE.parent / part / "templates" for part in PARTS]

BASE_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
PAGE = f"{BASE_POLICY}; frame-src 'none'"
# A question may be a requester's page anywhere, and show pictures and sound from anywhere.
QUESTION = (
    f"{BASE_POLICY}; frame-src 'self' https: http:; img-src 'self' https: http: data:; "
    "media-src 'self' https: http: data:"
)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def render(
    request: Request, template: str, *, status: int = 200, policy: str = PAGE, **values: Any
) -> HTMLResponse:
    """A page from a template under `templates/` of the site, the console or the frames.

    `request.state.session`, where a handler set it, is the template's `session` (else None), and
    its form token `form_token`; `values` are added. `policy` is the content security policy.
    """
    session = getattr(request.state, "session", None)
    given = {
        "request": request,
        "session": session,
        "form_token": session.form_token if session else "",
        **values,
    }
    content = ENVIRONMENT.get_template(template).render(given)
    return secured(HTMLResponse(content, status_code=status), policy)


def secured(response: Answer, policy: str = PAGE) -> Answer:
    """The response with the headers that every page of ours carries."""
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = policy
    return response


def dollars(amount: Decimal) -> str:
    """`$1,234.50`."""
    return f"${amount:,.2f}"


def moment(at: datetime | None) -> Markup:
    """A time of day for people and for programs; UTC, the only zone that everybody shares."""
    if at is None:
        return Markup("&mdash;")
    return Markup('<time datetime="{}">{} UTC</time>').format(
        at.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{at.day} {at:%b %Y, %H:%M}"
    )


def lasting(span: timedelta | float) -> str:
    """A time span in its two largest units: `2 hours 30 minutes`."""
    seconds = int(span.total_seconds() if isinstance(span, timedelta) else span)
    words = []
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number, seconds = divmod(seconds, size)
        if number:
            words.append(f"{number} {unit}{'s' if number > 1 else ''}")
    return " ".join(words[:2]) or "0 seconds"


def plural(number: int, one: str, many: str | None = None) -> str:
    """`1 HIT`, `3 HITs`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "dollars": dollars,
        "moment": moment,
        "lasting": lasting,
        "plural": plural,
    }
    return environment


ENVIRONMENT = _environment()
