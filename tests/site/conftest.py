"""A marketplace in this process, and a real browser in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from marketplace.clock import SetClock
from marketplace.engine import hits, sessions
from marketplace.engine.answers import NAMESPACE
from marketplace.frames import work_frame
from marketplace.frames.question import SCHEMAS
from marketplace.settings import Settings
from tests.contracts.conftest import START, Market

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOPBACK = ("127.0.0.1", "localhost")
WAIT = 15_000  # milliseconds until a test gives up on the browser; a busy machine takes its time


def html_question(content: str, *, height: int = 0) -> str:
    return (
        f'<HTMLQuestion xmlns="{SCHEMAS}2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA['
        f"{content}]]></HTMLContent><FrameHeight>{height}</FrameHeight></HTMLQuestion>"
    )


def external_question(url: str) -> str:
    return (
        f'<ExternalQuestion xmlns="{SCHEMAS}2006-07-14/ExternalQuestion.xsd"><ExternalURL>'
        f"{url.replace('&', '&amp;')}</ExternalURL><FrameHeight>400</FrameHeight>"
        "</ExternalQuestion>"
    )


class Site(Market):
    """The service, with what a worker's page needs to be tried on its own."""

    def cookie(self, worker: str) -> dict[str, Any]:
        """A session of the worker's, as playwright takes it."""
        self.engine.register_worker(worker)
        with self.engine.act() as tx:
            token = sessions.open_session(tx, "worker", worker)
        return {"name": "worker", "value": token, "url": self.url, "httpOnly": True}

    def part(self, hit_id: str, assignment_id: str | None, worker: str | None) -> str:
        """What the work page has in its content."""
        with self.engine.look() as tx:
            hit = hits.lookup(tx, hit_id)
        assert hit is not None
        return str(
            work_frame(
                hit,
                assignment_id=assignment_id,
                worker_id=worker,
                settings=self.settings,
                submit_base=self.url,
            )
        )

    def answers(self, hit_id: str) -> dict[str, str | None]:
        """The free texts of the HIT's only submission; none is an error."""
        found = self.client.list_assignments_for_hit(HITId=hit_id)["Assignments"]
        assert len(found) == 1, found
        root = etree.fromstring(found[0]["Answer"].encode())
        return {
            answer.findtext(f"{{{NAMESPACE}}}QuestionIdentifier"): answer.findtext(
                f"{{{NAMESPACE}}}FreeText"
            )
            or ""
            for answer in root
        }


@pytest.fixture
def open_site(tmp_path: Any) -> Iterator[Callable[..., Site]]:
    """Call with settings; every site closes after the test."""
    opened: list[Site] = []

    def call(**settings: Any) -> Site:
        database = f"sqlite:///{tmp_path}/site{len(opened)}.db"
        given = {"key_file": tmp_path / "key", "sandbox": True, **settings}
        opened.append(Site(database, Settings(**given), SetClock(START)))
        return opened[-1]

    yield call
    for site in opened:
        site.leave()


@pytest.fixture
def site(open_site: Callable[..., Site]) -> Site:
    return open_site()


@pytest.fixture(scope="module")
def browser(require: Callable[[bool, str], None]) -> Iterator[Browser]:
    """Headless Chromium, one for each file of tests: while it is open, asyncio.run is barred."""
    expect.set_options(timeout=WAIT)
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    require(path is not None, f"a browser ({', '.join(CHROMIUMS)})")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without history; nothing of it reaches other hosts than this machine."""
    opened = browser.new_context(viewport={"width": 1100, "height": 800})
    opened.set_default_timeout(WAIT)
    opened.route(lambda url: urlsplit(url).hostname not in LOOPBACK, lambda route: route.abort())
    yield opened
    opened.close()


class Desk:
    """A worker's browser before one HIT, on a page that has little more than the frame in it."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site = site
        self.context = context

    def sit(self, question: str, *, preview: bool = False, worker: str = "AWORKER") -> Page:
        """Post a HIT with the question, accept it, and open its page."""
        self.hit_id = self.site.create_hit(Question=question)["HITId"]
        self.assignment_id = None if preview else self.site.accept(self.hit_id, worker)
        return self.open(worker)

    def open(self, worker: str = "AWORKER") -> Page:
        self.context.add_cookies([self.site.cookie(worker)])
        part = self.site.part(self.hit_id, self.assignment_id, worker)
        html = (
            "<!DOCTYPE html><title>Work</title><script>heard = [];"
            "onmessage = ({data}) => { if (data?.marketplace === 'submitted') heard.push(data); }"
            f"</script><body><h1>Work</h1>{part}"
        )
        self.context.route(
            f"{self.site.url}/try", lambda route: route.fulfill(body=html, content_type="text/html")
        )
        self.page = self.context.new_page()
        self.page.goto(f"{self.site.url}/try")
        return self.page

    def wait_submitted(self) -> dict[str, str | None]:
        """Wait until the frame says so; returns the answers that arrived."""
        self.page.wait_for_function("heard.length > 0")
        assert self.page.evaluate("heard[0].assignmentId") == self.assignment_id
        return self.site.answers(self.hit_id)


@pytest.fixture
def desk(site: Site, context: BrowserContext) -> Desk:
    return Desk(site, context)
