"""From a request to a page: who is asking, what they posted, and what goes wrong on purpose."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl, quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from marketplace.engine import CannotAccept, CannotWork, Engine
from marketplace.engine.sessions import Session, session_of
from marketplace.errors import MarketplaceError
from marketplace.site.pages import render, secured

LARGEST_FORM = 256 * 1024  # a qualification test's longest answers fit
MOST_FIELDS = 1000
COOKIE = "worker"
VISITOR = "visitor"  # the form token of somebody who is not signed in


class NotFound(MarketplaceError):
    """There is no such page, or it is not this worker's."""


class BadForm(MarketplaceError):
    """A form that our pages do not send; `status` is HTTP's."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(kw_only=True)
class Visit:
    """One request; `form` holds every value of each posted field."""

    engine: Engine
    request: Request
    session: Session | None
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def worker_id(self) -> str:
        if self.session is None:
            raise NotFound("This page is for those who are signed in.")
        return self.session.person_id

    @property
    def address(self) -> str:
        """Where the request comes from, as far as we can tell."""
        return self.request.client.host if self.request.client else "unknown"

    def posted(self, name: str) -> str:
        return self.form.get(name, ("",))[0].strip()

    def asked(self, name: str) -> str:
        """A value of the address's query."""
        return self.request.query_params.get(name, "").strip()

    def asked_number(self, name: str, default: int, *, most: int = 2**62) -> int:
        """A number above zero of the address's query; the default where it is none."""
        text = self.asked(name)
        return (
            min(int(text), most)
            if text.isascii() and text.isdigit() and text[0] != "0"
            else default
        )

    def item(self, name: str) -> str:
        """A part of the address's path."""
        return str(self.request.path_params[name])


Handler = Callable[[Visit], Response]


def page(
    engine: Engine,
    path: str,
    get: Handler | None = None,
    *,
    post: Handler | None = None,
    public: bool = False,
) -> Route:
    """A page of the workers' site; without `public` only for those who are signed in."""

    def respond(request: Request, form: Mapping[str, Sequence[str]]) -> Response:
        with engine.look() as tx:
            session = session_of(tx, "worker", request.cookies.get(COOKIE))
        request.state.session = session
        visit = Visit(engine=engine, request=request, session=session, form=form)
        if session is None and not public:
            return to_sign_in(request)
        handler = post if request.method == "POST" else get
        if handler is None:
            return problem(request, "Not here", "There is nothing at this address.", status=404)
        if request.method == "POST" and not _is_ours(visit):
            return too_old(request, problem)
        try:
            return handler(visit)
        except NotFound as error:
            return problem(request, "Not found", str(error), status=404)
        except (CannotAccept, CannotWork) as error:
            return problem(request, "That is not possible", str(error), status=409)

    methods = [name for name, handler in (("GET", get), ("POST", post)) if handler]
    return with_form(path, respond, methods, tell=problem)


Form = Mapping[str, Sequence[str]]


class Problem(Protocol):
    """Makes the page that says what went wrong: the site's, or the console's."""

    def __call__(self, request: Request, heading: str, text: str, *, status: int) -> Response: ...


def with_form(
    path: str,
    respond: Callable[[Request, Form], Response],
    methods: list[str],
    *,
    tell: Problem,
) -> Route:
    """An address whose form, where one is posted, is read before a thread responds."""

    async def answer(request: Request) -> Response:
        form: Form = {}
        if request.method == "POST":
            try:
                form = await read_form(request)
            except BadForm as error:
                return tell(request, "This form cannot be read", str(error), status=error.status)
            except ClientDisconnect:
                return Response(status_code=400)
        return await run_in_threadpool(respond, request, form)

    return Route(path, answer, methods=methods)


def too_old(request: Request, tell: Problem) -> Response:
    """What a form gets that does not carry the session's own token."""
    return tell(
        request,
        "This form is too old",
        "It was made before you signed in, or by another site. "
        "Go back, load the page again, and send it once more.",
        status=403,
    )


def problem(request: Request, heading: str, text: str, *, status: int) -> Response:
    """A page that says what went wrong."""
    return render(request, "problem.html", status=status, heading=heading, text=text)


def go(address: str) -> Response:
    """On to another page of ours, by GET."""
    return secured(RedirectResponse(address, status_code=303))


def to_sign_in(request: Request) -> Response:
    """Sign in first; then come back here, if here is a page and not the end of a form."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return go("/sign-in" if request.method == "POST" else f"/sign-in?next={quote(here, safe='')}")


def local(address: str, default: str = "/hits") -> str:
    """The address if it is a path on this site, else the default: no link leads elsewhere."""
    fits = (
        address.isprintable()
        and address.startswith("/")
        and not address.startswith("//")
        and "\\" not in address
    )
    return address if fits else default


async def read_form(request: Request) -> dict[str, list[str]]:
    """Every value of each field of a form that is not too large."""
    if request.headers.get("content-type", "").split(";")[0] != "application/x-www-form-urlencoded":
        raise BadForm("Only plain forms are taken here.", status=415)
    chunks, length = [], 0
    async for chunk in request.stream():
        chunks.append(chunk)
        length += len(chunk)
        if length > LARGEST_FORM:
            raise BadForm(
                f"It is longer than {LARGEST_FORM // 1024} KiB: shorten what you wrote.", status=413
            )
    try:
        pairs = parse_qsl(
            b"".join(chunks).decode(),
            keep_blank_values=True,
            encoding="utf-8",
            errors="replace",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise BadForm(
            f"It has more than {MOST_FIELDS} fields, or is not UTF-8.", status=400
        ) from error
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


def visitor_token(visit: Visit) -> str:
    """What a form must repeat that is posted by somebody who is not signed in."""
    return visit.request.cookies.get(VISITOR) or secrets.token_urlsafe(32)


def set_cookie(visit: Visit, response: Response, name: str, value: str, *, lasts: int) -> None:
    """A cookie that scripts cannot read and other sites' forms do not send; `lasts` seconds."""
    response.set_cookie(
        name,
        value,
        max_age=lasts,
        httponly=True,
        samesite="lax",
        secure=is_secure(visit.engine.settings.public_url),
    )


def is_secure(public_url: str | None) -> bool:
    """Whether browsers reach the service by TLS."""
    return (public_url or "").startswith("https:")


def _is_ours(visit: Visit) -> bool:
    expected = visit.session.form_token if visit.session else visit.request.cookies.get(VISITOR, "")
    return bool(expected) and secrets.compare_digest(
        visit.posted("form_token").encode(), expected.encode()
    )
