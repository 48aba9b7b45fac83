"""The way in: signing up, signing in and out, links for passwords, and what guards them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from marketplace.engine import passwords, people, signing_in
from marketplace.store.schema import logins
from tests.contracts.visiting import PASSWORD, Visitor, add_person

SIGN_UP = {"email": "Bea@Example.org", "name": "Bea", "password": PASSWORD}
WRONG = "Email or password is wrong."


def invite(market: Any, purpose: people.Purpose = "invitation", worker: str | None = None) -> str:
    with market.engine.act() as tx:
        return people.make_link(tx, purpose, worker)


def test_whoever_signs_up_is_signed_in_and_can_sign_in_again(
    open_market: Callable[..., Any],
) -> None:
    market = open_market(sign_up="open")
    bea = Visitor(market)
    page = bea.send(bea.get("/sign-up"), "/sign-up", **SIGN_UP, country="de")
    assert (page.status, page.path) == (200, "/hits")
    again = Visitor(market)
    assert again.sign_in("bea@example.org").path == "/hits"
    with market.engine.look() as tx:
        person = people.find_by_email(tx, "BEA@example.org")
    assert person is not None
    assert (person.name, person.country, person.adult) == ("Bea", "DE", False)


@pytest.mark.parametrize(
    ("mode", "invited", "lets_in"),
    [
        ("open", False, True),
        ("open", True, True),
        ("invitation", False, False),
        ("invitation", True, True),
        ("closed", False, False),
        ("closed", True, False),
    ],
)
def test_who_may_sign_up_is_a_setting(
    open_market: Callable[..., Any], mode: str, invited: bool, lets_in: bool
) -> None:
    market = open_market(sign_up=mode)
    token = invite(market) if invited else ""
    assert Visitor(market).get(f"/sign-up?invitation={token}").status == (200 if lets_in else 403)


def test_by_default_people_are_invited(market: Any) -> None:
    assert market.settings.sign_up == "invitation"


def test_an_invitation_serves_one_person(market: Any) -> None:
    address = f"/sign-up?invitation={invite(market)}"
    first, second = Visitor(market), Visitor(market)
    page, other = first.get(address), second.get(address)
    assert first.send(page, "/sign-up", **SIGN_UP).path == "/hits"
    refused = second.send(other, "/sign-up", **{**SIGN_UP, "email": "cy@example.org"})
    assert (refused.status, "used before" in refused.main) == (403, True)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("email", "bea", "Write an email address"),
        ("email", "bea@" + "x" * 260, "Write an email address"),
        ("name", " ", "Write a name"),
        ("name", "Bea\u202e", "Write a name"),
        ("password", "ninechars", "at least 10 characters"),
        ("country", "D1", "two letters of your country"),
    ],
)
def test_what_is_wrong_with_a_sign_up_is_said_at_the_field(
    open_market: Callable[..., Any], field: str, value: str, complaint: str
) -> None:
    visitor = Visitor(open_market(sign_up="open"))
    page = visitor.send(visitor.get("/sign-up"), "/sign-up", **{**SIGN_UP, field: value})
    assert page.status == 422
    (described,) = page.tree.xpath(f"//input[@id='{field}' and @aria-invalid]/@aria-describedby")
    assert complaint in page.texts(f"//*[@id='{described}']")[0]


def test_an_email_signs_up_once(open_market: Callable[..., Any]) -> None:
    market = open_market(sign_up="open")
    add_person(market, "bea@example.org")
    visitor = Visitor(market)
    page = visitor.send(visitor.get("/sign-up"), "/sign-up", **SIGN_UP)
    assert (page.status, "signs in with this email already" in page.main) == (409, True)


@pytest.mark.parametrize(
    ("email", "password"), [("ann@example.org", "wrong"), ("nobody@example.org", PASSWORD)]
)
def test_a_refusal_does_not_tell_whether_the_email_is_known(
    market: Any, monkeypatch: pytest.MonkeyPatch, email: str, password: str
) -> None:
    add_person(market)
    checks = []
    verify = passwords.HASHER.__class__.verify
    monkeypatch.setattr(
        passwords.HASHER.__class__,
        "verify",
        lambda self, kept, given: checks.append(given) or verify(self, kept, given),
    )
    page = Visitor(market).sign_in(email, password)
    assert (page.status, page.texts("//*[@role='alert']")) == (403, [WRONG])
    assert checks == [password]  # as much work for the one as for the other


def test_guesses_at_one_email_are_slowed_down_until_the_window_is_over(market: Any) -> None:
    add_person(market)
    ann = Visitor(market)
    for _ in range(signing_in.MOST_FROM_ONE_PLACE):
        assert ann.sign_in("ann@example.org", "wrong").texts("//*[@role='alert']") == [WRONG]
    market.advance(minutes=5)
    page = ann.sign_in("ann@example.org")
    assert page.texts("//*[@role='alert']") == ["Too many tries: wait 10 minutes, then try again."]
    market.advance(minutes=10)
    assert ann.sign_in("ann@example.org").path == "/hits"


def test_whoever_got_in_is_no_guesser(market: Any) -> None:
    add_person(market)
    for _ in range(signing_in.MOST_FROM_ONE_PLACE + 2):
        assert Visitor(market).sign_in("ann@example.org").path == "/hits"


def test_a_password_of_an_older_cost_is_hashed_anew_at_sign_in(market: Any) -> None:
    worker_id = add_person(market)
    cheap = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with market.engine.act() as tx:
        tx.connection.execute(update(logins).values(password=cheap))
    assert Visitor(market).sign_in("ann@example.org").path == "/hits"
    with market.engine.look() as tx:
        kept = people.kept_password(tx, worker_id)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_session_begins_at_sign_in_and_ends_at_sign_out(market: Any) -> None:
    add_person(market)
    ann = Visitor(market)
    ann.http.cookies.set("worker", "foisted", domain="127.0.0.1")
    page = ann.sign_in("ann@example.org")
    token = dict(ann.http.cookies)["worker"]
    assert token != "foisted"
    ann.send(page, "/sign-out")
    thief = Visitor(market)
    thief.http.cookies.set("worker", token, domain="127.0.0.1")
    assert thief.get("/work").path.startswith("/sign-in")


def test_a_session_lasts_two_weeks(market: Any) -> None:
    add_person(market)
    ann = Visitor(market)
    ann.sign_in("ann@example.org")
    market.advance(days=13, hours=23)
    assert ann.get("/work").path == "/work"
    market.advance(hours=1)
    assert ann.get("/work").path.startswith("/sign-in")


@pytest.mark.parametrize(
    ("public_url", "secure"), [(None, False), ("http://x.org", False), ("https://x.org", True)]
)
def test_the_cookie_is_kept_from_scripts_and_other_sites(
    open_market: Callable[..., Any], public_url: str | None, secure: bool
) -> None:
    market = open_market(public_url=public_url)
    add_person(market)
    visitor = Visitor(market)
    page = visitor.get("/sign-in")
    answer = visitor.http.post(
        "/sign-in",
        data={**page.form("/sign-in"), "email": "ann@example.org", "password": PASSWORD},
        headers={"Cookie": f"visitor={page.form('/sign-in')['form_token']}"},
        follow_redirects=False,
    )
    (cookie,) = [line for line in answer.headers.get_list("set-cookie") if "worker=" in line]
    parts = set(cookie.split("; ")[1:])
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= parts
    assert ("Secure" in parts) is secure


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("/earnings", "/earnings"),
        ("/hits?search=a%20b", "/hits?search=a%20b"),
        ("https://evil.example/", "/hits"),
        ("//evil.example/", "/hits"),
        ("/\\evil.example/", "/hits"),
        ("\\\\evil.example", "/hits"),
        ("/\t/evil.example", "/hits"),
        ("/\n/evil.example", "/hits"),
        ("javascript:alert(1)", "/hits"),
        ("", "/hits"),
    ],
)
def test_signing_in_leads_back_to_a_page_of_ours_and_nowhere_else(
    market: Any, asked: str, goes_to: str
) -> None:
    add_person(market)
    visitor = Visitor(market)
    page = visitor.get("/sign-in")
    visitor.http.follow_redirects = False
    answer = visitor.send(
        page, "/sign-in", email="ann@example.org", password=PASSWORD, next=asked
    ).response
    assert (answer.status_code, answer.headers["location"]) == (303, goes_to)


def test_a_page_for_workers_asks_to_sign_in_and_comes_back(market: Any) -> None:
    add_person(market)
    visitor = Visitor(market)
    page = visitor.get("/history?state=rejected")
    assert page.h1 == "Sign in"
    back = visitor.send(page, "/sign-in", email="ann@example.org", password=PASSWORD)
    assert back.path == "/history?state=rejected"


@pytest.mark.parametrize("token", [None, "", "x" * 43])
def test_a_form_without_the_right_token_is_refused(market: Any, token: str | None) -> None:
    ann = Visitor(market, "AWORKER1")
    fields = {"other": "1"} if token is None else {"form_token": token}
    for address in ("/sign-in", "/sign-out", "/account", "/groups/3X/accept"):
        assert ann.http.post(address, data=fields).status_code == 403
    stranger = Visitor(market)
    assert stranger.http.post("/sign-in", data=fields).status_code == 403


def test_a_new_password_by_link_ends_the_sessions_of_the_old_one_and_the_link(market: Any) -> None:
    worker_id = add_person(market)
    thief, ann = Visitor(market), Visitor(market)
    thief.sign_in("ann@example.org")
    link = f"/password/{invite(market, 'reset', worker_id)}"
    page = ann.get(link)
    assert page.h1 == "Choose a password"
    (form,) = page.tree.xpath("//form[@method='post' and not(@action)]//input[@name='form_token']")
    fields = {"form_token": form.get("value"), "password": "another long one"}
    assert ann.http.post(link, data=fields).url.path == "/hits"
    assert thief.get("/work").path.startswith("/sign-in")
    assert Visitor(market).get(link).status == 404
    assert Visitor(market).sign_in("ann@example.org").status == 403
    assert Visitor(market).sign_in("ann@example.org", "another long one").path == "/hits"


@pytest.mark.parametrize("purpose", ["invitation", "reset"])
def test_links_grow_old_and_serve_one_purpose(market: Any, purpose: people.Purpose) -> None:
    worker_id = add_person(market) if purpose == "reset" else None
    token = invite(market, purpose, worker_id)
    visitor = Visitor(market)
    fitting = f"/password/{token}" if purpose == "reset" else f"/sign-up?invitation={token}"
    other = f"/sign-up?invitation={token}" if purpose == "reset" else f"/password/{token}"
    assert visitor.get(fitting).status == 200
    assert visitor.get(other).status in (403, 404)
    market.clock.advance(people.LINK_LASTS[purpose])
    assert visitor.get(fitting).status in (403, 404)


def test_a_closed_login_lets_nobody_in(market: Any) -> None:
    worker_id = add_person(market)
    ann = Visitor(market)
    ann.sign_in("ann@example.org")
    with market.engine.act() as tx:
        people.close(tx, worker_id)
    assert ann.get("/work").path.startswith("/sign-in")
    assert ann.sign_in("ann@example.org").texts("//*[@role='alert']") == [WRONG]


def test_the_database_holds_neither_passwords_nor_tokens(market: Any) -> None:
    worker_id = add_person(market)
    ann = Visitor(market)
    ann.sign_in("ann@example.org")
    link = invite(market, "reset", worker_id)
    tables = (logins.metadata.tables[name] for name in ("logins", "sessions", "links", "attempts"))
    with market.engine.look() as tx:
        kept = "".join(str(tx.connection.execute(select(table)).all()) for table in tables)
    for secret in (PASSWORD, link, dict(ann.http.cookies)["worker"]):
        assert secret not in kept


@pytest.mark.parametrize("path", ["/", "/sign-in", "/hits", "/nothing-here"])
def test_our_pages_cannot_be_framed_stored_or_scripted(market: Any, path: str) -> None:
    headers = Visitor(market, "AWORKER1").http.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"form_token=" + b"x" * 300_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a%d=1" % n for n in range(1200)), "application/x-www-form-urlencoded", 400),
        (b"\xff=1", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
    ],
)
def test_forms_that_are_none_of_ours_are_refused(
    market: Any, body: bytes, kind: str, status: int
) -> None:
    answer = Visitor(market).http.post("/sign-in", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
