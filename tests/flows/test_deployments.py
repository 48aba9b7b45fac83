"""prefect.yaml, deployed to a real Prefect server, and what its runs do with a real marketplace.

Everything is there but the processes: the queue (moto's), the intake and its bell, the triggers,
the in-process worker, the marketplace over HTTP. Business time stands still until a test moves it.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import ArtifactFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun

import hitline.wiring
from deployments import intake
from deployments.stack.parts import WORK_POOL
from deployments.worker import InProcessWorker
from hitline.acting import launching
from hitline.itemsfile import ItemRow
from hitline.model import ItemState
from hitline.money import MTURK
from hitline.mturk.client import Requester
from hitline.mturk.connection import boto_client
from hitline.mturk.queue import Queue
from hitline.pipeline import Gather, Link, NewItem, Pipeline, Settled
from hitline.policies import NoRaise
from hitline.store import open_store, upgrade
from hitline.wiring import Hitline, wired
from marketplace.notify.sender import Sender
from marketplace.settings import Settings as MarketSettings
from tests.contracts.acting.lab import Lab, stage
from tests.contracts.conftest import Market
from tests.flows.conftest import PATIENCE, deadline

pytestmark = pytest.mark.anyio


class BusinessClock:
    """Business time stands still until it is moved; wall time runs."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 5, 10, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def advance(self, by: timedelta) -> None:
        self._now += by


def halves(settled: Settled) -> list[NewItem]:
    return [NewItem(input={"text": f"{settled.input['text']} {part}"}) for part in ("1", "2")]


def joined(parent: Settled, parts: Sequence[Settled]) -> NewItem:
    return NewItem(input={"text": f"{parent.key} of {len(parts)}"})


def once_more(settled: Settled) -> NewItem:
    return NewItem(input={"text": settled.input["text"] + "+"})


PIPELINES = {
    pipeline.name: pipeline
    for pipeline in (
        Pipeline("one", stages=[stage("ask")]),
        Pipeline(
            "fan",
            stages=[stage("find"), stage("fix"), stage("check")],
            links=[
                Link(source="find", target="fix", rule=halves),
                Gather(parent="find", source="fix", target="check", rule=joined),
            ],
        ),
        Pipeline(
            "loop",
            stages=[stage("again", title="Again?", expiry=NoRaise())],
            links=[Link(source="again", target="again", rule=once_more, rounds=2)],
        ),
    )
}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A marketplace that sends its notifications at once, to moto's queue."""
    sqs = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    sqs.start()
    host, port = sqs.get_host_and_port()
    settings = MarketSettings(notify_delay_max=0, sqs_endpoint=f"http://{host}:{port}")
    folder = tmp_path_factory.mktemp("market")
    market = Market(f"sqlite:///{folder / 'market.db'}", settings, BusinessClock())  # type: ignore[arg-type]
    sender = Sender(market.store, market.clock, settings)
    stop = threading.Event()
    sending = threading.Thread(target=sender.run, args=(stop,))
    sending.start()
    yield market
    stop.set()
    sending.join()
    market.stop()
    sqs.stop()


@pytest.fixture(scope="module")
def queue(market: Any) -> Queue:
    sqs = boto_client("sqs", endpoint_url=market.settings.sqs_endpoint, region="us-east-1")
    return Queue(sqs, sqs.create_queue(QueueName="notifications")["QueueUrl"])


@pytest.fixture(scope="module")
def home(market: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hitline]:
    """What `wired()` gives to the tasks in this process."""
    url = f"sqlite:///{tmp_path_factory.mktemp('hitline') / 'hitline.db'}"
    upgrade(url)
    home = Hitline(
        store=open_store(url),
        requester=Requester(market.client),
        clock=market.clock,
        fees=MTURK,
        pipeline=PIPELINES.__getitem__,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hitline.wiring, "wire", lambda settings: home)
        patch.setattr(intake, "LONG_POLL", 0)
        wired.cache_clear()
        yield home
    wired.cache_clear()
    home.store.dispose()


