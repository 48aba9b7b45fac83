"""Overdue runs: what a schedule left behind while no worker was there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.sorting import FlowRunSort
from prefect.runtime import deployment, flow_run
from prefect.states import Completed

SKIPPED = "Skipped"
"""The name of the state in which an overtaken run ends."""


async def overtaken() -> State[Any] | None:
    """How the current run ends at once, if another run of its deployment does its work.

    That is one which began after this one was due and is done, or which was due later and goes on:
    of all that a night without workers has left, the last works, and the others only say so.
    """
    run_id, deployment_id = flow_run.get_id(), deployment.get_id()
    if run_id is None or deployment_id is None:
        return None
    due = flow_run.get_scheduled_start_time()
    since = FlowRunFilter.model_validate(
        {
            "deployment_id": {"any_": [deployment_id]},
            "state": {"type": {"any_": ["RUNNING", "COMPLETED"]}},
            "start_time": {"after_": due},
        }
    )
    async with get_client() as client:
        begun = await client.read_flow_runs(flow_run_filter=since, sort=FlowRunSort.START_TIME_DESC)
    if any(_stands_in(other, due, UUID(run_id)) for other in begun):
        return Completed(name=SKIPPED, message="A later run of this deployment does its work.")
    return None


def _stands_in(other: FlowRun, due: datetime, run_id: UUID) -> bool:
    if other.state is None or other.expected_start_time is None:
        return False
    if other.state.is_completed():
        return other.state.name != SKIPPED
    return (other.expected_start_time, other.id) > (due, run_id)
