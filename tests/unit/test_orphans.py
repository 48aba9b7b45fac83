"""Which runs a worker takes for left behind by a killed one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.filters import WorkerFilter
from prefect.client.schemas.objects import FlowRun, State, StateType, Worker

from deployments.worker import InProcessWorker
from deployments.worker.orphans import crash, find_orphans, place
from hitline.errors import StoreAway


def run(state: StateType, where: str | None, age_seconds: float = 0.0) -> FlowRun:
    since = datetime.now(UTC) - timedelta(seconds=age_seconds)
    shown: State[Any] = State(type=state, timestamp=since)
    return FlowRun(id=uuid4(), flow_id=uuid4(), state=shown, infrastructure_pid=where)


def at(pid: int, worker: str = "w") -> str:
    """The place of a process of this machine."""
    return place(worker).replace(f":{os.getpid()}:", f":{pid}:")


@pytest.fixture(scope="module")
def dead() -> str:
    """The place of a process of this machine that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return at(ended.pid)


class Server:
    """What is asked of Prefect's API, and told it."""

    def __init__(self, *runs: FlowRun, online: Sequence[str] = ("w",)) -> None:
        self.runs = runs
        self.online = online
        self.crashed: list[UUID] = []

    async def read_flow_runs(self, **_: Any) -> list[FlowRun]:
        return list(self.runs)

    async def read_workers_for_work_pool(self, pool: str, asked: WorkerFilter) -> list[Worker]:
        assert asked.status is not None
        assert asked.status.any_ == ["ONLINE"]
        return [Worker(name=name, work_pool_id=uuid4()) for name in self.online]

    async def set_flow_run_state(self, run_id: UUID, state: State[Any], force: bool) -> None:
        assert (state.is_crashed(), force) == (True, True)
        self.crashed.append(run_id)


async def looks(server: Server, times: int, ours: Sequence[UUID] = ()) -> list[int]:
    """How many orphans are found, look after look."""
    seen: dict[UUID, int] = {}
    asked: Any = server
    return [
        len(await find_orphans(asked, "pool", place("w"), lambda: ours, seen)) for _ in range(times)
    ]


@pytest.mark.anyio
async def test_a_run_of_a_dead_process_of_this_machine_is_an_orphan(dead: str) -> None:
    assert await looks(Server(run(StateType.RUNNING, dead)), 1) == [1]


@pytest.mark.anyio
async def test_a_run_of_a_living_process_is_none() -> None:
    beside = run(StateType.RUNNING, at(os.getppid()), age_seconds=3600)
    assert await looks(Server(beside), 9) == [0] * 9


@pytest.mark.anyio
async def test_a_run_of_another_machine_is_none_while_its_worker_gives_signs() -> None:
    away = run(StateType.RUNNING, "elsewhere:1:w-2", age_seconds=3600)
    assert await looks(Server(away, online=["w", "w-2"]), 9) == [0] * 9


@pytest.mark.anyio
async def test_a_run_of_another_machine_whose_worker_is_silent_is_one_at_the_fourth_look() -> None:
    """After the server was away, everybody is silent until the next sign, each 30 seconds."""
    away = run(StateType.RUNNING, "elsewhere:1:w-2")
    assert await looks(Server(away), 4) == [0, 0, 0, 1]


@pytest.mark.anyio
async def test_a_worker_that_gives_a_sign_again_is_waited_for_anew() -> None:
    server: Any = Server(run(StateType.RUNNING, "elsewhere:1:w-2"))
    seen: dict[UUID, int] = {}
    for online in ((), (), (), ("w-2",), (), (), ()):
        server.online = online
        assert await find_orphans(server, "pool", place("w"), list, seen) == []


@pytest.mark.anyio
async def test_a_process_number_that_somebody_else_has_now_hides_no_orphan() -> None:
    taken = run(StateType.RUNNING, at(os.getppid(), "w-2"))
    assert await looks(Server(taken), 4) == [0, 0, 0, 1]


@pytest.mark.anyio
async def test_a_process_of_a_container_with_this_hosts_name_is_not_looked_for_here(
    dead: str,
) -> None:
    """Such containers share the host's name, and each counts its processes from 1."""
    machine, process = dead.split(":", 1)
    name, boot, numbers = machine.split("/")
    other = f"{name}/{boot}/{int(numbers) + 1}:{process}"
    assert name == socket.gethostname()
    assert await looks(Server(run(StateType.RUNNING, other)), 9) == [0] * 9


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("state", "age_seconds", "orphans"),
    [
        (StateType.PENDING, 5, 0),
        (StateType.PENDING, 60, 1),
        (StateType.RUNNING, 60, 0),
        (StateType.RUNNING, 360, 1),
    ],
)
async def test_a_run_that_does_not_say_where_it_is_is_one_after_a_while(
    state: StateType, age_seconds: float, orphans: int
) -> None:
    """Taken and not started for half a minute, or started and nowhere for five minutes."""
    assert await looks(Server(run(state, None, age_seconds)), 1) == [orphans]


@pytest.mark.anyio
async def test_a_run_of_this_process_that_it_does_not_run_is_one_at_the_second_look() -> None:
    """The server was away when its end was to be told. One look may just have come too early."""
    unreported, ours = run(StateType.RUNNING, place("w")), run(StateType.RUNNING, place("w"))
    assert await looks(Server(unreported, ours), 2, [ours.id]) == [0, 1]


@pytest.mark.anyio
async def test_orphans_are_marked_crashed(dead: str) -> None:
    orphan = run(StateType.RUNNING, dead)
    server: Any = Server(orphan)

    found = await find_orphans(server, "pool", place("w"), list, {})
    assert (found, server.crashed) == ([orphan.id], [])
    await crash(server, found)
    assert server.crashed == [orphan.id]


@pytest.mark.anyio
async def test_what_ended_between_two_looks_is_none() -> None:
    ending = run(StateType.RUNNING, place("w"))
    server: Any = Server(ending)
    seen: dict[UUID, int] = {}
    for runs in ((ending,), (), (ending,)):
        server.runs = runs
        assert await find_orphans(server, "pool", place("w"), list, seen) == []


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
