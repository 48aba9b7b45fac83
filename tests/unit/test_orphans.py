"""Which runs a worker takes for left behind by a killed one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State, StateType

from deployments.worker import InProcessWorker
from deployments.worker.orphans import _is_orphan, crash, find_orphans, place
from hitline.errors import StoreAway


def run(state: StateType, where: str | None, age_seconds: float = 0.0) -> FlowRun:
    since = datetime.now(UTC) - timedelta(seconds=age_seconds)
    shown: State[Any] = State(type=state, timestamp=since)
    return FlowRun(id=uuid4(), flow_id=uuid4(), state=shown, infrastructure_pid=where)


@pytest.fixture(scope="module")
def dead() -> str:
    """The place of a process of this machine that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return f"{socket.gethostname()}:{ended.pid}"


def test_a_run_of_a_dead_process_of_this_machine_is_an_orphan(dead: str) -> None:
    assert _is_orphan(run(StateType.RUNNING, dead))


def test_a_run_of_a_living_process_is_none() -> None:
    assert place() == f"{socket.gethostname()}:{os.getpid()}"
    assert not _is_orphan(run(StateType.RUNNING, place(), age_seconds=3600))


def test_a_running_run_of_another_machine_is_left_alone() -> None:
    assert not _is_orphan(run(StateType.RUNNING, "elsewhere:1", age_seconds=3600))


@pytest.mark.parametrize(("age_seconds", "orphan"), [(5, False), (60, True)])
def test_a_run_that_was_taken_and_never_started_is_one_after_half_a_minute(
    age_seconds: float, orphan: bool
) -> None:
    assert _is_orphan(run(StateType.PENDING, None, age_seconds)) is orphan


class Server:
    """What is asked of Prefect's API, and told it."""

    def __init__(self, *runs: FlowRun) -> None:
        self.runs = runs
        self.crashed: list[UUID] = []

    async def read_flow_runs(self, **_: Any) -> list[FlowRun]:
        return list(self.runs)

    async def set_flow_run_state(self, run_id: UUID, state: State[Any], force: bool) -> None:
        assert (state.is_crashed(), force) == (True, True)
        self.crashed.append(run_id)


@pytest.mark.anyio
async def test_a_run_of_this_process_that_it_does_not_run_is_one_at_the_second_look() -> None:
    """The server was away when its end was to be told. One look may just have come too early."""
    unreported, under_way = run(StateType.RUNNING, place()), run(StateType.RUNNING, place())
    server: Any = Server(unreported, under_way)
    lost: set[UUID] = set()

    assert await find_orphans(server, "pool", lambda: {under_way.id}, lost) == []
    assert await find_orphans(server, "pool", lambda: {under_way.id}, lost) == [unreported.id]


@pytest.mark.anyio
async def test_orphans_are_marked_crashed(dead: str) -> None:
    orphan = run(StateType.RUNNING, dead)
    server: Any = Server(orphan)

    found = await find_orphans(server, "pool", lambda: [], set())
    assert (found, server.crashed) == ([orphan.id], [])
    await crash(server, found)
    assert server.crashed == [orphan.id]


@pytest.mark.anyio
async def test_what_ended_between_two_looks_is_none() -> None:
    ending = run(StateType.RUNNING, place())
    server: Any = Server(ending)
    lost: set[UUID] = set()
    await find_orphans(server, "pool", lambda: [], lost)
    server.runs = ()
    await find_orphans(server, "pool", lambda: [], lost)
    server.runs = (ending,)

    assert await find_orphans(server, "pool", lambda: [], lost) == []


@pytest.mark.anyio
async def test_what_an_orphan_held_is_free_before_it_is_marked(
    dead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who marks it may die in between; while nobody can be told, such as the database, it waits."""
    orphan = run(StateType.RUNNING, dead)
    server: Any = Server(orphan)
    told: list[tuple[str, int]] = []
    away = [StoreAway("the database is away")]

    async def over(run_ids: list[str]) -> None:
        told.extend((run_id, len(server.crashed)) for run_id in run_ids)
        if away:
            raise away.pop()

    worker = InProcessWorker(work_pool_name="pool", over=over)
    monkeypatch.setattr(worker, "_client", server)
    await worker._end_orphans()
    assert server.crashed == []
    await worker._end_orphans()
    assert server.crashed == [orphan.id]
    assert told == [(str(orphan.id), 0), (str(orphan.id), 0)]
