"""What a schedule left while no worker was there is worked off once, on a real Prefect server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.states import Scheduled

from deployments.worker import InProcessWorker
from tests.flows.probing import deploy, ended, verdict, working

pytestmark = pytest.mark.anyio

FLOW = """
from pathlib import Path
from prefect import flow
from tasks.overdue import overtaken

@flow
async def tidy():
    if (skipped := await overtaken()) is not None:
        return skipped
    with Path(__file__).with_name("tidied").open("a") as file:
        file.write("x")
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    path = tmp_path / "probe.py"
    path.write_text(FLOW)
    return path


async def tidying(client: PrefectClient, pool: str, code: Path) -> UUID:
    """The deployment of the flow, to a pool of its own."""
    await client.create_work_pool(WorkPoolCreate(name=pool, type=InProcessWorker.type))
    return await deploy(client, pool, f"{code}:tidy")


async def due(client: PrefectClient, deployment: UUID, minutes: int) -> UUID:
    """A run that was due so many minutes ago."""
    state = Scheduled(scheduled_time=datetime.now(UTC) - timedelta(minutes=minutes))
    run = await client.create_flow_run_from_deployment(deployment, state=state)
    return run.id


async def test_of_what_piled_up_one_run_works_and_the_others_say_so(
    client: PrefectClient, code: Path
) -> None:
    deployment = await tidying(client, "late", code)
    runs = [await due(client, deployment, minutes) for minutes in range(40, 0, -1)]
    async with working("late"):
        done = [await ended(client, run) for run in runs]
    names = [verdict(run)[0] for run in done]
    tidied = code.with_name("tidied").read_text()
    assert names.count("Completed") == len(tidied)
    assert names.count("Skipped") == 40 - len(tidied)
    # At most one of each handful that the worker had taken before the first was done.
    assert 1 <= len(tidied) <= 3


async def test_a_run_that_is_on_time_works_however_many_did_before(
    client: PrefectClient, code: Path
) -> None:
    deployment = await tidying(client, "timely", code)
    async with working("timely"):
        done: list[FlowRun] = []
        for _ in range(2):
            run = await client.create_flow_run_from_deployment(deployment)
            done.append(await ended(client, run.id))
    assert [verdict(run) for run in done] == [("Completed", "")] * 2
    assert code.with_name("tidied").read_text() == "xx"
