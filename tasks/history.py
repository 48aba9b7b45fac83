"""History: what is old enough to go."""

from __future__ import annotations

import asyncio

from prefect import task
from prefect.cache_policies import NO_CACHE

from hitline.acting import pruning
from hitline.acting.pruning import Pruned
from hitline.wiring import wired


@task(cache_policy=NO_CACHE)
async def prune() -> Pruned:
    """Remove what is older than the settings keep it."""
    return await asyncio.to_thread(lambda: pruning.prune(wired()))
