"""A requester in front of the console."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import html

from hitline.mturk.connection import Credentials


class Page:
    """What the browser shows."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.path = response.url.path
        self.root = html.fromstring(response.text)

    @property
    def text(self) -> str:
        """What is read on it, blanks folded."""
        return " ".join(self.root.text_content().split())

    def all(self, selector: str) -> list[Any]:
        """Elements by a simple selector: tags, classes and attributes, one within another."""
        return list(self.root.xpath(_xpath(selector)))

    def texts(self, selector: str) -> list[str]:
        """The text of each element, blanks folded."""
        return [" ".join(one.text_content().split()) for one in self.all(selector)]

    def figures(self) -> dict[str, str]:
        """The figures in their boxes, by name."""
        found = {}
        for box in self.all(".figures div"):
            name, value = (" ".join(part.text_content().split()) for part in box)
            found[name] = value.removesuffix(" HITs")
        return found

    def answer(self) -> dict[str, str]:
        """Names and values of the first answer on the page."""
        rows = self.all(".answer")[0].xpath("./div")
        return {
            " ".join(row[0].text_content().split()): " ".join(row[1].text_content().split())
            for row in rows
        }

    def link(self, text: str) -> str | None:
        """Where the first link of this text leads."""
        for link in self.all("a"):
            if " ".join(link.text_content().split()).startswith(text):
                return str(link.get("href"))
        return None


class Console:
    """A browser at a market's console."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, follow_redirects=True)

    def get(self, path: str) -> Page:
        return Page(self.client.get(path))

    def send(self, page: Page, action: str | None = None, **typed: str) -> Page:
        """Send the form that posts to `action`, or the one of the content, with what is typed."""
        forms = [form for form in page.root.forms if form.method == "POST"]
        chosen = [form for form in forms if form.get("action") == action] if action else forms[-1:]
        form = chosen[0]
        return self.post(str(form.get("action")), **{**dict(form.fields), **typed})

    def post(self, path: str, **fields: str) -> Page:
        return Page(self.client.post(path, data=fields))

    def sign_in(self, key: str, secret: str) -> Page:
        page = self.get("/requester/sign-in")
        return self.send(page, access_key_id=key, secret_access_key=secret)

    def form_token(self) -> str:
        """The token that forms of this session carry."""
        return str(self.get("/requester/").root.forms[0].fields["form_token"])


@pytest.fixture
def open_console() -> Iterator[Callable[..., Console]]:
    """Call with a market, and credentials other than its first requester's."""
    opened: list[Console] = []

    def call(market: Any, credentials: Credentials | None = None) -> Console:
        known = credentials or market.credentials
        console = Console(market.url)
        opened.append(console)
        console.sign_in(known.access_key_id, known.secret_access_key)
        return console

    yield call
    for console in opened:
        console.client.close()


@pytest.fixture
def console(market: Any, open_console: Callable[..., Console]) -> Console:
    """The market's requester, signed in."""
    return open_console(market)


@pytest.fixture
def visitor(market: Any) -> Iterator[Console]:
    """Somebody who is not signed in."""
    browser = Console(market.url)
    yield browser
    browser.client.close()


def query_of(address: str) -> dict[str, str]:
    """The values in an address's query."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def _xpath(selector: str) -> str:
    steps = []
    for part in selector.split():
        match = re.fullmatch(r"(\w+)?(?:\.(\w+))?(?:\[(.+)\])?", part)
        assert match is not None
        tag, of_class, attribute = match.groups()
        step = tag or "*"
        if of_class:
            step += f"[contains(concat(' ', @class, ' '), ' {of_class} ')]"
        if attribute:
            name, _, value = attribute.partition("=")
            step += f"[@{name}='{value}']" if value else f"[@{name}]"
        steps.append(step)
    return "//" + "//".join(steps)
