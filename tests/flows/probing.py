"""A flow of the test's own, deployed to a pool that a worker of this process serves."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import anyio
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun

from deployments.worker import InProcessWorker, Over


@asynccontextmanager
async def working(pool: str, over: Over | None = None) -> AsyncIterator[str]:
    worker = InProcessWorker(work_pool_name=pool, limit=16, over=over)
    task = asyncio.create_task(worker.start())
    await until(lambda: worker.is_setup)
    yield pool
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """What the condition, sync or async, returns once that is true."""
    with anyio.fail_after(seconds):
        while True:
            value = condition()
            if inspect.isawaitable(value):
                value = await value
            if value:
                return value
            await anyio.sleep(0.1)


async def deploy(client: PrefectClient, pool: str, entrypoint: str) -> UUID:
    flow_id = await client.create_flow_from_name(f"flow-{uuid4().hex[:8]}")
    return await client.create_deployment(
        flow_id=flow_id, name="probe", work_pool_name=pool, entrypoint=entrypoint
    )


async def ended(client: PrefectClient, run_id: UUID) -> FlowRun:
    async def final() -> FlowRun | None:
        run = await client.read_flow_run(run_id)
        return run if run.state and run.state.is_final() else None

    run: FlowRun = await until(final)
    return run


async def started(client: PrefectClient, deployment: UUID, **parameters: Any) -> UUID:
    run = await client.create_flow_run_from_deployment(deployment, parameters=parameters)
    return run.id


def verdict(run: FlowRun) -> tuple[str, str]:
    assert run.state is not None
    return run.state.name, run.state.message or ""
