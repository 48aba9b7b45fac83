"""Runs that a dead worker left behind: nothing in Prefect ends them, so another worker does."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, WorkerFilter, WorkPoolFilter
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Crashed

NOT_STARTED = timedelta(seconds=30)
"""A run that was taken so long ago and has not started will not: starting takes a second or two."""

NOT_SAID = timedelta(minutes=5)
"""A run that goes on so long and does not say where was cut off before its worker could say it."""

UNREPORTED = 2
"""Looks in a row at which this process should run what it does not; one may come too early."""

SILENT = 4
"""Looks in a row at which Prefect takes a run's worker for offline. Prefect does so after 90
seconds without a sign, and of every worker after the server was away; a worker gives a sign each
30 seconds, which is two looks."""


def place(worker: str) -> str:
    """Where this process and this worker of it are, as their runs' `infrastructure_pid` says it."""
    return f"{_machine()}:{os.getpid()}:{worker}"


async def find_orphans(
    client: PrefectClient,
    pool: str,
    here: str,
    ours: Callable[[], Collection[UUID]],
    seen: dict[UUID, int],
) -> list[UUID]:
    """The pool's runs that no process runs any more.

    `here` is this worker's place, `ours` tells what is under way in it, and `seen` keeps, from one
    look to the next, how often in a row a run was doubtful. Processes of this machine are looked
    for. Of those of other machines, Prefect knows whether their worker still gives signs.
    """
    under_way = FlowRunFilter.model_validate({"state": {"type": {"any_": ["PENDING", "RUNNING"]}}})
    of_pool = WorkPoolFilter.model_validate({"name": {"any_": [pool]}})
    before = set(ours())
    found = await client.read_flow_runs(flow_run_filter=under_way, work_pool_filter=of_pool)
    known = before | set(ours())
    others = [run for run in found if run.id not in known]
    online = await _online(client, pool) if any(_place(run)[2] for run in others) else set()
    looks = {run.id: needed for run in others if (needed := _looks(run, here, online))}
    doubtful = {run_id: seen.get(run_id, 0) + 1 for run_id in looks}
    gone = {run_id for run_id, count in doubtful.items() if count >= looks[run_id]}
    seen.clear()
    seen |= doubtful
    return sorted(gone)


async def crash(client: PrefectClient, orphans: Iterable[UUID]) -> None:
    """Mark them Crashed, after which they are not found again."""
    for run_id in orphans:
        state: State[Any] = Crashed(message="Its worker was killed, or could not report its end.")
        await client.set_flow_run_state(run_id, state, force=True)


def _looks(run: FlowRun, here: str, online: Collection[str]) -> int | None:
    """How many doubtful looks in a row make this run, which this worker does not run, an orphan;
    none if this look is not doubtful."""
    if run.infrastructure_pid == here:
        return UNREPORTED
    host, pid, worker = _place(run)
    if host == _machine() and pid.isdecimal() and not _alive(int(pid)):
        return 1
    if (bound := _bound(run)) and run.state and datetime.now(UTC) - run.state.timestamp > bound:
        return 1
    return SILENT if worker and worker not in online else None


def _bound(run: FlowRun) -> timedelta | None:
    """How long it may stay in the state that it is in, if there is a bound."""
    if run.state and run.state.is_pending():
        return NOT_STARTED
    return None if run.infrastructure_pid else NOT_SAID


def _place(run: FlowRun) -> tuple[str, str, str]:
    """Machine, process and worker that took it; each empty if it does not say."""
    host, _, rest = (run.infrastructure_pid or "").partition(":")
    pid, _, worker = rest.partition(":")
    return host, pid, worker


async def _online(client: PrefectClient, pool: str) -> set[str]:
    alive = WorkerFilter.model_validate({"status": {"any_": ["ONLINE"]}})
    return {each.name for each in await client.read_workers_for_work_pool(pool, alive)}


@cache
def _machine() -> str:
    """This host, as it has been up since it was started, and its process numbers.

    A host's name alone would not do: containers that share their host's name each count their
    processes from 1, and two hosts may have one name. Where the kernel does not tell, as on macOS,
    it is the name.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()}/{boot[:8]}/{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return socket.gethostname()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
