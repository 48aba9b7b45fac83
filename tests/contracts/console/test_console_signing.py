"""Signing in to the console, and what a session protects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from marketplace.engine import requesters, sessions

WRONG = "Access key id or secret is wrong."


def test_who_is_not_signed_in_signs_in_and_comes_back(market: Any, visitor: Any) -> None:
    page = visitor.get("/requester/hits?status=Reviewable")
    assert page.path == "/requester/sign-in"
    known = market.credentials
    page = visitor.send(
        page, access_key_id=known.access_key_id, secret_access_key=known.secret_access_key
    )
    assert (page.status, page.path) == (200, "/requester/hits")
    assert page.response.url.query == b"status=Reviewable"


@pytest.mark.parametrize(
    ("key", "secret"),
    [("", "wrong"), ("", ""), ("AKIAUNKNOWN000000000", "x"), ("\x00", "x"), ("é" * 200, "x")],
)
def test_a_wrong_secret_and_an_unknown_key_are_told_the_same(
    market: Any, visitor: Any, key: str, secret: str
) -> None:
    page = visitor.sign_in(key or market.credentials.access_key_id, secret)
    assert (page.status, page.texts("[role=alert]")) == (403, [WRONG])
    assert visitor.get("/requester/").path == "/requester/sign-in"


def test_guessing_becomes_slow_and_the_right_secret_waits_too(market: Any, visitor: Any) -> None:
    known = market.credentials
    told = [
        visitor.sign_in(known.access_key_id, "guess").texts("[role=alert]")[0] for _ in range(9)
    ]
    assert told == [WRONG] * 8 + ["Too many tries: wait 15 minutes, then try again."]
    visitor.sign_in(known.access_key_id, known.secret_access_key)
    assert visitor.get("/requester/").path == "/requester/sign-in"
    market.advance(minutes=15)
    visitor.sign_in(known.access_key_id, known.secret_access_key)
    assert visitor.get("/requester/").path == "/requester/"


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil.example", "/hits", "javascript:1"]
)
def test_signing_in_leads_nowhere_else(market: Any, visitor: Any, back: str) -> None:
    known = market.credentials
    page = visitor.send(
        visitor.get("/requester/sign-in"),
        back=back,
        access_key_id=known.access_key_id,
        secret_access_key=known.secret_access_key,
    )
    assert page.path == "/requester/"


def test_signing_out_ends_the_session_at_the_service_too(console: Any) -> None:
    cookie = console.client.cookies["requester"]
    console.send(console.get("/requester/"), "/requester/sign-out")
    console.client.cookies.set("requester", cookie)
    assert console.get("/requester/").path == "/requester/sign-in"


def test_a_session_ends_after_twelve_hours_on_the_wall(market: Any, console: Any) -> None:
    market.advance(hours=12)
    assert console.get("/requester/").path == "/requester/sign-in"


def test_a_session_ends_with_the_last_key_of_its_requester(market: Any, console: Any) -> None:
    with market.engine.act() as tx:
        requesters.revoke(tx, market.credentials.access_key_id)
    assert console.get("/requester/").path == "/requester/sign-in"


def test_a_workers_session_opens_no_console(market: Any, visitor: Any) -> None:
    with market.engine.act() as tx:
        token = sessions.open_session(tx, "worker", "AWORKER1")
    visitor.client.cookies.set("requester", token)
    assert visitor.get("/requester/").path == "/requester/sign-in"


@pytest.mark.parametrize(
    ("public_url", "secure"), [("https://work.example.org", True), (None, False)]
)
def test_scripts_cannot_read_the_cookie_and_tls_protects_it(
    open_market: Callable[..., Any], public_url: str | None, secure: bool
) -> None:
    market = open_market(public_url=public_url)
    form = httpx.get(f"{market.url}/requester/sign-in")
    visitor = form.cookies.get("requester_visitor") or _cookie(form)
    known = market.credentials
    answer = httpx.post(
        f"{market.url}/requester/sign-in",
        data={
            "form_token": visitor,
            "access_key_id": known.access_key_id,
            "secret_access_key": known.secret_access_key,
        },
        headers={"Cookie": f"requester_visitor={visitor}"},
    )
    (cookie,) = [
        line for line in answer.headers.get_list("set-cookie") if line.startswith("requester=")
    ]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax"} <= parts
    assert ("secure" in parts) is secure


POSTS = [
    "/requester/sign-out",
    "/requester/assignments/{assignment}/approve",
    "/requester/assignments/{assignment}/reject",
    "/requester/assignments/{assignment}/bonus",
    "/requester/hits/{hit}/approve",
    "/requester/hits/{hit}/expire",
    "/requester/hits/{hit}/prolong",
    "/requester/hits/{hit}/assignments",
    "/requester/hits/{hit}/delete",
    "/requester/types/{type}/test",
    "/requester/workers/AWORKER1/block",
    "/requester/workers/AWORKER1/message",
]
TYPED = {
    "feedback": "x",
    "amount": "1.00",
    "reason": "x",
    "hours": "1",
    "number": "1",
    "subject": "x",
    "text": "x",
    "event": "Ping",
}


def test_a_form_of_another_site_is_refused(market: Any, console: Any) -> None:
    hit = market.create_hit()
    assignment = market.submit(hit["HITId"], "AWORKER1", breed="poodle")
    before = market.client.get_hit(HITId=hit["HITId"])["HIT"], market.balance()
    for path in POSTS:
        address = path.format(hit=hit["HITId"], type=hit["HITTypeId"], assignment=assignment)
        for token in ({}, {"form_token": ""}, {"form_token": "guessed"}):
            page = console.post(address, **TYPED, **token)
            assert (page.status, page.texts("h1")) == (403, ["This form is too old"]), address
    assert (market.client.get_hit(HITId=hit["HITId"])["HIT"], market.balance()) == before
    assert console.get("/requester/").path == "/requester/"


def test_the_sign_in_form_of_another_site_is_refused(market: Any, visitor: Any) -> None:
    known = market.credentials
    page = visitor.post(
        "/requester/sign-in",
        access_key_id=known.access_key_id,
        secret_access_key=known.secret_access_key,
    )
    assert page.status == 403


@pytest.mark.parametrize(
    ("content_type", "size", "status"),
    [("multipart/form-data", 10, 415), ("application/x-www-form-urlencoded", 300_000, 413)],
)
def test_a_form_that_no_page_sends_is_refused(
    console: Any, content_type: str, size: int, status: int
) -> None:
    answer = console.client.post(
        "/requester/sign-out", content=b"x" * size, headers={"Content-Type": content_type}
    )
    assert answer.status_code == status


def test_pages_carry_the_headers_that_keep_others_out(console: Any) -> None:
    headers = console.get("/requester/").response.headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'self'" in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def _cookie(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].split("=", 1)[1].split(";")[0]
