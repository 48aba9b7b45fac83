"""Notifications a second to warm queues: how fast the outbox empties.

The queues are moto's, which slow down as they fill; so each HIT type has one of its own, and the
processor time of both sides is told apart. What is counted is what the database says was accepted.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
from sqlalchemy import func, insert, select

from benchmarks import loading, service
from benchmarks.service import AWS
from marketplace.cli.opening import opened
from marketplace.clock import wall_now
from marketplace.engine import Engine, ids
from marketplace.engine.events import EventType
from marketplace.store.schema import outbox, requesters

LONGEST_SECONDS = 600
AT_ONCE = {
    "MARKETPLACE_NOTIFY_DELAY_MIN": "0",
    "MARKETPLACE_NOTIFY_DELAY_MAX": "0",
}
"""MTurk's latency is drawn from 0 to 2 seconds; here it would only blur the rate."""


def measure(folder: Path, *, events: int, server: str | None) -> dict[str, Any]:
    """Store events and time their way out, in documents of ten and of one."""
    return {
        "events": events,
        **{f"batch_{size}": _run(folder, events, size, server) for size in (10, 1)},
    }


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """For the table: a line for each size of documents."""
    return [{"events a document, at most": size, **found[f"batch_{size}"]} for size in (10, 1)]


def _run(folder: Path, events: int, batch: int, server: str | None) -> dict[str, Any]:
    place = folder / f"notifications-{batch}"
    place.mkdir()
    env = {**AT_ONCE, "MARKETPLACE_NOTIFY_BATCH": str(batch)}
    with (
        service.database(place, f"notifications_{batch}", server) as database,
        service.queue_server(place) as queue,
    ):
        service.add_requester(database, place)
        with opened(database) as engine:
            loaded = loading.load(engine, 100)
            queues = _queues(queue.url)
            with service.marketplace(
                database, place, "--sqs-endpoint", queue.url, env=env
            ) as running:
                _sent(engine, loaded, queues, 500)  # warms the queue and the service
                before = running.cpu(), queue.cpu()
                seconds = _sent(engine, loaded, queues, events)
                used = running.cpu() - before[0], queue.cpu() - before[1]
    return {
        "events_per_second": round(events / seconds, 1),
        "service_cpu_ms_per_event": round(used[0] / events * 1000, 3),
        "queue_cpu_ms_per_event": round(used[1] / events * 1000, 3),
    }


def _sent(engine: Engine, loaded: loading.Loaded, queues: Sequence[str], count: int) -> float:
    """Put events into the outbox; returns the seconds until the last one was accepted."""
    with engine.act() as tx:
        requester = tx.connection.execute(select(requesters)).one()
        start = wall_now()
        tx.connection.execute(
            insert(outbox),
            [
                {
                    "requester_id": requester.requester_id,
                    "source_account": requester.account,
                    "hit_type_id": loaded.types[number // 25 % len(loaded.types)],
                    "event_type": EventType.ASSIGNMENT_SUBMITTED.value,
                    "at": tx.now,
                    "hit_id": loaded.hits[number % len(loaded.hits)],
                    "assignment_id": ids.entity_id(),
                    "transport": "SQS",
                    "destination": queues[number // 25 % len(queues)],
                    "version": "2014-08-15",
                    "due_at": start,
                }
                for number in range(count)
            ],
        )
    start = wall_now()
    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        with engine.store.read() as connection:
            left = connection.scalar(
                select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))
            )
        if not left:
            return (wall_now() - start).total_seconds()
        time.sleep(0.05)
    raise SystemExit(f"{left} events were not sent within {LONGEST_SECONDS} seconds.")


def _queues(url: str) -> list[str]:
    """One for each HIT type, so that none of them gets long."""
    client = boto3.client(
        "sqs",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=AWS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=AWS["AWS_SECRET_ACCESS_KEY"],
    )
    return [
        client.create_queue(QueueName=f"benchmark-{number}")["QueueUrl"]
        for number in range(loading.TYPES)
    ]
