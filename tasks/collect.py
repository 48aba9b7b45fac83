"""Reading what the endpoint says, and deciding on it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from hitline.acting import rounds
from hitline.acting.rounds import Decided
from hitline.store.leases import Leased
from hitline.wiring import wired
from tasks import pace


@task(cache_policy=NO_CACHE)
async def look(leased: Sequence[Leased]) -> list[Decided]:
    """The leased items with the facts about them and the verdict on those."""
    await pace.take(len(leased))
    return await asyncio.to_thread(rounds.look, wired(), leased)
