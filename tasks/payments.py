"""Payments: approve what is owed and close the HITs it was owed for; wages and other bonuses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from hitline.acting import rounds, wages
from hitline.acting.closing import Closed
from hitline.acting.wages import Waged
from hitline.store.leases import Leased
from hitline.wiring import wired
from tasks import pace


@task(cache_policy=NO_CACHE)
async def close(leased: Sequence[Leased]) -> Closed:
    """Approve, mark Reviewing, dispose: whatever is due for these items."""
    await pace.take(2 * len(leased))
    return await asyncio.to_thread(rounds.close, wired(), leased)


@task(cache_policy=NO_CACHE, name="SendBonus")
async def wage() -> Waged:
    """Top up to hourly wages for the days that are over, and send every bonus that waits."""
    return await asyncio.to_thread(wages.pay, wired())
