"""A chunk that takes long keeps its leases; nobody else works on it meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import select

from hitline.acting import claiming
from hitline.model import Door
from hitline.store.schema import items
from tasks import lease
from tests.contracts.acting.lab import Lab


def lease_ends(lab: Lab) -> list[object]:
    with lab.store.reading() as connection:
        return list(connection.scalars(select(items.c.wall_lease_until)))


def test_leases_are_renewed_for_as_long_as_a_chunk_is_held(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "RENEW_EVERY", 0.01)
    monkeypatch.setattr(lease, "wired", lambda: lab.hitline)
    lab.prepare()
    lab.add("a", "b")
    chunk = claiming.claim(lab.hitline, Door.PUBLISH, "lab", "ask", "a run")
    before = lease_ends(lab)
    lab.market.advance(seconds=60)

    async def work(done: Callable[[], bool]) -> None:
        async with lease.held(chunk):
            while not done():
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(work(lambda: lease_ends(lab) != before), 10))
    lab.market.advance(seconds=60)
    assert claiming.claim(lab.hitline, Door.PUBLISH, "lab", "ask", "another run") == []
