"""What a test puts before the intake, has it drink, and finds stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from deployments.intake import drink
from hitline.mturk.queue import Queue
from hitline.store import Store
from hitline.wiring import Hitline

HIT = "3HIT"
DRINKS_AT_MOST = 10
"""Seconds after which a test that waits for the intake gives up."""


def event(number: int = 1, kind: str = "HITReviewable", hit: str = HIT) -> dict[str, str]:
    return {"EventType": kind, "EventTimestamp": f"2026-01-05T10:00:{number:02}Z", "HITId": hit}


def document(*events: dict[str, str], **fields: str) -> str:
    return json.dumps({"Events": events or (event(),), "EventDocId": "d" * 40, **fields})


def put(sqs: Any, queue: Queue, *bodies: str) -> None:
    for body in bodies:
        sqs.send_message(QueueUrl=queue.url, MessageBody=body)


def left_in(sqs: Any, queue: Queue) -> int:
    found = sqs.get_queue_attributes(
        QueueUrl=queue.url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def stored(store: Store, column: Any) -> list[Any]:
    with store.reading() as connection:
        return list(connection.scalars(select(column)))


def count(store: Store, table: Any) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def drink_until(hitline: Hitline, queue: Queue, done: Callable[[], bool]) -> None:
    """Run the intake until `done`, and stop it as a signal does."""

    async def run() -> None:
        stop = asyncio.Event()
        drinking = asyncio.create_task(drink(hitline, queue, stop))
        while not done() and not drinking.done():
            await asyncio.sleep(0.01)
        stop.set()
        await drinking

    asyncio.run(asyncio.wait_for(run(), DRINKS_AT_MOST))
