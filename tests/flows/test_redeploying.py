"""Deploying everything anew, and what the server does by itself with what is deployed."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.states import Crashed, Scheduled

from tests.flows.conftest import deadline, deploy

pytestmark = pytest.mark.anyio


async def test_deploying_again_changes_nothing_but_ids(
    deployed: None, client: PrefectClient
) -> None:
    before = await everything_deployed(client)
    assert [name for name, _ in before["deployments"]] == [
        f"{name}/{name}"
        for name in (
            "aggregate",
            "close",
            "evaluate",
            "prune",
            "publish",
            "refit",
            "report",
            "repost",
            "sweep",
        )
    ]
    assert len(before["automations"]) == 6
    deploy()
    after = await everything_deployed(client)
    for kind, things in before.items():
        for was, is_now in zip(things, after[kind], strict=True):
            assert is_now == was


async def everything_deployed(client: PrefectClient) -> dict[str, list[Any]]:
    """Deployments and automations as the server shows them, without ids and times of change."""
    deployments = (await client.request("POST", "/deployments/filter", json={})).json()
    automations = (await client.request("POST", "/automations/filter", json={})).json()
    ours = [each for each in deployments if "hitline" in each["tags"]]
    names = {each["id"]: each["name"] for each in ours}
    return {
        "deployments": sorted((f"{n}/{n}", lasting(each)) for each in ours for n in [each["name"]]),
        "automations": sorted(
            [
                names[action["deployment_id"]],
                each["name"],
                json.dumps(lasting(each), sort_keys=True),
            ]
            for each in automations
            for action in each["actions"]
            if action.get("deployment_id") in names
        ),
    }


PASSING = {"id", "created", "updated", "last_polled", "status"}


def lasting(value: Any) -> Any:
    """Without ids and times, and without what depends on a worker's being there."""
    if isinstance(value, dict):
        return {
            name: lasting(each)
            for name, each in value.items()
            if name not in PASSING and not name.endswith("_id")
        }
    return [lasting(each) for each in value] if isinstance(value, list) else value


async def test_a_sweep_whose_worker_died_is_made_up_for_at_once(
    deployed: None, client: PrefectClient
) -> None:
    """As a worker marks what another one left behind; the schedule's next is up to a minute off."""
    sweep = await client.read_deployment_by_name("sweep/sweep")
    left = await client.create_flow_run_from_deployment(
        sweep.id, state=Scheduled(scheduled_time=datetime.now(UTC) + timedelta(days=1))
    )
    await client.set_flow_run_state(left.id, Crashed(message="Its worker was killed."), force=True)

    of_sweep = FlowRunFilter.model_validate({"deployment_id": {"any_": [str(sweep.id)]}})
    made_up: list[FlowRun] = []
    async with deadline():
        while not made_up:
            await asyncio.sleep(0.2)
            made_up = [
                run
                for run in await client.read_flow_runs(flow_run_filter=of_sweep, limit=200)
                if run.created_by is not None and run.created_by.type == "AUTOMATION"
            ]
    assert len(made_up) == 1
