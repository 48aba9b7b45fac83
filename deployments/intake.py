"""Intake: from the queue to stored events and marked items, then the bell.

A message is deleted only after its events are committed, so whatever stops in between, it comes
again; and an event that comes again is only counted.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from typing import Annotated

import httpx
from cyclopts import App, Parameter
from prefect.client.orchestration import get_client
from sqlalchemy import select

from deployments.receiving import Delivery, Taken, receive
from hitline.errors import HitlineError, InvalidSettings, MTurkError, Retryable, StoreError
from hitline.mturk.queue import Message, Queue
from hitline.mturk.queue import connect as connect_queue
from hitline.settings import Settings, read_settings
from hitline.store import Store
from hitline.wiring import Hitline, wired
from tasks import alert
from tasks.ring import ring

LONG_POLL = 5
"""Seconds that the queue holds a request open when it is empty."""
BELL_EVERY = 0.25
AFTER_FAILURE = 2.0
"""Seconds before what failed for the moment is tried again."""
TRIES = 5
"""Deliveries of a message that fails in a way nobody foresaw, before it is a dead letter."""

log = logging.getLogger("hitline.intake")
app = App(name="deployments.intake", help=__doc__)


def take(hitline: Hitline, messages: Sequence[Message]) -> Taken:
    """Store what these messages say, in one transaction; what cannot be read is kept as it came."""
    deliveries = [
        Delivery(message_id=message.message_id, body=message.body, sent_at=message.sent_at)
        for message in messages
    ]
    return receive(hitline.store, deliveries, "sqs", hitline.clock.wall())


async def drink(hitline: Hitline, queue: Queue, stop: asyncio.Event) -> None:
    """Receive, commit, delete, until `stop` is set; outages of queue or database are waited out.

    While the database is away nothing is received: a message that comes too often and cannot be
    stored would end as a dead letter.
    """
    is_away = False
    while not stop.is_set():
        try:
            if is_away:
                await asyncio.to_thread(_look_for, hitline.store)
            messages = await asyncio.to_thread(queue.receive, LONG_POLL)
            if messages:
                stored = await asyncio.to_thread(_store, hitline, queue, messages)
                await asyncio.to_thread(queue.delete, stored)
            is_away = False
        except (Retryable, MTurkError) as failed:
            is_away = isinstance(failed, StoreError)
            log.warning("%s; trying again in %s s", failed, AFTER_FAILURE)
            await _pause(stop, AFTER_FAILURE)


def _look_for(store: Store) -> None:
    """Raises StoreAway while the database is away."""
    with store.reading() as connection:
        connection.execute(select(1))


def _store(hitline: Hitline, queue: Queue, messages: Sequence[Message]) -> list[Message]:
    """Take these messages, and give those back that may be deleted now.

    One that fails in a way nobody foresaw keeps no other waiting: it comes again, and in the end
    is a dead letter, like one that cannot be read.
    """
    try:
        taken = take(hitline, messages)
    except HitlineError:
        raise
    except Exception as unforeseen:
        if len(messages) > 1:
            return [one for alone in messages for one in _store(hitline, queue, [alone])]
        log.exception("message %s could not be stored", messages[0].message_id)
        if messages[0].receive_count < TRIES:
            return []
        buried = _bury(queue, messages[0], f"{type(unforeseen).__name__}: {unforeseen}")
        return list(messages) if buried else []
    for number, reason in taken.poison:
        _bury(queue, messages[number], reason)  # or not: the database has kept it, and says so
    return list(messages)


def _bury(queue: Queue, message: Message, reason: str) -> bool:
    """Put it into the dead-letter queue with the reason; whether there is one and it is there."""
    readable = reason.encode("ascii", "backslashreplace").decode()
    try:
        grave = queue.dead_letters()
        if grave is not None:
            grave.send(message.body, reason=readable, message_id=message.message_id)
    except MTurkError as refused:
        log.warning("message %s is no dead letter yet: %s", message.message_id, refused)
        return False
    return grave is not None


async def keep_ringing(stop: asyncio.Event) -> None:
    """Ring for what is marked, and tell alerts, until `stop` is set."""
    while not stop.is_set():
        try:
            async with get_client() as client:
                while not stop.is_set():
                    await ring(client)
                    await alert.tell(client)
                    await _pause(stop, BELL_EVERY)
        except (Retryable, httpx.HTTPError) as failed:
            log.warning("the bell was not heard: %s; ringing again in %s s", failed, AFTER_FAILURE)
            await _pause(stop, AFTER_FAILURE)


def open_queue(settings: Settings) -> Queue:
    """The queue that the settings name."""
    if settings.queue_url is None:
        raise InvalidSettings(
            "HITLINE_QUEUE_URL is not set; it names the SQS queue that notifications arrive in "
            "(without one, as beside Lambda or the webhook, say --bells-only)"
        )
    return connect_queue(
        endpoint_url=settings.sqs_endpoint, queue_url=settings.queue_url, region=settings.region
    )


async def intake(*, bells_only: bool = False) -> None:
    """Run until SIGTERM or SIGINT; what has been received by then is stored."""
    queue = None if bells_only else open_queue(read_settings())
    hitline, stop = wired(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as both:
        if queue is not None:
            both.create_task(drink(hitline, queue, stop))
        both.create_task(keep_ringing(stop))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


@app.default
def main(
    *,
    bells_only: Annotated[
        bool, Parameter(negative="", help="Read no queue: Lambda or the webhook store the events.")
    ] = False,
) -> None:
    """Store what comes through the queue, ring for what waits, and tell alerts, until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        asyncio.run(intake(bells_only=bells_only))
    except HitlineError as wrong:
        raise SystemExit(f"intake: {wrong}") from wrong


if __name__ == "__main__":
    app()
