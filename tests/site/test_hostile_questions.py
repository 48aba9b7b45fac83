"""A hostile HTMLQuestion, in a browser in which the worker is signed in: what it cannot do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.site.conftest import Desk, external_question, html_question

pytestmark = pytest.mark.browser

# Each writes what it got, or the name of the error, and says when it is done.
ATTACKS = {
    "origin": "return self.origin",
    "cookie of the page": "return Object.getOwnPropertyDescriptor(Document.prototype, 'cookie')"
    ".get.call(document)",
    "storage of the page": "return Object.getOwnPropertyDescriptor(saved, 'localStorage')",
    "database": "indexedDB.open('x').onsuccess; return 'opened'",
    "the page around": "return parent.document.body.innerHTML",
    "the page around, by its cookies": "return top.document.cookie",
    "its address": "return parent.location.href",
    "another frame": "return parent.frames[1].document.body.innerHTML",
    "the worker's pages by fetch": "return await (await fetch(base + '/earnings',"
    " {credentials: 'include'})).text()",
    "the worker's pages without an answer": "return (await fetch(base + '/earnings',"
    " {credentials: 'include', mode: 'no-cors'})).type",
    "a frame of ours": "const f = document.createElement('iframe'); f.src = base + '/account';"
    " document.body.append(f); await new Promise(r => { f.onload = r; });"
    " return f.contentDocument === null ? 'nothing' : f.contentDocument.body.innerHTML",
    "leading the window away": "top.location = 'https://evil.test/'; return 'set'",
    "leading the window away by a link": "const a = document.createElement('a');"
    " a.href = 'https://evil.test/'; a.target = '_top'; document.body.append(a); a.click();"
    " return 'clicked'",
    "a worker thread": "new SharedWorker(base + '/static/work.js'); return 'running'",
    "a service worker": "await navigator.serviceWorker.register('/frames/assets/frame.js');"
    " return 'registered'",
}


def hostile(base: str, names: Iterable[str] = ATTACKS) -> str:
    attacks = ",".join(f"{json.dumps(name)}: async () => {{ {ATTACKS[name]} }}" for name in names)
    return html_question(
        f"""<!DOCTYPE html><body><p id="done">not yet</p><script>
        const base = {json.dumps(base)}, got = {{}}, saved = Object.getPrototypeOf(window);
        (async () => {{
          for (const [name, attack] of Object.entries({{{attacks}}})) {{
            try {{ got[name] = await attack(); }} catch (error) {{ got[name] = error.name; }}
          }}
          document.getElementById("done").textContent = "done";
        }})();
        </script>"""
    )


@pytest.fixture
def got(desk: Desk) -> dict[str, Any]:
    """What each attack brought home, on the work page of a worker who is signed in."""
    desk.sit(hostile(desk.site.url))
    self_address = f"{desk.site.url}/work/{desk.assignment_id}"
    desk.page.goto(self_address)
    frame = desk.page.frame_locator("#question")
    expect(frame.locator("#done")).to_have_text("done")
    found: dict[str, Any] = frame.locator("#done").evaluate("() => got")
    assert desk.page.url == self_address
    assert list(found) == list(ATTACKS)
    return found


def test_it_reaches_nothing_that_is_ours_or_the_workers(got: dict[str, Any]) -> None:
    assert got == {
        "origin": "null",
        "cookie of the page": "SecurityError",
        "storage of the page": None,
        "database": "SecurityError",
        "the page around": "SecurityError",
        "the page around, by its cookies": "SecurityError",
        "its address": "SecurityError",
        "another frame": "SecurityError",
        "the worker's pages by fetch": "TypeError",
        "the worker's pages without an answer": "opaque",
        "a frame of ours": "nothing",
        "leading the window away": "SecurityError",
        "leading the window away by a link": "clicked",
        "a worker thread": "SecurityError",
        "a service worker": "SecurityError",
    }


def test_its_requests_carry_no_session(desk: Desk) -> None:
    """Neither what it fetches, nor what it posts, nor the pages that it frames."""
    seen: list[tuple[str, str | None]] = []
    desk.context.on(
        "request", lambda request: seen.append((request.url, request.all_headers().get("cookie")))
    )
    page = html_question(
        f"""<form id="f" method="post" action="{desk.site.url}/hits"></form><script>
        fetch("{desk.site.url}/account", {{credentials: "include", mode: "no-cors"}}).finally(
          () => document.getElementById("f").submit());</script>"""
    )
    desk.sit(page)
    desk.page.wait_for_event("framenavigated", lambda frame: frame.url.endswith("/hits"))
    cookies = {url.removeprefix(desk.site.url).split("?")[0]: cookie for url, cookie in seen}
    assert cookies["/account"] is None
    assert cookies["/hits"] is None
    assert cookies[f"/frames/work/{desk.assignment_id}"] is not None


def test_opened_by_itself_the_page_is_nobodys_too(desk: Desk) -> None:
    """In a window of its own, at its own address, beside the worker's session."""
    desk.sit(hostile(desk.site.url, ["origin", "cookie of the page", "database"]))
    (frame,) = (frame for frame in desk.page.frames if "/frames/page/" in frame.url)
    alone = desk.context.new_page()
    alone.goto(frame.url)
    expect(alone.locator("#done")).to_have_text("done")
    found = alone.evaluate("() => got")
    assert found == {
        "origin": "null",
        "cookie of the page": "SecurityError",
        "database": "SecurityError",
    }


