"""Alerts, told: each becomes a Prefect event, which an automation can send as mail or chat.

The event's name is `hitline.alert.` and the alert's kind; its payload has pipeline, stage, subject
and one sentence of text. An alert whose telling was not confirmed is told again.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from prefect.client.orchestration import PrefectClient

from hitline.store import alerts
from hitline.store.alerts import Alert
from hitline.wiring import wired

PREFIX = "hitline.alert."


async def tell(client: PrefectClient) -> int:
    """Tell what was not told yet; how many alerts those were."""
    found = await asyncio.to_thread(_unsent)
    if found:
        await client.request("POST", "/events", json=[_event(*one) for one in found])
        await asyncio.to_thread(_sent, [number for number, _ in found])
    return len(found)


def _unsent() -> list[tuple[int, Alert]]:
    with wired().store.reading() as connection:
        return alerts.unsent(connection)


def _sent(numbers: list[int]) -> None:
    hitline = wired()
    with hitline.store.writing() as connection:
        alerts.sent(connection, numbers, hitline.clock.wall())


def _event(number: int, alert: Alert) -> dict[str, Any]:
    about = "/".join(part for part in (alert.pipeline, alert.stage) if part) or "hitline"
    told = f"{number}/{alert.kind}/{about}/{alert.subject}/{alert.text}"
    return {
        # Told twice, it is the same event to Prefect.
        "id": str(uuid5(NAMESPACE_URL, told)),
        "event": PREFIX + alert.kind,
        "occurred": wired().clock.wall().isoformat(),
        "resource": {
            "prefect.resource.id": f"hitline.alert.{about.replace('/', '.')}",
            "prefect.resource.name": about,
        },
        "payload": {
            "kind": alert.kind,
            "pipeline": alert.pipeline,
            "stage": alert.stage,
            "subject": alert.subject,
            "text": alert.text,
        },
    }
