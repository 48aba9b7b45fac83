"""Receiving: what a notification says, stored, whichever way it came.

Everything that can receive (the intake, a Lambda function, the web hook) ends here. A delivery is
acknowledged only after this has committed, so whatever stops in between, it comes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from hitline.errors import UnreadableNotification
from hitline.model import EventType
from hitline.notifications import read
from hitline.store import Store, inbox

Way = Literal["sqs", "lambda", "https", "replay"]
"""By which way a notification came; `hitline status` tells each way's last event."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message as it came; `sent_at` is the sender's wall time, where it is told."""

    message_id: str
    body: str
    sent_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a batch of messages came to; `poison`: the number in the batch and the reason of each
    that could not be read."""

    events: int = 0
    repeats: int = 0
    unparsed: int = 0
    poison: tuple[tuple[int, str], ...] = ()


def receive(store: Store, deliveries: Sequence[Delivery], way: Way, wall: datetime) -> Taken:
    """Store what these messages say, in one transaction; what cannot be read is kept as it came."""
    fresh = unparsed = 0
    poison = []
    types: list[EventType] = []
    with store.writing() as connection:
        for number, delivery in enumerate(deliveries):
            try:
                document = read(delivery.body)
            except UnreadableNotification as unreadable:
                poison.append((number, str(unreadable)))
                _keep_unparsed(store, connection, delivery, [str(unreadable)], wall)
                continue
            fresh += inbox.receive(store, connection, document, sent_at=delivery.sent_at, wall=wall)
            types += (event.type for event in document.events)
            unparsed += len(document.problems)
            _keep_unparsed(store, connection, delivery, document.problems, wall)
        inbox.came_by(store, connection, way, types, wall)
    return Taken(
        events=fresh,
        repeats=len(types) - fresh,
        unparsed=unparsed + len(poison),
        poison=tuple(poison),
    )


def _keep_unparsed(
    store: Store,
    connection: Connection,
    delivery: Delivery,
    problems: Sequence[str],
    wall: datetime,
) -> None:
    for number, problem in enumerate(problems):
        message_id = f"{delivery.message_id}#{number}"
        inbox.keep_unparsed(store, connection, message_id, delivery.body, problem, wall)
