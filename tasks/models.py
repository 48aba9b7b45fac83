"""Models: what is believed of a stage's workers, fitted anew over all answers."""

from __future__ import annotations

import asyncio

from prefect import task
from prefect.cache_policies import NO_CACHE

from hitline.acting import refitting
from hitline.acting.refitting import Refitted
from hitline.wiring import wired


@task(cache_policy=NO_CACHE)
async def modelled() -> list[tuple[str, str]]:
    """The stages whose rule has a model of the workers."""
    return await asyncio.to_thread(lambda: refitting.modelled(wired()))


@task(cache_policy=NO_CACHE, task_run_name="refit · {stage}")
async def refit(pipeline: str, stage: str) -> Refitted | None:
    """Fit one stage's model, keep it, and reopen or report what it casts doubt on."""
    return await asyncio.to_thread(lambda: refitting.refit(wired(), pipeline, stage))
