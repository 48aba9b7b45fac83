"""Abandoned runs: what a run held that did not finish is free at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hitline.store import bells, leases, repairs
from hitline.wiring import wired


async def abandon(flow_runs: Sequence[str]) -> int:
    """Free what these runs had leased, and let their bells ring again; how many items."""
    return await asyncio.to_thread(_abandon, flow_runs)


def _abandon(flow_runs: Sequence[str]) -> int:
    hitline = wired()
    wall = hitline.clock.wall()
    with hitline.store.writing() as connection:
        freed = leases.abandoned(connection, flow_runs)
        bells.abandoned(connection, flow_runs, wall)
        repairs.count(hitline.store, connection, {repairs.WORKER_DIED: freed}, wall)
    return freed
