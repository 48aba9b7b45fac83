"""Notification settings and test events at the marketplace."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hitline.errors import (
    Refused,
)
from hitline.model import EventType
from hitline.mturk.client import NEEDED_EVENTS, Requester
from marketplace.store.schema import outbox
from tests.contracts.requester.asking import (
    QUEUE_URL,
    TOPIC_ARN,
    post,
    work,
)


def notified(market: Any) -> list[tuple[str, str, str]]:
    """Every event that the marketplace is to send: what, over which transport, and where to."""
    with market.engine.look() as tx:
        rows = tx.connection.execute(select(outbox).order_by(outbox.c.id))
        return [(row.event_type, row.transport, row.destination) for row in rows]


def test_needed_events_go_to_the_destination(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    requester.notify(hit_type_id, destination=QUEUE_URL, transport="SQS", events=NEEDED_EVENTS)

    hit = post(requester, hit_type_id, max_assignments=1)
    work(market, hit, 1)

    assert notified(market) == [
        ("AssignmentSubmitted", "SQS", QUEUE_URL),
        ("HITReviewable", "SQS", QUEUE_URL),
    ]


def test_new_notification_settings_replace_the_old(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    requester.notify(hit_type_id, destination=QUEUE_URL, transport="SQS", events=NEEDED_EVENTS)
    created = [EventType.HIT_CREATED]
    requester.notify(hit_type_id, destination=TOPIC_ARN, transport="SNS", events=created)

    work(market, post(requester, hit_type_id), 1)

    assert notified(market) == [("HITCreated", "SNS", TOPIC_ARN)]


def test_inactive_settings_hold_events_back_until_active(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    created = [EventType.HIT_CREATED]
    requester.notify(
        hit_type_id, destination=QUEUE_URL, transport="SQS", events=created, active=False
    )
    post(requester, hit_type_id, "unheard")
    requester.set_active(hit_type_id, True)
    post(requester, hit_type_id, "heard")
    requester.set_active(hit_type_id, False)
    post(requester, hit_type_id, "unheard again")

    assert notified(market) == [("HITCreated", "SQS", QUEUE_URL)]


def test_nothing_can_be_activated_before_it_was_set(requester: Requester, hit_type_id: str) -> None:
    with pytest.raises(Refused):
        requester.set_active(hit_type_id, True)


def test_a_test_event_needs_no_subscription(
    market: Any, requester: Requester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.notify.transports.Sqs.send", lambda *_: [True])
    requester.send_test_event(QUEUE_URL, "SQS", EventType.PING)

    assert notified(market) == [("Ping", "SQS", QUEUE_URL)]


@pytest.mark.parametrize("destination", ["hitline-notifications", QUEUE_URL + ".fifo"])
def test_a_destination_that_mturk_cannot_use_is_refused(
    requester: Requester, hit_type_id: str, destination: str
) -> None:
    with pytest.raises(Refused):
        requester.notify(
            hit_type_id, destination=destination, transport="SQS", events=NEEDED_EVENTS
        )
