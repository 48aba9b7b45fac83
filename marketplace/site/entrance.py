"""The way in and out: the first page, signing up, signing in, choosing a new password."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from marketplace.engine import Engine, passwords, people, sessions, signing_in
from marketplace.errors import CannotSignIn, InvalidLink, NameTaken
from marketplace.site import forms
from marketplace.site.forms import Form
from marketplace.site.pages import render
from marketplace.site.visits import (
    COOKIE,
    VISITOR,
    Visit,
    go,
    local,
    page,
    problem,
    set_cookie,
    visitor_token,
)

MOST_SIGN_UPS = 30  # from one address in a quarter of an hour
BLANK = Form({}, {})


def routes(engine: Engine) -> list[Route]:
    return [
        page(engine, "/", home, public=True),
        page(engine, "/sign-in", sign_in_form, post=sign_in, public=True),
        page(engine, "/sign-out", post=sign_out),
        page(engine, "/sign-up", sign_up_form, post=sign_up, public=True),
        page(engine, "/password/{token}", password_form, post=choose_password, public=True),
    ]


def home(visit: Visit) -> Response:
    if visit.session is not None:
        return go("/hits")
    return render(visit.request, "home.html", sign_up=visit.engine.settings.sign_up)


def sign_in_form(visit: Visit) -> Response:
    if visit.session is not None:
        return go(local(visit.asked("next")))
    return _sign_in_page(visit)


def sign_in(visit: Visit) -> Response:
    """A session of its own, whatever the browser came with, so none can be foisted on anybody."""
    email, password = visit.posted("email"), visit.form.get("password", ("",))[0]
    try:
        if len(password) > passwords.LONGEST:
            raise CannotSignIn("Email or password is wrong.")
        token = signing_in.sign_in(visit.engine, email, password, address=visit.address)
    except CannotSignIn as error:
        return _sign_in_page(visit, error=str(error), status=403)
    return _let_in(visit, token, local(visit.posted("next")))


def sign_out(visit: Visit) -> Response:
    with visit.engine.act() as tx:
        sessions.close_session(tx, visit.request.cookies.get(COOKIE, ""))
    response = go("/")
    response.delete_cookie(COOKIE)
    return response


def sign_up_form(visit: Visit) -> Response:
    invitation = visit.asked("invitation")
    refusal = _refusal(visit, invitation)
    return refusal or _sign_up_page(visit, BLANK, invitation)


def sign_up(visit: Visit) -> Response:
    """Make a worker, as far as the operator lets in, and sign them in."""
    invitation = visit.posted("invitation")
    refusal = _refusal(visit, invitation)
    if refusal is not None:
        return refusal
    form = forms.person(visit)
    password = forms.new_password(visit, form.errors)
    if form.errors:
        return _sign_up_page(visit, form, invitation, status=422)
    kept = passwords.hashed(password)
    try:
        with visit.engine.act() as tx:
            signing_in.count_try(tx, f"sign-up {visit.address}", MOST_SIGN_UPS)
            worker_id = people.sign_up(tx, password=kept, **form.fields)
            if invitation:
                people.use_link(tx, "invitation", invitation)
            token = sessions.open_session(tx, "worker", worker_id)
    except NameTaken as error:
        form.errors["email"] = f"{error} Sign in instead, or ask for a new password."
        return _sign_up_page(visit, form, invitation, status=409)
    except (CannotSignIn, InvalidLink) as error:
        return problem(visit.request, "That is not possible", str(error), status=403)
    return _let_in(visit, token, "/hits")


def password_form(visit: Visit) -> Response:
    try:
        with visit.engine.look() as tx:
            people.check_link(tx, "reset", visit.item("token"))
    except InvalidLink as error:
        return problem(visit.request, "This link does not work", str(error), status=404)
    return _password_page(visit, BLANK)


def choose_password(visit: Visit) -> Response:
    form = Form({}, {})
    password = forms.new_password(visit, form.errors)
    if form.errors:
        return _password_page(visit, form, status=422)
    kept = passwords.hashed(password)
    try:
        with visit.engine.act() as tx:
            worker_id = people.use_link(tx, "reset", visit.item("token"))
            assert worker_id is not None, "a reset is somebody's"
            people.set_password(tx, worker_id, kept)
            token = sessions.open_session(tx, "worker", worker_id)
    except InvalidLink as error:
        return problem(visit.request, "This link does not work", str(error), status=404)
    return _let_in(visit, token, "/hits")


def _let_in(visit: Visit, token: str, address: str) -> Response:
    former = visit.request.cookies.get(COOKIE)
    if former:
        with visit.engine.act() as tx:
            sessions.close_session(tx, former)
    response = go(address)
    lasts = int(sessions.LASTS["worker"].total_seconds())
    set_cookie(visit, response, COOKIE, token, lasts=lasts)
    response.delete_cookie(VISITOR)
    return response


def _refusal(visit: Visit, invitation: str) -> Response | None:
    """Why nobody, or not this visitor, can sign up; None if they may."""
    if visit.session is not None:
        return go("/hits")
    text = None
    if visit.engine.settings.sign_up == "closed":
        text = "Nobody can sign up here at present. If you have an account, sign in."
    elif invitation:
        try:
            with visit.engine.look() as tx:
                people.check_link(tx, "invitation", invitation)
        except InvalidLink as error:
            text = str(error)
    elif visit.engine.settings.sign_up == "invitation":
        text = "You need an invitation to sign up: open the link that you were sent."
    if text is None:
        return None
    return problem(visit.request, "You cannot sign up", text, status=403)


def _sign_in_page(visit: Visit, *, error: str = "", status: int = 200) -> Response:
    return _with_visitor(
        visit,
        "sign_in.html",
        status=status,
        error=error,
        email=visit.posted("email"),
        next=local(visit.posted("next") or visit.asked("next"), ""),
        sign_up=visit.engine.settings.sign_up,
    )


def _sign_up_page(visit: Visit, form: Form, invitation: str, *, status: int = 200) -> Response:
    return _with_visitor(visit, "sign_up.html", status=status, form=form, invitation=invitation)


def _password_page(visit: Visit, form: Form, *, status: int = 200) -> Response:
    return _with_visitor(visit, "password.html", status=status, form=form)


def _with_visitor(visit: Visit, template: str, **values: Any) -> Response:
    """A page with a form for somebody who may not be signed in: a cookie and the form agree."""
    token = visit.session.form_token if visit.session else visitor_token(visit)
    response = render(visit.request, template, form_token=token, **values)
    if visit.session is None:
        set_cookie(visit, response, VISITOR, token, lasts=3600)
    return response
