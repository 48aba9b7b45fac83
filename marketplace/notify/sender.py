"""Sends the outbox's events, as late, doubled and out of order as MTurk's notifications are."""

from __future__ import annotations

import logging
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from marketplace.clock import Clock
from marketplace.notify import outages, outbox
from marketplace.notify.documents import Document, group
from marketplace.notify.messages import message
from marketplace.notify.outbox import Dispatch
from marketplace.notify.transports import Message, Sns, Sqs, Transport, Undelivered, calls
from marketplace.settings import Settings
from marketplace.store import Store
from marketplace.store.faults import kept_faults

POLL_SECONDS = 0.1
EVENTS_A_ROUND = 2000
DOCUMENTS_A_ROUND = 500
LONGEST_PAUSE_SECONDS = 10.0

log = logging.getLogger(__name__)


class Sender:
    """Delivers each document at least once: it counts as sent when its destination accepted it.

    One for a database. Documents, with their ids and the moments they leave, are kept before they
    are sent, so that a crash repeats a document under its id instead of losing or renaming it.
    """

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._transports: Mapping[str, Transport] = {
            "SQS": Sqs(settings.sqs_endpoint),
            "SNS": Sns(settings.sns_endpoint),
        }
        self._chance = random.Random(settings.seed)
        with store.read() as connection:
            self._failures = Counter(outages.failures(connection))
        self._pause_until: dict[str, datetime] = {}

    def run(self, stop: threading.Event) -> None:
        """Send what is due, again and again, until `stop` is set."""
        while not stop.is_set():
            self.send_due(self._clock.wall())
            stop.wait(POLL_SECONDS)

    def send_due(self, wall: datetime) -> int:
        """Send what is due at this wall time; returns the number of messages that left."""
        knobs = self._make_documents(wall)
        paused = {place for place, until in self._pause_until.items() if until > wall}
        with self._store.read() as connection:
            due = outbox.due_documents(connection, wall, except_to=paused, limit=DOCUMENTS_A_ROUND)
        return sum(
            self._send(transport, destination, list(self._messages(same, knobs, wall)), wall)
            for (transport, destination), same in _by_destination(due).items()
        )

    def _make_documents(self, wall: datetime) -> Settings:
        """Put events into documents that leave later; returns the settings of this round."""
        with self._store.read() as connection:
            knobs = self._settings.under(kept_faults(connection))
            events = outbox.events_without_document(connection, limit=EVENTS_A_ROUND)
        if events:
            documents = group(events, most=knobs.notify_batch)
            dispatches = [self._draw(document, knobs, wall) for document in documents]
            again = [
                event for event in events if not event.is_copy and self._is(knobs.notify_rebatched)
            ]
            with self._store.write() as connection:
                outbox.keep(connection, dispatches)
                outbox.repeat(connection, again)
        return knobs

    def _draw(self, document: Document, knobs: Settings, wall: datetime) -> Dispatch:
        """When the document leaves, and whether it is lost."""
        delay = self._chance.uniform(knobs.notify_delay_min, knobs.notify_delay_max)
        if self._is(knobs.notify_late):
            delay += self._chance.uniform(knobs.notify_late_min, knobs.notify_late_max)
        # MTurk names no message group, which FIFO queues and topics demand.
        lost = document.address.destination.endswith(".fifo")
        return Dispatch(
            document=document,
            due_at=wall + timedelta(seconds=delay),
            lost=lost or self._is(knobs.notify_loss),
        )

    def _is(self, share: float) -> bool:
        return share > 0 and self._chance.random() < share

    def _messages(
        self, documents: Sequence[Document], knobs: Settings, wall: datetime
    ) -> Iterator[Message]:
        for document in documents:
            sent = message(document, wall, fields=knobs.event_fields)
            yield sent
            if self._is(knobs.notify_duplicates):
                yield sent

    def _send(
        self, transport: str, destination: str, messages: Sequence[Message], wall: datetime
    ) -> int:
        if transport == "Email":  # recorded, and delivered nowhere
            self._mark({message.document_id: 0 for message in messages}, wall)
            return 0
        sent = 0
        for call in calls(messages):
            try:
                accepted = self._transports[transport].send(destination, call)
            except Undelivered as error:
                self._pause(destination, str(error), wall)
                break
            taken = [message for message, ok in zip(call, accepted, strict=True) if ok]
            self._mark(Counter(message.document_id for message in taken), wall)
            sent += len(taken)
            if len(taken) < len(call):
                self._pause(destination, "it refused a part of the messages", wall)
                break
            self._resume(destination)
        return sent

    def _mark(self, messages: Mapping[str, int], wall: datetime) -> None:
        with self._store.write() as connection:
            outbox.mark_sent(connection, messages, wall)

    def _pause(self, destination: str, reason: str, wall: datetime) -> None:
        self._failures[destination] += 1
        if self._failures[destination] == 1:
            log.warning("Notifications to %s wait, and are tried again: %s", destination, reason)
        seconds = min(0.5 * 2 ** (self._failures[destination] - 1), LONGEST_PAUSE_SECONDS)
        self._pause_until[destination] = wall + timedelta(seconds=seconds)
        with self._store.write() as connection:
            outages.note(connection, destination, reason, self._failures[destination], wall)

    def _resume(self, destination: str) -> None:
        if self._failures.pop(destination, 0):
            log.warning("Notifications to %s leave again.", destination)
            self._pause_until.pop(destination, None)
            with self._store.write() as connection:
                outages.forget(connection, destination)


def _by_destination(documents: Sequence[Document]) -> dict[tuple[str, str], list[Document]]:
    places: defaultdict[tuple[str, str], list[Document]] = defaultdict(list)
    for document in documents:
        places[document.address.transport, document.address.destination].append(document)
    return dict(places)
