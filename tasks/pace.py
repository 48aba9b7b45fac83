"""The pace: how many calls all workers together make to the endpoint in a second.

Prefect's global limit is one for all of them. A chunk takes what it is about to use before it
begins; what was not foreseen is left to the client's own retries, which slow down when throttled.
"""

from __future__ import annotations

from contextlib import suppress

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import (
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
)
from prefect.concurrency.asyncio import rate_limit
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from hitline.wiring import wired

LIMIT = "hitline-endpoint"


async def take(calls: int) -> None:
    """Wait until so many calls may be made; without HITLINE_CALLS_PER_SECOND nothing is waited."""
    most = wired().calls_per_second
    if most is None:
        return
    for begun in range(0, calls, most):
        await rate_limit(LIMIT, occupy=min(most, calls - begun))


async def set_limit(client: PrefectClient, most: int) -> None:
    """Have Prefect's server keep all workers together to so many calls a second."""
    # Two seconds' worth at most, so that none is lost while a chunk is worked on.
    values = {"limit": 2 * most, "slot_decay_per_second": float(most)}
    try:
        await client.update_global_concurrency_limit(
            LIMIT, GlobalConcurrencyLimitUpdate.model_validate(values)
        )
    except ObjectNotFound:
        created = GlobalConcurrencyLimitCreate.model_validate({"name": LIMIT, **values})
        with suppress(ObjectAlreadyExists):  # another worker that starts as well was faster
            await client.create_global_concurrency_limit(created)
