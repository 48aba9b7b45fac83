"""The bell: a Prefect event that names stage and door, and how many items wait behind it.

An event carries nothing else. The run that it starts drains whatever is marked, so a doubled
event is free and a lost one is rung again.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from prefect.client.orchestration import PrefectClient

from hitline.model import Door
from hitline.store import bells, leases
from hitline.store.leases import Waiting
from hitline.wiring import wired

EVENTS = {
    Door.PUBLISH: "hitline.items-waiting",
    Door.AGGREGATE: "hitline.HITReviewable",
    Door.REPOST: "hitline.HITExpired",
    Door.EVALUATE: "hitline.AssignmentSubmitted",
    Door.CLOSE: "hitline.items-finished",
}
"""The Prefect event of each door: what the triggers in prefect.yaml expect."""


async def ring(client: PrefectClient) -> list[Waiting]:
    """Ring every bell that is due, through a client of Prefect's server; those that were rung.

    A bell is written down as rung before it is: one that gets lost is rung again as unanswered.
    """
    ringing = await asyncio.to_thread(_due)
    if ringing:
        # Not the event emitter: this way the server has taken it when the call returns.
        try:
            await client.request("POST", "/events", json=[_event(one) for one in ringing])
        except Exception:
            await asyncio.to_thread(_unheard, ringing)
            raise
    return ringing


def _due() -> list[Waiting]:
    hitline = wired()
    wall = hitline.clock.wall()
    with hitline.store.reading() as connection:
        waiting = leases.waiting(connection, wall)
    if not waiting:
        return []
    with hitline.store.writing() as connection:
        return bells.due(hitline.store, connection, waiting, wall)


def _unheard(ringing: list[Waiting]) -> None:
    hitline = wired()
    with hitline.store.writing() as connection:
        bells.unheard(connection, ringing)


def _event(one: Waiting) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "event": EVENTS[one.door],
        # Prefect ignores events older than a trigger's window, so it has happened now.
        "occurred": wired().clock.wall().isoformat(),
        "resource": {
            "prefect.resource.id": f"hitline.stage.{one.pipeline}.{one.stage}",
            "hitline.pipeline": one.pipeline,
            "hitline.stage": one.stage,
        },
        "payload": {"pipeline": one.pipeline, "stage": one.stage, "waiting": one.items},
    }