@pytest.fixture(scope="module")
async def running(deployed: None, home: Hitline, queue: Queue) -> AsyncIterator[None]:
    """The intake, its bell, and a worker."""
    stop = asyncio.Event()
    worker = InProcessWorker(work_pool_name=WORK_POOL, limit=16)
    parts = [
        asyncio.create_task(part)
        for part in (worker.start(), intake.keep_ringing(stop), drinking(home, queue, stop))
    ]
    yield
    stop.set()
    parts[0].cancel()
    for part in parts:
        with suppress(asyncio.CancelledError):
            await part


async def drinking(home: Hitline, queue: Queue, stop: asyncio.Event) -> None:
    """The intake without its long poll, which moto answers at once."""
    while not stop.is_set():
        messages = await asyncio.to_thread(queue.receive, 0)
        if messages:
            await asyncio.to_thread(intake.take, home, messages)
            await asyncio.to_thread(queue.delete, messages)
        await asyncio.sleep(0.2)


class Running:
    """A pipeline that is on its way through the flows."""

    def __init__(self, name: str, market: Any, home: Hitline, queue: Queue) -> None:
        self.lab = Lab(
            market=market, store=home.store, pipeline=PIPELINES[name], requester=home.requester
        )
        launching.prepare(
            home, self.lab.pipeline, Path("pipeline.py"), transport="SQS", destination=queue.url
        )

    async def answer_everything(self, label: str, done: Callable[[], bool]) -> None:
        """Two workers agree on every HIT of the pipeline that appears, until `done`."""
        seen: set[str] = set()
        async with deadline():
            while not done():
                for hit in await asyncio.to_thread(self.hits):
                    if hit not in seen:
                        seen.add(hit)
                        await asyncio.to_thread(self.lab.answer, hit, label, label)
                await asyncio.sleep(0.2)

    def hits(self) -> list[str]:
        name = self.lab.pipeline.name
        return [
            hit.hit_id
            for hit in self.lab.requester.list_hits()
            if (hit.annotation or "").startswith(f"{name}/")
        ]

    def states(self, stage_name: str) -> list[ItemState]:
        return [item.state for item in self.lab.items(stage_name)]


async def the_run(client: PrefectClient, name: str) -> FlowRun:
    """The flow run that bears this name, completed."""
    seen: list[FlowRun] = []
    with suppress(TimeoutError):
        async with deadline():
            while True:
                seen = await client.read_flow_runs(limit=200)
                for run in seen:
                    if run.name == name and run.state is not None and run.state.is_final():
                        assert run.state.is_completed(), run.state.message
                        return run
                await asyncio.sleep(0.2)
    there = sorted(f"{run.name} ({run.state_name})" for run in seen)
    pytest.fail(f"no run is called {name!r} after {PATIENCE} s; there are {there}")


async def table_of(client: PrefectClient, run: FlowRun) -> list[dict[str, str]]:
    """The decisions that the run tells of; evaluate tells of workers' standing, too."""
    wanted = ArtifactFilter.model_validate({"flow_run_id": {"any_": [str(run.id)]}})
    found = await client.read_artifacts(artifact_filter=wanted)
    (artifact,) = [one for one in found if not str(one.key).startswith("standing-")]
    table: list[dict[str, str]] = json.loads(str(artifact.data))
    return table


