"""Workers at once on the site: browsing, previewing, accepting, working, submitting.

Each has a session and a connection of their own, and does one thing every few seconds. Every
request of a thing is timed: a preview is the group's page and the frame in it, an acceptance the
post, the work page and its frame. Style sheets and scripts, which browsers keep, are left out.
"""

from __future__ import annotations

import asyncio
import html
import random
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from sqlalchemy import insert

from benchmarks import loading, service
from benchmarks.figures import latency
from marketplace.cli.opening import opened
from marketplace.engine import Engine
from marketplace.engine.sessions import open_session
from marketplace.store.schema import logins

GOAL_P95_MS = 300
PAGES = ("browse", "preview", "accept", "work", "frame", "history")
STARTED = 1.0  # share of a pause over which workers begin


@dataclass(kw_only=True)
class Counts:
    """What was measured; seconds by kind of request."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    actions: int = 0


class Problem(Exception):
    """A page was not what a worker expects."""


def measure(
    folder: Path, *, workers: int, hits: int, seconds: float, pause: float, server: str | None
) -> dict[str, Any]:
    """Let so many workers work for so many seconds, with a pause between one's actions."""
    place = folder / "site"
    place.mkdir()
    with service.database(place, "site", server) as database:
        service.add_requester(database, place)
        with opened(database) as engine:
            loading.load(engine, hits // 5)
            loaded = loading.load(engine, hits, worked_on=False)
            tokens = _sign_in(engine, workers)
        with service.marketplace(database, place) as running:
            counts = Counts()
            before, start = running.cpu(), time.perf_counter()
            asyncio.run(_all(running.url, tokens, loaded.groups, seconds, pause, counts))
            took = time.perf_counter() - start
            cpu = running.cpu() - before
    requests = sum(map(len, counts.seconds.values()))
    pages = [one for name in PAGES for one in counts.seconds[name]]
    return {
        "workers": workers,
        "hits": hits,
        "seconds": seconds,
        "pause": pause,
        "actions_per_second": round(counts.actions / took, 1),
        "requests_per_second": round(requests / took, 1),
        "service_cpu_share": round(cpu / took, 2),
        "service_cpu_ms_per_request": round(cpu / max(requests, 1) * 1000, 2),
        "goal_p95_ms": GOAL_P95_MS,
        "errors": len(counts.errors),
        "first_errors": counts.errors[:5],
        "pages": latency(pages),
        "submits": latency(counts.seconds["submit"]),
        "kinds": {name: latency(values) for name, values in counts.seconds.items()},
    }


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """For the table: all pages, all submits, then each kind of request."""
    kinds = {name: found["kinds"][name] for name in sorted(found["kinds"])}
    lines = {"all pages": found["pages"], "submits": found["submits"], **kinds}
    names = ("count", "p50", "p95", "p99", "max")
    return [
        {"request (ms)": kind, **{name: one.get(name, 0) for name in names}}
        for kind, one in lines.items()
        if kind != "submit"
    ]


def _sign_in(engine: Engine, workers: int) -> list[str]:
    """Sessions of workers who exist; nobody's password is hashed for it."""
    with engine.act() as tx:
        names = [loading.worker(number) for number in range(workers)]
        tx.connection.execute(
            insert(logins),
            [
                {
                    "worker_id": name,
                    "email": f"{name.lower()}@example.org",
                    "name": name,
                    "password": "none",
                    "adult": False,
                    "created_at": tx.wall,
                }
                for name in names
            ],
        )
        return [open_session(tx, "worker", name) for name in names]


async def _all(
    url: str,
    tokens: Sequence[str],
    groups: Sequence[str],
    seconds: float,
    pause: float,
    counts: Counts,
) -> None:
    until = time.perf_counter() + seconds
    await asyncio.gather(
        *(
            _Worker(url, token, groups, random.Random(number), counts).work(until, pause)
            for number, token in enumerate(tokens)
        )
    )


class _Worker:
    """One browser with one session."""

    def __init__(
        self,
        url: str,
        token: str,
        groups: Sequence[str],
        chance: random.Random,
        counts: Counts,
    ) -> None:
        limits = httpx.Limits(max_connections=2, max_keepalive_connections=2)
        self._client = httpx.AsyncClient(
            base_url=url, cookies={"worker": token}, limits=limits, timeout=60
        )
        self._groups = groups
        self._chance = chance
        self._counts = counts
        self._page = ""
        self._frame = httpx.URL("/")
        self._work = ""

    async def work(self, until: float, pause: float) -> None:
        """Go round the actions until the time is up, on a timetable that lateness does not move."""
        actions: Sequence[Callable[[], Awaitable[None]]] = (
            self._browse,
            self._preview,
            self._accept,
            self._submit,
            self._history,
        )
        due = time.perf_counter() + self._chance.uniform(0, STARTED * pause)
        turn = self._chance.randrange(len(actions))
        turn = turn if turn in (0, 1, 4) else 0  # one cannot begin with an acceptance
        async with self._client:
            while due < until:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                try:
                    await actions[turn]()
                    turn = (turn + 1) % len(actions)
                except (Problem, httpx.HTTPError) as error:
                    self._counts.errors.append(f"{actions[turn].__name__}: {error!r}")
                    turn = 0
                self._counts.actions += 1
                due += pause * self._chance.uniform(0.5, 1.5)

    async def _browse(self) -> None:
        await self._get("browse", "/hits")

    async def _preview(self) -> None:
        group = self._chance.choice(self._groups)
        self._page = (await self._get("preview", f"/groups/{group}")).text
        await self._get("frame", _found(r'<iframe[^>]* src="([^"]+)"', self._page))

    async def _accept(self) -> None:
        action = _found(r'action="(/groups/[^"]+/accept)"', self._page)
        form = {
            name: _found(rf'name="{name}" value="([^"]*)"', self._page)
            for name in ("form_token", "hit_id")
        }
        answer = await self._send("accept", "POST", action, form)
        self._work = answer.headers.get("location", "")
        page = (await self._get("work", self._work)).text
        way = await self._send("frame", "GET", _found(r'<iframe[^>]* src="([^"]+)"', page))
        self._frame = way.next_request.url if way.next_request else way.url
        await self._get("frame", str(self._frame))

    async def _submit(self) -> None:
        given = parse_qs(urlsplit(str(self._frame)).query).get("assignmentId", [""])[0]
        answers = {"assignmentId": given, "position": "yes", "why": "It says so. " * 5}
        address = f"{self._frame.path}/mturk/externalSubmit"
        await self._send("submit", "POST", address, answers)
        await self._get("state", f"{self._work}/state")
        await self._get("work", self._work)

    async def _history(self) -> None:
        await self._get("history", "/history")

    async def _get(self, kind: str, address: str) -> httpx.Response:
        return await self._send(kind, "GET", address)

    async def _send(
        self, kind: str, method: str, address: str, form: dict[str, str] | None = None
    ) -> httpx.Response:
        start = time.perf_counter()
        answer = await self._client.request(method, address, data=form)
        self._counts.seconds[kind].append(time.perf_counter() - start)
        if answer.is_error:
            raise Problem(f"{method} {address}: {answer.status_code}")
        return answer


def _found(pattern: str, page: str) -> str:
    match = re.search(pattern, page)
    if match is None:
        raise Problem(f"the page lacks {pattern}: {re.sub('<[^>]*>', '', page)[:200]!r}")
    return html.unescape(match[1])
