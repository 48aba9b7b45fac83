"""The in-process worker, on a real Prefect server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import anyio
import httpx
import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.events import DeploymentEventTrigger
from prefect.settings import PREFECT_API_URL
from prefect.states import Cancelling

import deployments.worker
from deployments.worker import InProcessWorker
from tests.flows.probing import deploy, ended, started, until, verdict, working

pytestmark = pytest.mark.anyio

FLOWS = """
import asyncio
from pathlib import Path
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

@flow
async def greet(who: str, times: int = 2, to: str = "greeting") -> None:
    Path(__file__).with_name(to).write_text(f"hello {who} " * times)

@flow
async def fail() -> None:
    raise ValueError("no such HIT")

@flow
async def leave() -> None:
    raise SystemExit(3)

@flow
async def linger() -> None:
    Path(__file__).with_name("started").touch()
    while not Path(__file__).with_name("go").exists():
        await asyncio.sleep(0.02)

@flow
async def locate() -> None:
    async with get_client() as client:
        run = await client.read_flow_run(flow_run.get_id())
    Path(__file__).with_name("place").write_text(str(run.infrastructure_pid))

@flow
def sync() -> None:
    pass
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    path = tmp_path / "probe.py"
    path.write_text(FLOWS)
    return path


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[PrefectClient]:
    async with get_client() as client:
        yield client


@pytest.fixture(scope="module")
async def worked(client: PrefectClient) -> AsyncIterator[str]:
    """The name of a pool that a worker serves during all of these tests."""
    async with working("served") as pool:
        yield pool


async def test_an_event_starts_a_run_that_the_worker_completes(
    client: PrefectClient, worked: str, code: Path
) -> None:
    """Posted event, real automation, typed parameter from the payload, flow run, effect."""
    deployment = await deploy(client, worked, f"{code}:greet")
    event = f"probe.{uuid4().hex}"
    as_json = {"__prefect_kind": "jinja", "template": "{{ event.payload.times | tojson }}"}
    trigger = DeploymentEventTrigger(
        name=event,
        expect={event},
        parameters={
            "who": "{{ event.payload.who }}",
            "times": {"__prefect_kind": "json", "value": as_json},
        },
    )
    trigger.set_deployment_id(deployment)
    await client.create_automation(trigger.as_automation())
    runs = FlowRunFilter.model_validate({"deployment_id": {"any_": [str(deployment)]}})

    async def fired() -> list[FlowRun]:
        await post_event(event, {"who": "turker", "times": 3})  # again: triggers load lazily
        return await client.read_flow_runs(flow_run_filter=runs)

    first = (await until(fired))[0]
    assert verdict(await ended(client, first.id)) == ("Completed", "")
    assert code.with_name("greeting").read_text() == "hello turker " * 3


async def post_event(name: str, payload: dict[str, Any]) -> None:
    body = {
        "id": str(uuid4()),
        "event": name,
        "occurred": datetime.now(UTC).isoformat(),
        "resource": {"prefect.resource.id": "probe"},
        "payload": payload,
    }
    async with httpx.AsyncClient() as http:
        (await http.post(f"{PREFECT_API_URL.value()}/events", json=[body])).raise_for_status()


async def test_defaults_of_the_flow_apply(client: PrefectClient, worked: str, code: Path) -> None:
    """A parameter that the run does not set has the value of the flow's signature."""
    deployment = await deploy(client, worked, f"{code}:greet")
    await ended(client, await started(client, deployment, who="you", to="note"))
    assert code.with_name("note").read_text() == "hello you hello you "


