"""Several hosts behind a TLS proxy; one is cut off in the middle of its work, and comes back."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from deployments.chaos.audit import Audit, audit
from deployments.chaos.books import Books
from deployments.local import Ports
from deployments.stack import Part, Stack, parts, says
from hitline.store import Store
from tests.chaos import datahost
from tests.chaos.balancer import Balancer
from tests.chaos.cluster import FILES, Cluster, Site, bring_up
from tests.chaos.hosts import Hosts, NoHosts
from tests.chaos.relaying import answers, ask, is_done, wait

pytestmark = pytest.mark.slow

KEYS = [f"relay-{number:02}" for number in range(1, 25)]
AT_SUBMISSIONS = 6
"""How many answers there are when a host is cut off."""
PATIENCE = 400.0
FREED_SECONDS = 60.0
"""Until the locks of a host that is gone are free: the half minute of hitline/store/engines.py,
and some for a busy machine. A session that only pauses keeps them for 90 seconds."""
HOLD = """
import sys, time
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from hitline.store import open_store
with open_store(sys.argv[1]).writing() as connection:
    connection.execute(text("LOCK TABLE items IN ACCESS EXCLUSIVE MODE"))
    print("holds", flush=True)
    time.sleep(3600)
"""


@pytest.fixture(scope="module")
def hosts(require: Callable[[bool, str], None]) -> Iterator[Hosts]:
    for needed in ("caddy", "redis-server", "setpriv", "unshare"):
        require(shutil.which(needed) is not None, f"{needed}, for hosts of their own")
    require(datahost.programs() is not None, "PostgreSQL's own programs, for a host of its own")
    with ExitStack() as made:
        try:
            yield made.enter_context(Hosts(datahost.NAME, "one", "two"))
        except NoHosts as refused:
            require(False, f"network namespaces: {refused}")


@pytest.fixture(scope="module")
def cluster(
    hosts: Hosts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stack, Cluster]]:
    root = tmp_path_factory.mktemp("hosts")
    ports = Ports.free()
    door = f"https://{hosts.here}:{ports.prefect}"
    with ExitStack() as up:
        stack = up.enter_context(Stack(root / "log", gives_up=False))
        databases = up.enter_context(datahost.keeping(stack, hosts))
        for port in (ports.marketplace, ports.queues):
            up.enter_context(Balancer(port, [port], host=hosts.here))
        stack.start(_proxy(hosts, root, door))
        site = Site(
            databases=databases,
            redis=f"redis://{hosts.address(datahost.NAME)}:6379",
            ports=ports,
            apis=(f"{hosts.address('one')}:4200", f"{hosts.address('two')}:4200"),
            door=door,
            face=hosts.here,
            more={
                "PREFECT_API_SSL_CERT_FILE": str(root / "caddy/pki/authorities/local/root.crt"),
                # Prefect takes a worker for gone after three of them.
                "PREFECT_WORKER_HEARTBEAT_SECONDS": "10",
            },
            place=lambda part: _placed(hosts, root, part),
        )
        yield stack, bring_up(stack, root, site)


@pytest.fixture(scope="module")
def cut_off(cluster: tuple[Stack, Cluster], hosts: Hosts) -> dict[str, Any]:
    """What was seen, in order: a host was unplugged while a process of it held a lock that
    everybody needs and its worker had a run under way; that run was given up; the host came
    back; everything was done."""
    stack, up = cluster
    hitline, books = up.local.hitline(), Books(up.local.market_db)
    ask(hitline, up.local.path.destination, KEYS)
    stack.start(up.crowd())
    deadline = time.monotonic() + PATIENCE
    wait(stack, deadline, lambda: answers(books) >= AT_SUBMISSIONS)
    holder = (sys.executable, "-c", HOLD, up.local.env["HITLINE_DATABASE_URL"])
    environment = dict(up.local.env)
    held = Part(name="holder", command=holder, env=environment, cwd=parts.ROOT, ready=says("holds"))
    stack.start(hosts.on("one", held))
    wait(stack, deadline, lambda: bool(_under_way(up, "one")))
    hosts.unplug("one")
    caught = {run["id"] for run in _asked(stack, deadline, lambda: _under_way(up, "one"))}
    began = time.monotonic()
    wait(stack, deadline, lambda: _is_free(hitline.store))
    freed = time.monotonic() - began
    wait(stack, deadline, lambda: _under_way(up, "one") == [], every=1.0)
    runs = _asked(stack, deadline, lambda: _runs(up))
    states = {run["state_type"] for run in runs if run["id"] in caught}
    stack.end("holder")
    hosts.plug_in("one")
    wait(stack, deadline, lambda: is_done(hitline), every=1.0)
    stack.end("crowd")
    found = audit(hitline, books, {"relay": KEYS}, {}, {})
    books.close()
    wait(stack, deadline, lambda: _under_way(up, "") == [], every=1.0)
    return {"freed": freed, "caught": caught, "states": states, "audit": found}


def test_what_a_host_that_is_gone_had_locked_is_free_within_a_minute(
    cut_off: dict[str, Any],
) -> None:
    """It says no goodbye, and the kernel would wait for it for two hours."""
    assert cut_off["freed"] < FREED_SECONDS


def test_its_runs_are_marked_crashed_by_a_worker_of_another_host(cut_off: dict[str, Any]) -> None:
    assert cut_off["caught"]
    assert cut_off["states"] == {"CRASHED"}


def test_nothing_is_lost_doubled_or_unpaid_though_it_comes_back_in_the_middle(
    cut_off: dict[str, Any],
) -> None:
    found: Audit = cut_off["audit"]
    assert found.items >= len(KEYS)
    assert found.is_clean, "\n".join(found.found)


def test_the_api_is_reached_through_the_proxy_with_the_password_only(
    cluster: tuple[Stack, Cluster],
) -> None:
    _, up = cluster
    assert up.api.startswith("https://")
    assert up.ask("/flow_runs/count").status_code == 200
    assert up.ask("/flow_runs/count", password="hitline:guessed").status_code == 401


def _asked(
    stack: Stack, deadline: float, ask: Callable[[], list[dict[str, Any]] | None]
) -> list[dict[str, Any]]:
    """The first answer."""
    answers: list[list[dict[str, Any]]] = []

    def answered() -> bool:
        answers.extend([answer] if (answer := ask()) is not None else [])
        return bool(answers)

    wait(stack, deadline, answered)
    return answers[0]


def _runs(up: Cluster) -> list[dict[str, Any]] | None:
    """All runs; None while the API does not answer, as when the proxy still tries a host that is
    gone."""
    try:
        asked = up.ask("/flow_runs/filter", {"sort": "START_TIME_DESC"})
    except httpx.TransportError:
        return None
    return list(asked.json()) if asked.is_success else None


def _under_way(up: Cluster, host: str) -> list[dict[str, Any]] | None:
    """The runs that are under way on this host; on any, without one. None if nobody knows."""
    runs = _runs(up)
    return runs and [
        run
        for run in runs
        if run["state_type"] == "RUNNING" and (run["infrastructure_pid"] or "").startswith(host)
    ]


def _is_free(store: Store) -> bool:
    with store.writing() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
        try:
            connection.execute(text("LOCK TABLE items IN ACCESS SHARE MODE"))
        except OperationalError:
            connection.rollback()
            return False
        return True


def _placed(hosts: Hosts, root: Path, part: Part) -> Part:
    """Everything numbered 2 on host two, the rest on host one; started again as compose does."""
    name = "two" if part.name.endswith("2") else "one"
    env = {
        **part.env,
        "PREFECT_HOME": str(root / name),
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(root / name / "ui"),
    }
    lasting = part.name not in ("migrate", "deploy")
    return hosts.on(name, replace(part, env=env, restart=lasting))


def _proxy(hosts: Hosts, root: Path, door: str) -> Part:
    """The Caddyfile as it stands, but for addresses, and without touching this machine."""
    caddyfile = (FILES / "Caddyfile").read_text()
    for given, ours in (
        ("prefect.example {", f"{door} {{"),
        ("prefect-api-1:4200", f"{hosts.address('one')}:4200"),
        ("prefect-api-2:4200", f"{hosts.address('two')}:4200"),
    ):
        assert given in caddyfile, given
        caddyfile = caddyfile.replace(given, ours)
    alone = "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n"
    (root / "Caddyfile").write_text(alone + caddyfile)
    return Part(
        name="proxy",
        command=("caddy", "run", "--adapter", "caddyfile", "--config", str(root / "Caddyfile")),
        env={"XDG_DATA_HOME": str(root), "XDG_CONFIG_HOME": str(root)},
        ready=says("serving initial configuration"),
    )
