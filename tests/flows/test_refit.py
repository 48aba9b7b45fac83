"""The refit, as a flow run: stages with a model are fitted, and tables say what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from sqlalchemy import insert

import hitline.wiring
from flows.refit import refit
from hitline.fields import Choice
from hitline.model import Item, ItemState
from hitline.pipeline import Pipeline, Stage
from hitline.policies import THRIFTY
from hitline.questions import HtmlTemplate
from hitline.store import Store, hits, items, open_store, pipelines, schema, upgrade
from hitline.tokens import item_id
from hitline.wiring import wired

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)


def stage(name: str, **changes: Any) -> Stage:
    attributes: dict[str, Any] = {
        "question": HtmlTemplate("<p>${text}</p>"),
        "title": f"Stage {name}",
        "reward": "0.05",
        "answer": Choice("answer", ["no", "yes"]),
        "lifetime": "1h",
        "duration": "5m",
    }
    return Stage(name, **{**attributes, **changes})


DOGS = Pipeline("dogs", stages=[stage("ask", redundancy=THRIFTY), stage("then")])


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Four items that two workers answered alike; one is settled as what they did not say."""
    url = f"sqlite:///{tmp_path / 'hitline.db'}"
    upgrade(url)
    store = open_store(url)
    home = SimpleNamespace(
        store=store,
        clock=SimpleNamespace(now=lambda: NOW, wall=lambda: NOW),
        pipeline=lambda _: DOGS,
    )
    monkeypatch.setattr(hitline.wiring, "wire", lambda settings: home)
    wired.cache_clear()
    with store.writing() as connection:
        connection.execute(
            insert(schema.pipelines).values(name="dogs", source="-", wall_created_at=NOW)
        )
        version = items.register_version(connection, "dogs", "ask", DOGS.first.policy, NOW)
        for number, label in enumerate(["yes", "no", "yes", "no"]):
            item = Item(
                id=item_id("dogs", "ask", str(number)),
                pipeline="dogs",
                stage="ask",
                key=str(number),
                input={"text": "?"},
                version=version,
            )
            items.add(store, connection, [item], NOW)
            for worker in ("A", "B"):
                answer = {
                    "assignment_id": f"{worker}{number}",
                    "worker_id": worker,
                    "item_id": item.id,
                    "hit_id": f"H{number}",
                    "values": {"answer": label},
                    "counted": True,
                    "submitted_at": NOW,
                }
                hits.record_answers(store, connection, [answer])
            said = "no" if number == 0 else label
            items.finished(connection, item.id, ItemState.SETTLED, "agreed", NOW, label=said)
        assert pipelines.names(connection) == ["dogs"]
    yield store
    wired.cache_clear()
    store.dispose()


async def test_a_refit_reopens_what_the_model_doubts_and_says_so(store: Store) -> None:
    line = await refit()

    assert line == "refit · 1 stages · 1 items reopened, 0 would flip"
    with store.reading() as connection:
        (first,) = items.find(connection, "0")
    assert first.state is ItemState.OPEN
    async with get_client() as client:
        found = {one.key: one for one in await client.read_artifacts()}
    (row,) = json.loads(str(found["refit"].data))
    assert (row["stage"], row["answers"], row["workers"], row["reopened"]) == ("ask", 8, 2, 1)
    workers = json.loads(str(found["model-dogs-ask"].data))
    assert [one["worker"] for one in workers] == ["A", "B"]
