"""The account: what a worker said of themselves, their password, their data."""

from __future__ import annotations

import json

from starlette.responses import Response
from starlette.routing import Route

from marketplace.engine import Engine, passwords, people, personal_data, sessions, signing_in
from marketplace.errors import CannotSignIn, NameTaken
from marketplace.site import forms
from marketplace.site.forms import Form
from marketplace.site.pages import render, secured
from marketplace.site.visits import COOKIE, NotFound, Visit, go, page, set_cookie


def routes(engine: Engine) -> list[Route]:
    return [
        page(engine, "/account", show, post=change),
        page(engine, "/account/password", post=change_password),
        page(engine, "/account/data.json", data),
    ]


def show(visit: Visit) -> Response:
    return _page(visit, saved=visit.asked("saved"))


def change(visit: Visit) -> Response:
    """Change everything but the password; another email needs the password too."""
    form = forms.person(visit)
    person = _person(visit)
    if not form.errors and people.folded(form.get("email")) != person.email:
        fault = _fault_in_password(visit, "current_for_email")
        if fault is not None:
            form.errors["current_for_email"] = fault
    if not form.errors:
        try:
            with visit.engine.act() as tx:
                people.change(tx, visit.worker_id, **form.fields)
        except NameTaken as error:
            form.errors["email"] = str(error)
    return _page(visit, form=form) if form.errors else go("/account?saved=account")


def change_password(visit: Visit) -> Response:
    """End every session with the old password, and go on in a new one."""
    form = Form({}, {})
    chosen = forms.new_password(visit, form.errors)
    fault = None if form.errors else _fault_in_password(visit, "current")
    if fault is not None:
        form.errors["current"] = fault
    if form.errors:
        return _page(visit, password_errors=form.errors)
    kept = passwords.hashed(chosen)
    with visit.engine.act() as tx:
        people.set_password(tx, visit.worker_id, kept)
        token = sessions.open_session(tx, "worker", visit.worker_id)
    response = go("/account?saved=password")
    lasts = int(sessions.LASTS["worker"].total_seconds())
    set_cookie(visit, response, COOKIE, token, lasts=lasts)
    return response


def data(visit: Visit) -> Response:
    """Everything that is stored of the worker, as a file."""
    with visit.engine.look() as tx:
        content = personal_data.export(tx, visit.worker_id)
    response = Response(
        json.dumps(content, indent=2, ensure_ascii=False), media_type="application/json"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{visit.worker_id}.json"'
    return secured(response)


def _fault_in_password(visit: Visit, field: str) -> str | None:
    """What is wrong with the present password that was given; tries are counted as at sign-in."""
    given = visit.form.get(field, ("",))[0]
    try:
        with visit.engine.act() as tx:
            signing_in.count_try(
                tx, f"password of {visit.worker_id}", signing_in.MOST_FROM_ONE_PLACE
            )
            kept = people.kept_password(tx, visit.worker_id)
    except CannotSignIn as error:
        return str(error)
    fits = len(given) <= passwords.LONGEST and passwords.matches(kept, given)
    return None if fits else "This is not your password."


def _person(visit: Visit) -> people.Person:
    with visit.engine.look() as tx:
        person = people.find(tx, visit.worker_id)
    if person is None:
        raise NotFound("There is no such account any more.")
    return person


def _page(
    visit: Visit,
    *,
    form: Form | None = None,
    password_errors: dict[str, str] | None = None,
    saved: str = "",
) -> Response:
    person = _person(visit)
    fields = {
        "email": person.email,
        "name": person.name,
        "country": person.country,
        "subdivision": person.subdivision,
        "adult": person.adult,
    }
    return render(
        visit.request,
        "account.html",
        status=422 if form or password_errors else 200,
        person=person,
        form=form or Form(fields, {}),
        password_form=Form({}, password_errors or {}),
        saved=saved,
    )
