"""Claiming what waits behind a door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

import httpx
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run

from hitline.acting import claiming
from hitline.errors import HitlineError, Interrupted
from hitline.model import Door
from hitline.store import bells, leases
from hitline.store.hits import items_of
from hitline.store.leases import Leased
from hitline.wiring import wired

RENEW_EVERY = leases.LEASE.total_seconds() / 3
"""Seconds: a lease outlives two renewals that fail."""


@task(cache_policy=NO_CACHE, task_run_name="claim · {stage}")
async def claim(
    door: Door, pipeline: str, stage: str, owner: str, hit_ids: Sequence[str] | None
) -> list[Leased]:
    """Lease a chunk: what is marked, or the items of `hit_ids` if a person named some."""
    return await asyncio.to_thread(_claim, door, pipeline, stage, owner, hit_ids)


async def answer(door: Door, pipeline: str, stage: str) -> None:
    """The bell was heard: this run drains what waits."""
    note = partial(bells.answered, flow_run=flow_run.get_id())
    await asyncio.to_thread(_note, note, door, pipeline, stage)


async def finish(door: Door, pipeline: str, stage: str) -> None:
    """Nothing is left: the next mark rings anew."""
    await asyncio.to_thread(_note, bells.finished, door, pipeline, stage)


@asynccontextmanager
async def held(leased: Sequence[Leased]) -> AsyncIterator[None]:
    """Go on holding these leases for as long as the chunk is worked on, however long that takes."""
    renewing = asyncio.create_task(_keep_renewing(leased))
    try:
        yield
    finally:
        renewing.cancel()


async def _keep_renewing(leased: Sequence[Leased]) -> None:
    while True:
        await asyncio.sleep(RENEW_EVERY)
        # A database that is away is asked again; should the lease end meanwhile, another run
        # takes over, and finds by the tokens what this one has done.
        with suppress(HitlineError):
            await asyncio.to_thread(_renew, leased)


async def give_back(leased: Sequence[Leased], error: Exception) -> None:
    """A chunk failed in a way that nobody foresaw: it is tried again later, and says why."""
    if isinstance(error, httpx.HTTPError | PrefectException):
        error = Interrupted(f"Prefect's server: {type(error).__name__}: {error}")
    await asyncio.to_thread(claiming.put_off, wired(), leased, error)


def _claim(
    door: Door, pipeline: str, stage: str, owner: str, hit_ids: Sequence[str] | None
) -> list[Leased]:
    hitline = wired()
    only = None
    if hit_ids is not None:
        with hitline.store.reading() as connection:
            only = items_of(connection, hit_ids)
    return claiming.claim(hitline, door, pipeline, stage, owner, only)


def _note(note: Callable[..., None], door: Door, pipeline: str, stage: str) -> None:
    hitline = wired()
    with hitline.store.writing() as connection:
        note(hitline.store, connection, pipeline, stage, door, hitline.clock.wall())


def _renew(leased: Sequence[Leased]) -> None:
    hitline = wired()
    with hitline.store.writing() as connection:
        leases.renew(connection, leased, hitline.clock.wall())
