"""Messages that nobody can deal with: kept with the reason, and in nobody's way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from deployments import intake
from deployments.intake import Taken
from hitline.errors import NotAuthorized
from hitline.mturk.queue import Message, Queue
from hitline.store import Store, schema
from hitline.wiring import Hitline
from tests.contracts.aws.drinking import (
    HIT,
    count,
    document,
    drink_until,
    event,
    left_in,
    put,
    stored,
)

pytestmark = pytest.mark.usefixtures("impatient")


def with_dead_letters(sqs: Any, queue: Queue) -> Queue:
    dead = sqs.create_queue(QueueName=uuid4().hex)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    policy = {"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": 100}
    sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"RedrivePolicy": json.dumps(policy)})
    return Queue(sqs, dead)


def dead_letters(sqs: Any, dead: Queue) -> list[tuple[str, str]]:
    """(body, reason) of each."""
    found = sqs.receive_message(
        QueueUrl=dead.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return [
        (message["Body"], message["MessageAttributes"]["reason"]["StringValue"])
        for message in found.get("Messages", [])
    ]


def test_what_cannot_be_read_goes_to_the_dead_letters_with_the_reason(
    sqs: Any, queue: Queue, hitline: Hitline
) -> None:
    dead = with_dead_letters(sqs, queue)
    put(sqs, queue, "hello", document())
    drink_until(hitline, queue, lambda: left_in(sqs, queue) == 0)

    assert dead_letters(sqs, dead) == [("hello", "the message is not JSON: 'hello'")]
    assert count(hitline.store, schema.events) == 1


def test_what_cannot_be_read_is_kept_though_the_dead_letters_take_nothing(
    sqs: Any, queue: Queue, hitline: Hitline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And keeps no other waiting: the database has it, with the reason."""
    with_dead_letters(sqs, queue)

    def refused(*_: Any, **__: Any) -> None:
        raise NotAuthorized("SendMessage", "not allowed")

    monkeypatch.setattr(Queue, "send", refused)
    put(sqs, queue, "hello", document())
    drink_until(hitline, queue, lambda: left_in(sqs, queue) == 0)

    assert stored(hitline.store, schema.unparsed.c.body) == ["hello"]
    assert count(hitline.store, schema.events) == 1


def test_a_message_that_fails_unforeseen_is_kept_where_there_are_no_dead_letters(
    queue: Queue, hitline: Hitline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> Taken:
        raise ZeroDivisionError("nobody thought of it")

    monkeypatch.setattr(intake, "receive", failing)
    often = Message(
        message_id="1",
        receipt="r",
        body=document(),
        sent_at=datetime(2026, 1, 5, tzinfo=UTC),
        receive_count=99,
    )
    assert intake._store(hitline, queue, [often]) == []


def test_a_message_that_fails_unforeseen_keeps_no_other_waiting_and_ends_as_a_dead_letter(
    sqs: Any, queue: Queue, hitline: Hitline, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = with_dead_letters(sqs, queue)
    whole = intake.receive

    def failing(store: Store, deliveries: Sequence[Any], *rest: Any) -> Taken:
        if any("3POISON" in one.body for one in deliveries):
            raise ZeroDivisionError("nobody thought of it")
        return whole(store, deliveries, *rest)

    monkeypatch.setattr(intake, "receive", failing)
    put(sqs, queue, document(event(hit="3POISON")), document())
    drink_until(hitline, queue, lambda: left_in(sqs, queue) == 0)

    assert [reason for _, reason in dead_letters(sqs, dead)] == [
        "ZeroDivisionError: nobody thought of it"
    ]
    assert stored(hitline.store, schema.events.c.hit_id) == [HIT]
