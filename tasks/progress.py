"""Progress, money and quality, as pages for the Prefect UI."""

from __future__ import annotations

import asyncio

from prefect import task
from prefect.cache_policies import NO_CACHE

from hitline.loading import if_it_loads
from hitline.reporting.page import page
from hitline.reporting.progress import event_to_action, progress
from hitline.store.pipelines import names
from hitline.wiring import wired


@task(cache_policy=NO_CACHE)
async def pages() -> dict[str, str]:
    """A page of Markdown for each pipeline that was ever launched."""
    return await asyncio.to_thread(_pages)


def _pages() -> dict[str, str]:
    hitline = wired()
    with hitline.store.reading() as connection:
        return {
            name: page(progress(connection, pipeline), event_to_action(connection, name))
            for name in names(connection)
            if (pipeline := if_it_loads(hitline.pipeline, name)) is not None
        }
