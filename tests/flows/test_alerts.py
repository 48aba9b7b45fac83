"""Alerts go out as Prefect events, once, and the example automations take them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.automations import Automation
from prefect.client.orchestration import get_client

import hitline.wiring
from flows.sweep import sweep
from hitline.clock import RunningClock
from hitline.money import MTURK
from hitline.mturk.client import Requester
from hitline.store import Store, alerts, open_store, upgrade
from hitline.store.alerts import Alert
from hitline.wiring import Hitline, wired
from tasks import alert

STOPPED = Alert(
    kind="stage-stopped", pipeline="lab", stage="ask", text="12 of 20 gave {{ flow.name }} back"
)
EXAMPLE = Path(__file__).parents[2] / "deployments" / "alerts.yaml"


class Idle(Requester):
    """An endpoint at which nothing is under way."""

    def reviewable_hits(
        self, hit_type_id: str | None = None, reviewing: bool = False
    ) -> Iterator[str]:
        return iter(())


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'hitline.db'}"
    upgrade(url)
    store = open_store(url)
    home = Hitline(
        store=store,
        requester=Idle(None),
        clock=RunningClock(),
        fees=MTURK,
        pipeline=lambda name: pytest.fail(f"an alert asks for pipeline {name}"),
    )
    monkeypatch.setattr(hitline.wiring, "wire", lambda _: home)
    wired.cache_clear()
    yield store
    wired.cache_clear()
    store.dispose()


def told() -> int:
    async def run() -> int:
        async with get_client() as client:
            return await alert.tell(client)

    return asyncio.run(run())


async def _stored_events() -> list[dict[str, Any]]:
    async with get_client() as client:
        asked = {"filter": {"event": {"name": ["hitline.alert.stage-stopped"]}}}
        for _ in range(100):
            answer = await client.request("POST", "/events/filter", json=asked)
            found: list[dict[str, Any]] = answer.json()["events"]
            if found:
                return found
            await asyncio.sleep(0.1)
    return []


def test_an_alert_is_told_once_and_its_text_stays_text(store: Store) -> None:
    with store.writing() as connection:
        alerts.raise_alert(connection, STOPPED, datetime.now(UTC))

    assert (told(), told()) == (1, 0)
    (event,) = asyncio.run(_stored_events())
    assert event["resource"]["prefect.resource.id"] == "hitline.alert.lab.ask"
    assert event["payload"]["text"] == "12 of 20 gave {{ flow.name }} back"


def test_the_sweep_tells_alerts_too_for_the_intake_may_be_what_is_dead(store: Store) -> None:
    with store.writing() as connection:
        alerts.raise_alert(connection, STOPPED, datetime.now(UTC))

    asyncio.run(sweep())
    assert told() == 0


def test_the_example_automations_are_such_as_prefect_takes() -> None:
    made = [
        Automation.model_validate(one) for one in yaml.safe_load(EXAMPLE.read_text())["automations"]
    ]
    kinds = {name for one in made for name in one.trigger.expect}  # type: ignore[union-attr]
    assert kinds == {
        f"{alert.PREFIX}*",
        f"{alert.PREFIX}stage-stopped",
        f"{alert.PREFIX}path-silent",
    }
