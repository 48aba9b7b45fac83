"""Workers: their standing, and what follows from it."""

from __future__ import annotations

import asyncio

from prefect import task
from prefect.cache_policies import NO_CACHE

from hitline.acting import sanctioning
from hitline.standing import Standing
from hitline.wiring import wired


@task(cache_policy=NO_CACHE, task_run_name="judge · {stage}")
async def judge(pipeline: str, stage: str) -> list[Standing]:
    """Everybody's standing in a stage by now; steps that it calls for have been taken."""
    return await asyncio.to_thread(sanctioning.evaluate, wired(), pipeline, stage)
