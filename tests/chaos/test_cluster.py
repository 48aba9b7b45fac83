"""Two of everything on PostgreSQL and Redis; one of each is killed, and nothing is missing."""

from __future__ import annotations

import base64
import os
import signal
import time
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest
import redis

from deployments.chaos.audit import Audit, audit
from deployments.chaos.books import Books
from deployments.chaos.databases import choose
from deployments.local import Databases, Ports
from deployments.stack import Stack, free_port, parts
from deployments.stack.part import LOOPBACK
from tests.chaos.balancer import Balancer
from tests.chaos.cluster import MESSAGES, SCHEDULE, Cluster, Site, bring_up
from tests.chaos.relaying import answers, ask, is_done, wait
from tests.contracts.store.conftest import SERVER

pytestmark = pytest.mark.slow

REDIS = "redis://127.0.0.1:6379"

KEYS = [f"relay-{number:02}" for number in range(1, 25)]
KILLED = ("worker-1", "prefect-services-1", "intake-1", "prefect-api-1")
AT_SUBMISSIONS = (3, 8, 14, 20)
"""How many answers there are when each of them is killed."""
PATIENCE = 300.0


@pytest.fixture(scope="module")
def cluster(
    require: Callable[[bool, str], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stack, Cluster]]:
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=5).close()
    except psycopg.OperationalError as missing:
        require(False, f"a PostgreSQL server at {SERVER} (TEST_POSTGRESQL): {missing}")
    try:
        _flush()
    except redis.ConnectionError as missing:
        require(False, f"a Redis server at {REDIS}: {missing}")
    root = tmp_path_factory.mktemp("cluster")
    made = choose(root, "postgresql", SERVER)
    databases = Databases(
        hitline=made.url("hitline"),
        marketplace=made.url("marketplace"),
        prefect=made.prefect_url,
    )
    ports, apis = Ports.free(), (free_port(), free_port())
    first, second = (f"{LOOPBACK}:{port}" for port in apis)
    site = Site(
        databases=databases,
        redis=REDIS,
        ports=ports,
        apis=(first, second),
        door=parts.url(ports.prefect),
    )
    try:
        made.make()
        with Balancer(ports.prefect, apis), Stack(root / "log") as stack:
            yield stack, bring_up(stack, root, site)
    finally:
        made.drop()
        _flush()


@pytest.fixture(scope="module")
def finished(cluster: tuple[Stack, Cluster]) -> Audit:
    """The audit after a crowd has done its work, one of each was killed for good, and everything
    was deployed again in between."""
    stack, up = cluster
    hitline, books = up.local.hitline(), Books(up.local.market_db)
    ask(hitline, up.local.path.destination, KEYS)
    stack.start(up.crowd())
    deadline = time.monotonic() + PATIENCE
    for name, enough in zip(KILLED, AT_SUBMISSIONS, strict=True):
        wait(stack, deadline, lambda enough=enough: answers(books) >= enough)  # type: ignore[misc]
        os.killpg(stack.pid(name), signal.SIGKILL)
        stack.end(name)  # it is gone; nobody starts it again
        if name == KILLED[0]:
            stack.run(up.deployment())
    wait(stack, deadline, lambda: is_done(hitline), every=1.0)
    stack.end("crowd")
    result = audit(hitline, books, {"relay": KEYS}, {}, {})
    books.close()
    return result


def test_without_the_password_the_api_answers_nobody(cluster: tuple[Stack, Cluster]) -> None:
    _, up = cluster
    assert [httpx.get(f"{up.api}/health").status_code for _ in up.site.apis] == [200, 200]
    asked = httpx.post(f"{up.api}/flow_runs/filter", json={})
    assert (asked.status_code, asked.json()) == (401, {"exception_message": "Unauthorized"})
    wrong = httpx.post(f"{up.api}/flow_runs/filter", json={}, auth=("hitline", "guessed"))
    assert wrong.status_code == 401
    event = httpx.post(f"{up.api}/events", json=[])
    assert event.status_code == 401
    assert up.ask("/flow_runs/filter").status_code == 200


def test_the_page_of_the_ui_asks_for_the_password(cluster: tuple[Stack, Cluster]) -> None:
    """The page itself holds no data; all that it shows comes from the API."""
    _, up = cluster
    settings = httpx.get(f"{up.local.prefect_ui}/ui-settings").json()
    assert (settings["auth"], settings["api_url"]) == ("BASIC", up.api)


def test_nothing_is_lost_doubled_or_unpaid_when_one_of_each_is_killed(finished: Audit) -> None:
    assert finished.items >= len(KEYS)
    assert finished.is_clean, "\n".join(finished.found)


def test_no_secret_is_in_logs_artifacts_or_parameters(
    cluster: tuple[Stack, Cluster], finished: Audit
) -> None:
    stack, up = cluster
    shown = [up.ask("/artifacts/filter").text, up.ask("/flow_runs/filter").text]
    shown += [up.ask("/logs/filter").text, up.ask("/deployments/filter").text]
    assert "hitline" in shown[1]
    for secret in up.secrets:
        coded = base64.b64encode(secret.encode()).decode()
        assert not [text for text in shown if secret in text or coded in text]
        for log in stack.log_dir.iterdir():
            assert secret not in log.read_text(errors="replace"), log.name


def test_who_is_told_to_stop_stops_in_good_order(
    cluster: tuple[Stack, Cluster], finished: Audit
) -> None:
    """As systemd and compose do it: SIGTERM, and the grace of the files is enough."""
    stack, up = cluster
    pids = {name: stack.pid(name) for name in ("worker-2", "intake-2")}
    for name, pid in pids.items():
        os.kill(pid, signal.SIGTERM)
        began = time.monotonic()
        stack.end(name)
        assert time.monotonic() - began < 10, name
    assert (stack.log_dir / "worker-2.log").read_text().splitlines()[-1].endswith(" stopped")
    running = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}}
    assert up.ask("/flow_runs/filter", running).json() == []


def _flush() -> None:
    for number in (MESSAGES, SCHEDULE):
        with redis.Redis.from_url(f"{REDIS}/{number}", socket_connect_timeout=5) as client:
            client.flushdb()
