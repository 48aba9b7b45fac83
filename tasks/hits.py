"""Effects on HITs: post, extend, repost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from hitline.acting import effects
from hitline.acting.rounds import Decided, Errand, Told
from hitline.wiring import wired
from tasks import pace


@task(cache_policy=NO_CACHE)
async def post(decided: Sequence[Decided], errand: Errand) -> list[Told]:
    """CreateHITWithHITType: ask about these items on new HITs."""
    await pace.take(len(decided))
    return await asyncio.to_thread(effects.post, wired(), decided, errand)


@task(cache_policy=NO_CACHE, name="CreateAdditionalAssignmentsForHIT")
async def extend(decided: Sequence[Decided], errand: Errand) -> list[Told]:
    """Buy more answers where workers disagree."""
    await pace.take(2 * len(decided))
    return await asyncio.to_thread(effects.extend, wired(), decided, errand)


@task(cache_policy=NO_CACHE)
async def repost(decided: Sequence[Decided], errand: Errand) -> list[Told]:
    """Offer what nobody took again, at the next reward."""
    await pace.take(2 * len(decided))
    return await asyncio.to_thread(effects.repost, wired(), decided, errand)
