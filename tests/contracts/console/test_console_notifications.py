"""What the console tells of notifications, and its test button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from marketplace.notify import sender as sending
from marketplace.notify.transports import Undelivered
from tests.contracts.conftest import QUEUE


class Queue:
    """Takes messages, or fails with `trouble`."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.taken: list[Any] = []

    def __call__(self, endpoint: str | None) -> Queue:
        return self

    def send(self, destination: str, messages: Any) -> list[bool]:
        if self.trouble is not None:
            raise Undelivered(self.trouble)
        self.taken += messages
        return [True] * len(messages)


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    queue = Queue()
    monkeypatch.setattr(sending, "Sqs", queue)
    monkeypatch.setattr(sending, "Sns", queue)
    return queue


@pytest.fixture
def market(open_market: Callable[..., Any]) -> Any:
    return open_market(notify_delay_min=0, notify_delay_max=0)


@pytest.fixture
def hit(market: Any) -> dict[str, Any]:
    created = market.create_hit(MaxAssignments=2)
    market.subscribe(created["HITTypeId"], "AssignmentSubmitted")
    market.submit(created["HITId"], "AWORKER1", breed="poodle")
    return dict(created)


def send(market: Any) -> sending.Sender:
    """A sender that was round once."""
    made = sending.Sender(market.store, market.clock, market.settings)
    made.send_due(market.clock.wall())
    return made


def facts(page: Any) -> dict[str, str]:
    return {
        " ".join(box[0].text_content().split()): " ".join(box[1].text_content().split())
        for box in page.all(".facts div")
    }


def test_a_type_without_a_destination_says_so(market: Any, console: Any) -> None:
    hit_type = market.create_hit()["HITTypeId"]
    page = console.get(f"/requester/types/{hit_type}")
    assert "Nobody is told of its events" in page.text
    refused = console.send(console.get(f"/requester/types/{hit_type}/test"))
    assert "has no destination yet" in refused.texts("[role=alert]")[0]


def test_events_wait_until_they_are_sent(
    market: Any, console: Any, hit: dict[str, Any], queue: Queue
) -> None:
    address = f"/requester/types/{hit['HITTypeId']}"
    before = console.get(address)
    assert facts(before)["Destination"] == f"SQS {QUEUE}"
    assert facts(before)["Waiting"] == "1"
    (row,) = before.texts("tbody tr")
    assert row.startswith("AssignmentSubmitted 5 Jan 2026, 10:00 UTC")
    assert row.endswith("waiting")
    assert console.get("/requester/").texts("tbody tr") == [row]
    send(market)
    after = console.get(address)
    assert (facts(after)["Waiting"], len(queue.taken)) == ("0", 1)
    assert facts(after)["Last sent"] == "5 Jan 2026, 10:00 UTC"


def test_a_dead_destination_is_told_with_the_reason_until_it_takes_something(
    market: Any, console: Any, hit: dict[str, Any], queue: Queue
) -> None:
    address = f"/requester/types/{hit['HITTypeId']}"
    queue.trouble = "<b>The specified queue does not exist</b>"
    made = send(market)
    market.advance(minutes=1)
    made.send_due(market.clock.wall())
    page = console.get(address)
    (note,) = page.texts(".bad")
    assert "after 2 failures in a row: <b>The specified queue does not exist</b>" in note
    assert facts(page)["Waiting"] == "1"
    market.advance(minutes=1)
    queue.trouble = None
    send(market)  # another process, after a restart
    page = console.get(address)
    assert (page.texts(".bad"), facts(page)["Waiting"]) == ([], "0")


@pytest.mark.parametrize("event", ["Ping", "AssignmentAccepted"])
def test_the_button_sends_a_test_event_at_once(
    market: Any,
    console: Any,
    hit: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    event: str,
) -> None:
    sent = []
    monkeypatch.setattr(
        "marketplace.api.notifications.send_now",
        lambda row, settings, wall: sent.append(row) or {**row, "sent_at": datetime.now(UTC)},
    )
    address = f"/requester/types/{hit['HITTypeId']}"
    page = console.send(console.get(address), f"{address}/test", event=event)
    assert page.texts("[role=status]") == [
        f"A test event {event} was sent to {QUEUE}, which took it."
    ]
    assert [(row["event_type"], row["destination"]) for row in sent] == [(event, QUEUE)]


def test_a_test_event_that_nobody_takes_is_told_in_the_apis_words(
    market: Any, console: Any, hit: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(row: Any, settings: Any, wall: Any) -> Any:
        raise Undelivered("connection refused")

    monkeypatch.setattr("marketplace.api.notifications.send_now", fail)
    address = f"/requester/types/{hit['HITTypeId']}"
    page = console.send(console.get(address), f"{address}/test", event="Ping")
    told = f'The destination "{QUEUE}" cannot be reached over SQS.'
    assert (page.status, page.texts("[role=alert]")) == (409, [told])


def test_a_test_event_that_there_is_not_is_refused(console: Any, hit: dict[str, Any]) -> None:
    address = f"/requester/types/{hit['HITTypeId']}"
    page = console.send(console.get(address), f"{address}/test", event="HITExploded")
    assert page.status == 409
    assert "failed to satisfy constraint" in page.texts("[role=alert]")[0]
