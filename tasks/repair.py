"""Repair: the sweep over what no event told us."""

from __future__ import annotations

import asyncio

from prefect import task
from prefect.cache_policies import NO_CACHE

from hitline.acting import alerting, setting_aside, sweeping
from hitline.acting.sweeping import Swept
from hitline.wiring import wired


@task(cache_policy=NO_CACHE)
async def sweep() -> Swept:
    """Mark what was missed; the bell rings for it."""
    return await asyncio.to_thread(_sweep)


@task(cache_policy=NO_CACHE)
async def set_aside() -> list[dict[str, str]]:
    """What failed every time and is tried no more, as rows of a table."""
    return await asyncio.to_thread(setting_aside.rows, wired())


def _sweep() -> Swept:
    hitline = wired()
    swept = sweeping.sweep(hitline)
    alerting.look(hitline, swept)
    setting_aside.end_alerts(hitline)
    return swept
