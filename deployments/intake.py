"""Intake: from the queue to stored events and marked items, then the bell.

A message is deleted only after its events are committed, so whatever stops in between, it comes
again; and an event that comes again is only counted.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence

import httpx
from prefect.client.orchestration import get_client

from deployments.receiving import Delivery, Taken, receive
from hitline.errors import Gone, HitlineError, InvalidSettings, MTurkError, Retryable
from hitline.mturk.queue import Message, Queue
from hitline.mturk.queue import connect as connect_queue
from hitline.settings import Settings, read_settings
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


def take(hitline: Hitline, messages: Sequence[Message]) -> Taken:
    """Store what these messages say, in one transaction; what cannot be read is kept as it came."""
    deliveries = [
        Delivery(message_id=message.message_id, body=message.body, sent_at=message.sent_at)
        for message in messages
    ]
    return receive(hitline.store, deliveries, "sqs", hitline.clock.wall())


async def drink(hitline: Hitline, queue: Queue, stop: asyncio.Event) -> None:
    """Receive, commit, delete, until `stop` is set; outages of queue or database are waited out."""
    while not stop.is_set():
        try:
            messages = await asyncio.to_thread(queue.receive, LONG_POLL)
            if messages:
                stored = await asyncio.to_thread(_store, hitline, queue, messages)
                await asyncio.to_thread(queue.delete, stored)
        except (Retryable, MTurkError) as failed:
            log.warning("%s; trying again in %s s", failed, AFTER_FAILURE)
            await _pause(stop, AFTER_FAILURE)


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
        _bury(queue, messages[0], f"{type(unforeseen).__name__}: {unforeseen}")
        return list(messages)
    for number, reason in taken.poison:
        _bury(queue, messages[number], reason)
    return list(messages)


def _bury(queue: Queue, message: Message, reason: str) -> None:
    """Put it into the dead-letter queue with the reason, if there is such a queue."""
    try:
        grave = queue.dead_letters()
    except Gone:
        grave = None  # the database has kept it, and says so in "hitline status"
    if grave is not None:
        readable = reason.encode("ascii", "backslashreplace").decode()
        grave.send(message.body, reason=readable, message_id=message.message_id)


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
            "HITLINE_QUEUE_URL is not set; it names the SQS queue that notifications arrive in"
        )
    return connect_queue(
        endpoint_url=settings.sqs_endpoint, queue_url=settings.queue_url, region=settings.region
    )


async def intake() -> None:
    """Run until SIGTERM or SIGINT; what has been received by then is stored."""
    queue, hitline, stop = open_queue(read_settings()), wired(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as both:
        both.create_task(drink(hitline, queue, stop))
        both.create_task(keep_ringing(stop))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        asyncio.run(intake())
    except HitlineError as wrong:
        raise SystemExit(f"intake: {wrong}") from wrong


if __name__ == "__main__":
    main()
