"""Runs that a killed worker left behind: nothing in Prefect ends them, so the next worker does."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, WorkPoolFilter
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Crashed

NOT_STARTED = timedelta(seconds=30)
"""A run that was taken so long ago and has not started will not: starting takes a second or two."""


def place() -> str:
    """Where this process is, as its runs' `infrastructure_pid` says it."""
    return f"{socket.gethostname()}:{os.getpid()}"


async def find_orphans(
    client: PrefectClient, pool: str, ours: Callable[[], Collection[UUID]], lost: set[UUID]
) -> list[UUID]:
    """The pool's runs that no process runs any more.

    `ours` tells what is under way here, `lost` keeps, from one look to the next, what should be
    and is not: its end could not be reported. Only processes of this machine can be looked for; a
    run on another is left alone unless it never started.
    """
    under_way = FlowRunFilter.model_validate({"state": {"type": {"any_": ["PENDING", "RUNNING"]}}})
    of_pool = WorkPoolFilter.model_validate({"name": {"any_": [pool]}})
    before = set(ours())
    found = await client.read_flow_runs(flow_run_filter=under_way, work_pool_filter=of_pool)
    known = before | set(ours())
    missing = {run.id for run in found if run.id not in known and run.infrastructure_pid == place()}
    gone = {run.id for run in found if run.id not in known and _is_orphan(run)} | (missing & lost)
    lost.clear()
    lost |= missing - gone
    return sorted(gone)


async def crash(client: PrefectClient, orphans: Iterable[UUID]) -> None:
    """Mark them Crashed, after which they are not found again."""
    for run_id in orphans:
        state: State[Any] = Crashed(message="Its worker was killed, or could not report its end.")
        await client.set_flow_run_state(run_id, state, force=True)


def _is_orphan(run: FlowRun) -> bool:
    host, _, pid = (run.infrastructure_pid or "").rpartition(":")
    if host == socket.gethostname() and pid.isdecimal():
        return not _alive(int(pid))
    since = run.state.timestamp if run.state else run.expected_start_time
    if run.state is None or not run.state.is_pending() or since is None:
        return False
    return datetime.now(UTC) - since > NOT_STARTED


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
