"""From a request to a page of the console: which requester asks, and what goes wrong on purpose."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from marketplace.engine import Engine, messages
from marketplace.engine.requester_sessions import session_of
from marketplace.engine.sessions import Session
from marketplace.errors import MarketplaceError, Refusal
from marketplace.site import pages
from marketplace.site.visits import (
    NotFound,
    Visit,
    go,
    local,
    set_cookie,
    too_old,
    with_form,
)
from marketplace.store.schema import requesters

COOKIE = "requester"
NOTICE = "requester_notice"  # what was just done, said on the next page
NOTICE_LASTS = 60  # seconds
VISITOR = "requester_visitor"  # the form token of somebody who is not signed in
HOME = "/requester/"
ID = re.compile("[A-Z0-9]{1,64}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """The requester who is signed in; `unread` messages wait for them."""

    requester_id: str
    name: str
    unread: int


@dataclass(kw_only=True)
class RequesterVisit(Visit):
    """One request to the console."""

    holder: Holder | None = None

    @property
    def requester_id(self) -> str:
        if self.holder is None:
            raise NotFound("This page is for requesters who are signed in.")
        return self.holder.requester_id

    def posted(self, name: str) -> str:
        """As a program would send it: without a browser's line ends, or what no database takes."""
        return super().posted(name).replace("\r\n", "\n").replace("\x00", "")

    @property
    def back(self) -> str:
        """The page of the console that a form was on."""
        address = local(self.posted("back") or self.asked("back"), HOME)
        return address if address.startswith(HOME) else HOME

    @property
    def here(self) -> str:
        """The address of this page, to come back to."""
        url = self.request.url
        return url.path + (f"?{url.query}" if url.query else "")


Handler = Callable[[RequesterVisit], Response]


def page(
    engine: Engine,
    path: str,
    get: Handler | None = None,
    *,
    post: Handler | None = None,
    public: bool = False,
) -> Route:
    """A page of the console; without `public` only for requesters who are signed in."""

    def respond(request: Request, form: Mapping[str, Sequence[str]]) -> Response:
        visit = _visit(engine, request, form)
        if visit.session is None and not public:
            return _to_sign_in(visit)
        handler = post if request.method == "POST" else get
        if handler is None or not all(map(ID.fullmatch, map(str, request.path_params.values()))):
            return problem(request, "Not found", "There is no such page.", status=404)
        if request.method == "POST" and not _is_ours(visit):
            return too_old(request, problem)
        try:
            return handler(visit)
        except NotFound as error:
            return problem(request, "Not found", str(error), status=404)
        except MarketplaceError as error:
            return problem(request, "That is not possible", str(error), status=status_of(error))

    methods = [name for name, handler in (("GET", get), ("POST", post)) if handler]
    return with_form(path, respond, methods, tell=problem)


def status_of(error: MarketplaceError) -> int:
    """404 for what does not exist, or is another requester's; else 409."""
    missing = isinstance(error, Refusal) and (
        (error.code or "").endswith("DoesNotExist") or error.message.endswith("does not exist.")
    )
    return 404 if missing else 409


def show(visit: RequesterVisit, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page of the console, with what was just done, if anything was."""
    return _show(visit.request, template, status=status, **values)


def problem(request: Request, heading: str, text: str, *, status: int) -> Response:
    """A page that says what went wrong."""
    return _show(request, "requester/problem.html", status=status, heading=heading, text=text)


def done(visit: RequesterVisit, sentence: str, address: str | None = None) -> Response:
    """On to the page that the form was on, or to `address`, where the sentence is said."""
    response = go(address or visit.back)
    set_cookie(visit, response, NOTICE, quote(sentence, safe=""), lasts=NOTICE_LASTS)
    return response


def visitor_token(visit: RequesterVisit) -> str:
    """What the sign-in form must repeat, and its cookie holds."""
    return visit.request.cookies.get(VISITOR) or secrets.token_urlsafe(32)


def _show(request: Request, template: str, *, status: int, **values: Any) -> Response:
    notice = request.cookies.get(NOTICE)
    holder: Holder | None = getattr(request.state, "holder", None)
    said = {"holder": holder, "notice": unquote(notice)[:1000] if notice else None}
    response = pages.render(request, template, status=status, **{**said, **values})
    if notice:
        response.delete_cookie(NOTICE)
    return response


def _visit(engine: Engine, request: Request, form: Mapping[str, Sequence[str]]) -> RequesterVisit:
    with engine.look() as tx:
        session: Session | None = session_of(tx, request.cookies.get(COOKIE))
        holder = None
        if session is not None:
            requester_id = session.person_id
            name = tx.connection.scalar(
                select(requesters.c.name).where(requesters.c.requester_id == requester_id)
            )
            unread = messages.unread_by_requester(tx, requester_id)
            holder = Holder(requester_id=requester_id, name=str(name), unread=unread)
    request.state.session, request.state.holder = session, holder
    return RequesterVisit(engine=engine, request=request, session=session, holder=holder, form=form)


def _to_sign_in(visit: RequesterVisit) -> Response:
    """Sign in first; then come back here, if here is a page and not the end of a form."""
    if visit.request.method == "POST":
        return go("/requester/sign-in")
    return go(f"/requester/sign-in?back={quote(visit.here, safe='')}")


def _is_ours(visit: RequesterVisit) -> bool:
    cookie = visit.request.cookies.get(VISITOR, "")
    expected = visit.session.form_token if visit.session else cookie
    return bool(expected) and secrets.compare_digest(
        visit.posted("form_token").encode(), expected.encode()
    )
