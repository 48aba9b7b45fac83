"""Results: labels stored, items held or handed over, and what follows from them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from hitline.acting import effects
from hitline.acting.rounds import Decided, Errand, Told
from hitline.wiring import wired


@task(cache_policy=NO_CACHE)
async def settle(decided: Sequence[Decided], errand: Errand) -> list[Told]:
    """Store the verdicts that need no call, with the next stage's items."""
    return await asyncio.to_thread(effects.settle, wired(), decided, errand)
