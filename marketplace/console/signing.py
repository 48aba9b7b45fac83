"""Signing in to the console and out of it."""

from __future__ import annotations

from starlette.responses import Response

from marketplace.console.visits import (
    COOKIE,
    VISITOR,
    Handler,
    RequesterVisit,
    show,
    visitor_token,
)
from marketplace.engine.requester_sessions import sign_in
from marketplace.engine.sessions import LASTS, close_session
from marketplace.errors import CannotSignIn
from marketplace.site.visits import go, set_cookie


def ask(visit: RequesterVisit) -> Response:
    """The form; who is signed in already goes on."""
    return go(visit.back) if visit.session else _form(visit)


def enter(visit: RequesterVisit) -> Response:
    """Begin a session with an access key."""
    key, secret = visit.posted("access_key_id"), visit.posted("secret_access_key")
    try:
        token = sign_in(visit.engine, key, secret, address=visit.address)
    except CannotSignIn as error:
        return _form(visit, error=str(error), access_key_id=key, status=403)
    response = go(visit.back)
    lasts = int(LASTS["requester"].total_seconds())
    set_cookie(visit, response, COOKIE, token, lasts=lasts)
    return response


def leave(visit: RequesterVisit) -> Response:
    """End the session."""
    with visit.engine.act() as tx:
        close_session(tx, visit.request.cookies.get(COOKIE, ""))
    response = go("/requester/sign-in")
    response.delete_cookie(COOKIE)
    return response


def _form(
    visit: RequesterVisit,
    *,
    error: str | None = None,
    access_key_id: str = "",
    status: int = 200,
) -> Response:
    token = visitor_token(visit)
    response = show(
        visit,
        "requester/sign_in.html",
        status=status,
        form_token=token,
        back=visit.back,
        error=error,
        access_key_id=access_key_id,
    )
    set_cookie(visit, response, VISITOR, token, lasts=3600)
    return response


PAGES: dict[str, tuple[Handler | None, Handler | None]] = {
    "/requester/sign-in": (ask, enter),
    "/requester/sign-out": (None, leave),
}