def test_a_window_that_it_opens_cannot_lead_ours_away(desk: Desk) -> None:
    desk.sit(html_question("""<button onclick="window.open('https://evil.test/')">Open</button>"""))
    desk.context.route(
        "https://evil.test/",
        lambda route: route.fulfill(
            content_type="text/html",
            body="<script>try { opener.top.location = 'https://evil.test/2'; } catch {}"
            "try { opener.parent.location = 'https://evil.test/2'; } catch {}</script><p>here</p>",
        ),
    )
    page: Page = desk.page
    with page.context.expect_page() as opened:
        page.frame_locator("#question").get_by_role("button", name="Open").click()
    expect(opened.value.get_by_text("here")).to_be_visible()
    assert page.url == f"{desk.site.url}/try"


def test_an_external_question_at_our_own_address_is_nobodys(desk: Desk) -> None:
    """A requester may name any address, ours too, under any name of this machine."""
    for host in ("127.0.0.1", "localhost"):
        port = desk.site.url.rsplit(":", 1)[1]
        desk.sit(external_question(f"http://{host}:{port}/static/icon.svg"), worker=f"A{host[0]}")
        assert "allow-same-origin" not in (
            desk.page.locator("#question").get_attribute("sandbox") or ""
        )


def test_a_foreign_external_question_keeps_its_own_origin(desk: Desk, survey: str) -> None:
    """A survey needs to be itself, to know who came back; here it is another host than ours."""
    desk.sit(external_question(f"{survey}/?s=1"))
    desk.page.goto(f"{desk.site.url}/work/{desk.assignment_id}")
    frame = desk.page.frame_locator("#question")
    expect(frame.locator("#o")).to_have_text(survey)
    frame.locator("form").evaluate("form => form.submit()")
    expect(desk.page.locator("#question")).to_have_count(0)
    assert desk.site.answers(desk.hit_id) == {"a": "1"}


@pytest.fixture
def survey() -> Iterator[str]:
    """Another host's page, which submits as MTurk's documentation tells it to."""

    class Survey(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(SURVEY)

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Survey)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


SURVEY = b"""<!DOCTYPE html><p id="o"></p>
<form method="post"><input name="assignmentId"><input name="a" value="1"></form><script>
const told = new URLSearchParams(location.search), form = document.forms[0];
document.getElementById("o").textContent = self.origin;
form.elements.assignmentId.value = told.get("assignmentId");
form.action = told.get("turkSubmitTo") + "/mturk/externalSubmit";
</script>"""
