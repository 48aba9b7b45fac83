"""The bell on a real Prefect server to which no worker comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.states import Scheduled

import hitline.wiring
from hitline.model import Door
from hitline.store import Store, leases, open_store, upgrade
from hitline.store.bells import UNANSWERED_AT_MOST
from hitline.wiring import wired
from tasks.ring import ring
from tests.contracts.store.rows import Rows
from tests.flows.conftest import deadline

pytestmark = pytest.mark.anyio

ASKED = {"pipeline": "dogs", "stage": "breed"}


class Ahead:
    """A wall clock that can be put forward."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def wall(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def store(tmp_path: Path, clock: Ahead, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """One item waits to be looked at."""
    url = f"sqlite:///{tmp_path / 'hitline.db'}"
    upgrade(url)
    store = open_store(url)
    monkeypatch.setattr(hitline.wiring, "wire", lambda _: SimpleNamespace(store=store, clock=clock))
    wired.cache_clear()
    item = Rows(store).item("rex")
    with store.writing() as connection:
        leases.mark(store, connection, [item], Door.AGGREGATE, "HITReviewable", clock.wall())
    yield store
    wired.cache_clear()
    store.dispose()


@pytest.fixture
async def nobody(deployed: None, client: PrefectClient) -> AsyncIterator[None]:
    """No worker serves the pool; no run of aggregate is left."""
    yield
    for run in await waiting(client):
        await client.delete_flow_run(run.id)


async def waiting(client: PrefectClient) -> list[FlowRun]:
    """The runs of aggregate that no worker has taken."""
    runs = await client.read_flow_runs()
    aggregate = await client.read_deployment_by_name("aggregate/aggregate")
    return [
        run
        for run in runs
        if run.deployment_id == aggregate.id and run.state and run.state.is_scheduled()
    ]


async def rung(client: PrefectClient) -> FlowRun:
    """The bell rings, and the run that it starts."""
    before = {run.id for run in await waiting(client)}
    (bell,) = await ring(client)
    assert (bell.stage, bell.door, bell.items) == ("breed", Door.AGGREGATE, 1)
    async with deadline():
        while True:
            for run in await waiting(client):
                if run.id not in before:
                    assert run.parameters == ASKED
                    return run
            await asyncio.sleep(0.2)


async def test_a_bell_whose_run_waits_for_a_worker_is_not_rung_again(
    nobody: None, client: PrefectClient, store: Store, clock: Ahead
) -> None:
    """A night without workers leaves one run a bell. Once that is lost, the bell is rung."""
    run = await rung(client)
    for _ in range(3):
        clock.by += UNANSWERED_AT_MOST
        assert await ring(client) == []
    assert [one.id for one in await waiting(client) if one.parameters == ASKED] == [run.id]

    await client.delete_flow_run(run.id)
    clock.by += UNANSWERED_AT_MOST
    assert (await rung(client)).id != run.id


@pytest.mark.parametrize(
    ("changed", "later"),
    [({"hit_ids": ["3ABC"]}, 0), ({"stage": "check"}, 0), ({}, 3600)],
    ids=["for one HIT", "of another stage", "scheduled for later"],
)
async def test_a_run_that_will_not_drain_what_waits_stands_in_for_no_bell(
    nobody: None,
    client: PrefectClient,
    store: Store,
    clock: Ahead,
    changed: dict[str, Any],
    later: float,
) -> None:
    run = await rung(client)
    await client.delete_flow_run(run.id)
    aggregate = await client.read_deployment_by_name("aggregate/aggregate")
    await client.create_flow_run_from_deployment(
        aggregate.id,
        parameters={**ASKED, **changed},
        state=Scheduled(scheduled_time=datetime.now(UTC) + timedelta(seconds=later)),
    )
    clock.by += UNANSWERED_AT_MOST
    await rung(client)