async def test_each_event_starts_its_deployment(
    running: None, client: PrefectClient, market: Any, home: Hitline, queue: Queue
) -> None:
    """publish, evaluate, aggregate, close, repost: named and tagged after what they did."""
    one = Running("one", market, home, queue)
    rows = [ItemRow(key=key, input={"text": key}, gold={}, line=2) for key in ("a", "b")]
    launching.launch(home, one.lab.pipeline, rows)

    run = await the_run(client, "publish · ask · 2 items (2 post)")
    assert set(run.tags) == {"hitline", "one", "ask", "post"}
    table = await table_of(client, run)
    assert [row["item"] for row in table] == ["a", "b"]
    assert {row["why"] for row in table} == {"not asked yet"}
    assert run.parameters == {"pipeline": "one", "stage": "ask"}

    newest, oldest = one.hits()
    one.lab.answer(oldest, "yes")
    run = await the_run(client, "evaluate · ask · 1 items (1 wait)")
    (row,) = await table_of(client, run)
    assert (row["item"], row["verdict"]) == ("a", "wait")

    one.lab.answer(oldest, "yes", by="B")
    run = await the_run(client, "aggregate · ask · 1 items (1 settle)")
    assert set(run.tags) == {"hitline", "one", "ask", "settle"}
    (row,) = await table_of(client, run)
    assert (row["item"], row["outcome"]) == ("a", "settled as yes")
    await the_run(client, "close · ask · 2 approved, 1 HITs closed")
    assert market.status(oldest) == "Reviewing"

    market.advance(minutes=55)
    market.accept(newest, "SLOW")
    market.advance(minutes=6)  # the HIT expires, and SLOW goes on holding it
    market.engine.tick()
    run = await the_run(client, "repost · ask · 1 items (1 wait)")
    (row,) = await table_of(client, run)
    assert row["item"] == "b"
    assert row["why"].endswith("expired with work still held")


async def test_items_fan_out_and_in_and_loop_through_real_runs(
    running: None, market: Any, home: Hitline, queue: Queue
) -> None:
    """One item, its two halves, their sum; and one that is asked about three times."""
    fan, loop = (Running(name, market, home, queue) for name in ("fan", "loop"))
    for each in (fan, loop):
        rows = [ItemRow(key="x", input={"text": "x"}, gold={}, line=2)]
        launching.launch(home, each.lab.pipeline, rows)

    def gathered() -> bool:
        return fan.states("check") == [ItemState.SETTLED]

    def looped() -> bool:
        return loop.states("again") == [ItemState.SETTLED] * 3

    await asyncio.gather(
        fan.answer_everything("yes", gathered), loop.answer_everything("no", looped)
    )
    assert [item.input["text"] for item in fan.lab.items("fix")] == ["x 1", "x 2"]
    assert [item.input["text"] for item in fan.lab.items("check")] == ["x of 2"]
    assert [item.input["text"] for item in loop.lab.items("again")] == ["x", "x+", "x++"]
    assert len(fan.hits()) == 4
    assert len(loop.hits()) == 3


async def test_a_run_can_be_started_by_hand_with_hit_ids(
    running: None, client: PrefectClient, market: Any, home: Hitline, queue: Queue
) -> None:
    """It looks at those items, whether anything waits or not."""
    one = Running("one", market, home, queue)
    rows = [ItemRow(key="by-hand", input={"text": "h"}, gold={}, line=2)]
    launching.launch(home, one.lab.pipeline, rows)
    await the_run(client, "publish · ask · 1 items (1 post)")
    (hit,) = [hit for hit in one.hits() if one.lab.item("by-hand").id in annotation(one, hit)]
    deployment = await client.read_deployment_by_name("repost/repost")
    run = await client.create_flow_run_from_deployment(
        deployment.id, parameters={"pipeline": "one", "stage": "ask", "hit_ids": [hit]}
    )
    async with deadline():
        while not (run.state and run.state.is_final()):
            await asyncio.sleep(0.2)
            run = await client.read_flow_run(run.id)
    assert run.name == "repost · ask · 1 items (1 wait)"
    (row,) = await table_of(client, run)
    assert row["item"] == "by-hand"


def annotation(one: Running, hit: str) -> str:
    return str(one.lab.hit(hit)["RequesterAnnotation"])


async def test_no_run_failed(running: None, client: PrefectClient) -> None:
    """Of all those that the tests above started."""
    wanted = FlowRunFilter.model_validate({"state": {"type": {"any_": ["FAILED", "CRASHED"]}}})
    failed = await client.read_flow_runs(flow_run_filter=wanted)
    ours = [run for run in failed if "hitline" in run.tags]
    assert [(run.name, run.state and run.state.message) for run in ours] == []