async def test_a_run_that_goes_wrong_says_so_and_leaves_the_others_alone(
    client: PrefectClient, worked: str, code: Path
) -> None:
    """Failed or Crashed with the reason; a run beside them, and one after them, complete."""
    code.with_name("broken.py").write_text("def greet(:\n")
    code.with_name("quits.py").write_text("raise SystemExit(1)\n")
    wrong = {
        "probe.py:fail": ("Failed", "ValueError: no such HIT"),
        "probe.py:leave": ("Crashed", "system exit"),
        "nowhere.py:greet": ("Crashed", "nowhere.py"),
        "broken.py:greet": ("Crashed", "SyntaxError"),
        "quits.py:greet": ("Crashed", "exits while it is imported"),
        "probe.py:sync": ("Crashed", "not a plain async flow"),
    }
    greet = await deploy(client, worked, f"{code}:greet")
    runs = {
        entrypoint: await started(
            client, await deploy(client, worked, f"{code.parent}/{entrypoint}")
        )
        for entrypoint in wrong
    }
    beside = await started(client, greet, who="you")
    for entrypoint, (state, message) in wrong.items():
        seen = verdict(await ended(client, runs[entrypoint]))
        assert (seen[0], message in seen[1]) == (state, True), (entrypoint, seen)
    after = await started(client, greet, who="you")
    assert verdict(await ended(client, beside)) == ("Completed", "")
    assert verdict(await ended(client, after)) == ("Completed", "")


async def test_a_run_says_where_it_is_before_it_does_anything(
    client: PrefectClient, worked: str, code: Path
) -> None:
    """Should its process die, another worker knows at once whose it was."""
    deployment = await deploy(client, worked, f"{code}:locate")
    run = await ended(client, await started(client, deployment))
    assert verdict(run) == ("Completed", "")
    machine, pid, _ = code.with_name("place").read_text().split(":")
    assert (machine.split("/")[0], pid) == (socket.gethostname(), str(os.getpid()))


async def test_a_cancelled_run_is_stopped(
    client: PrefectClient, worked: str, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelling while it runs ends it as Cancelled, never by way of a crash."""
    monkeypatch.setattr(deployments.worker, "CANCELLATION_SECONDS", 0.0)
    run = await lingering(client, worked, code)
    await client.set_flow_run_state(run, Cancelling())
    assert verdict(await ended(client, run)) == ("Cancelled", "Cancelled while it ran.")
    states = await client.read_flow_run_states(run)
    assert "Crashed" not in [state.name for state in states]


async def test_what_outlasts_the_grace_is_marked_crashed(
    client: PrefectClient, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that stops leaves no run Running, and gives back what the run held."""
    monkeypatch.setattr(deployments.worker, "GRACE_SECONDS", 0.0)
    told: list[str] = []

    async def over(run_ids: list[str]) -> None:
        told.extend(run_ids)

    async with working("short-lived", over=over) as pool:
        run = await lingering(client, pool, code)
    assert verdict(await client.read_flow_run(run))[0] == "Crashed"
    assert told == [str(run)]


async def test_a_terminated_process_lets_its_runs_finish(client: PrefectClient, code: Path) -> None:
    """SIGTERM: no more runs are taken, the one in flight completes, the exit status is 0."""
    pool = "process"
    process = subprocess.Popen(
        [sys.executable, "-m", "deployments.worker", "--pool", pool],
        env=os.environ | {"PREFECT_API_URL": str(PREFECT_API_URL.value())},
    )
    try:
        await until(lambda: pool_exists(client, pool))
        run = await lingering(client, pool, code)
        process.send_signal(signal.SIGTERM)
        code.with_name("go").touch()
        assert await anyio.to_thread.run_sync(lambda: process.wait(30)) == 0
    finally:
        process.kill()
    assert verdict(await client.read_flow_run(run))[0] == "Completed"


async def lingering(client: PrefectClient, pool: str, code: Path) -> UUID:
    """A run that has started, and goes on until it finds the file "go"."""
    run = await started(client, await deploy(client, pool, f"{code}:linger"))
    await until(code.with_name("started").exists)
    return run


async def pool_exists(client: PrefectClient, pool: str) -> bool:
    return pool in [each.name for each in await client.read_work_pools()]


async def test_prefect_finds_the_worker_by_its_type() -> None:
    """`prefect worker start --type hitline-inprocess` works where hitline is installed."""
    assert InProcessWorker.get_worker_class_from_type("hitline-inprocess") is InProcessWorker
