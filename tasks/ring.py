"""The bell: a Prefect event that names stage and door, and how many items wait behind it.

An event carries nothing else. The run that it starts drains whatever is marked, so a doubled
event is free and a lost one is rung again.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import uuid4

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter

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
    One whose run is queued in Prefect is not lost, and while no worker takes it, it is not rung
    again: so a night without workers queues one run a bell, not a thousand.
    """
    waiting, unanswered = await asyncio.to_thread(_look)
    queued = await _queued(client, unanswered) if unanswered else []
    ringing = await asyncio.to_thread(_due, waiting, queued) if waiting else []
    if ringing:
        # Not the event emitter: this way the server has taken it when the call returns.
        try:
            await client.request("POST", "/events", json=[_event(one) for one in ringing])
        except Exception:
            await asyncio.to_thread(_unheard, ringing)
            raise
    return ringing


async def _queued(client: PrefectClient, unanswered: list[Waiting]) -> list[Waiting]:
    """Those for which a run is queued that no worker has taken yet."""
    found: list[Waiting] = []
    for door in sorted({one.door for one in unanswered}):
        runs = await client.read_flow_runs(
            deployment_filter=DeploymentFilter.model_validate({"name": {"any_": [door]}}),
            flow_run_filter=_not_taken(wired().clock.wall()),
        )
        # Not those that a person has started for some HITs only.
        asked = [run.parameters for run in runs if not run.parameters.get("hit_ids")]
        drained = {(of.get("pipeline"), of.get("stage")) for of in asked}
        found += [
            one for one in unanswered if one.door is door and (one.pipeline, one.stage) in drained
        ]
    return found


def _not_taken(wall: datetime) -> FlowRunFilter:
    """Runs that wait for a worker; not those that are scheduled for later."""
    return FlowRunFilter.model_validate(
        {"state": {"type": {"any_": ["SCHEDULED"]}}, "expected_start_time": {"before_": wall}}
    )


def _look() -> tuple[list[Waiting], list[Waiting]]:
    """What waits, and of that what was rung for in vain."""
    hitline = wired()
    wall = hitline.clock.wall()
    with hitline.store.reading() as connection:
        waiting = leases.waiting(connection, wall)
        return waiting, bells.unanswered(connection, waiting, wall) if waiting else []


def _due(waiting: list[Waiting], queued: list[Waiting]) -> list[Waiting]:
    hitline = wired()
    with hitline.store.writing() as connection:
        wall = hitline.clock.wall()
        return bells.due(hitline.store, connection, waiting, wall, queued=queued)


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
