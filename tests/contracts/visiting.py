"""A browser without script, for the workers' site."""

from __future__ import annotations

import json
from typing import Any

import httpx
from lxml import html

from marketplace.engine import passwords, people, sessions, work

PASSWORD = "correct horse battery"


class Page:
    """A page that was answered."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.path = response.request.url.raw_path.decode()
        self.tree = html.fromstring(response.text or "<html></html>")

    @property
    def h1(self) -> str:
        return words(self.tree.xpath("//h1")[0])

    @property
    def main(self) -> str:
        """The words of the page's content."""
        return words(self.tree.xpath("//main")[0])

    def texts(self, xpath: str) -> list[str]:
        return [words(found) for found in self.tree.xpath(xpath)]

    def form(self, action: str) -> dict[str, str]:
        """What a form would post as it stands; the page must have it."""
        (form,) = self.tree.xpath(f"//form[@action='{action}' and @method='post']")
        fields = form.xpath(".//input[not(@type='checkbox' or @type='radio') or @checked]")
        return {field.get("name"): field.get("value", "") for field in fields if field.get("name")}


class Visitor:
    """Somebody with a browser: cookies are kept, redirects followed."""

    def __init__(self, market: Any, worker_id: str | None = None) -> None:
        self.http = httpx.Client(base_url=market.url, follow_redirects=True)
        self.market = market
        if worker_id is not None:
            with market.engine.act() as tx:
                work.register(tx, worker_id)
                token = sessions.open_session(tx, "worker", worker_id)
            self.http.cookies.set("worker", token, domain="127.0.0.1")

    def get(self, path: str) -> Page:
        return Page(self.http.get(path))

    def send(self, page: Page, action: str, **fields: str) -> Page:
        """Fill in a form of the page, and post it."""
        return Page(self.http.post(action, data={**page.form(action), **fields}))

    def json(self, path: str) -> Any:
        return json.loads(self.http.get(path).text)

    def sign_in(self, email: str, password: str = PASSWORD, **fields: str) -> Page:
        page = self.get("/sign-in")
        return self.send(page, "/sign-in", email=email, password=password, **fields)


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def add_person(market: Any, email: str = "ann@example.org", **fields: Any) -> str:
    """A worker who can sign in; returns the id."""
    kept = passwords.hashed(PASSWORD)
    with market.engine.act() as tx:
        return people.sign_up(tx, email=email, name="Ann", password=kept, **fields)
