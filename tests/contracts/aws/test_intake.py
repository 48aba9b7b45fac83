"""The intake, between a real SQS interface (moto's) and a database."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from deployments import intake
from deployments.intake import Taken, open_queue, take
from hitline.errors import InvalidSettings, StoreAway, StoreBusy
from hitline.model import Door
from hitline.mturk.queue import Message, Queue
from hitline.settings import Settings
from hitline.store import Store, schema
from hitline.wiring import Hitline
from tests.contracts.aws.drinking import (
    DRINKS_AT_MOST,
    count,
    document,
    drink_until,
    event,
    left_in,
    put,
    stored,
)

pytestmark = pytest.mark.usefixtures("impatient")


class Killed(BaseException):
    """The process dies: nothing catches it."""


# From the queue into the database


def test_events_are_stored_their_items_marked_and_the_message_deleted(
    sqs: Any, queue: Queue, hitline: Hitline
) -> None:
    """Three events in one message; the one that wakes nothing is kept, too."""
    put(sqs, queue, document(event(), event(2, "HITExpired"), event(3, "AssignmentReturned")))
    drink_until(hitline, queue, lambda: left_in(sqs, queue) == 0)

    assert sorted(stored(hitline.store, schema.events.c.type)) == [
        "AssignmentReturned",
        "HITExpired",
        "HITReviewable",
    ]
    assert sorted(stored(hitline.store, schema.dirt.c.door)) == [Door.AGGREGATE, Door.REPOST]
    (sent_at, *_) = stored(hitline.store, schema.events.c.wall_sent_at)
    assert abs((hitline.clock.wall() - sent_at).total_seconds()) < DRINKS_AT_MOST


def test_a_batch_is_stored_before_any_of_it_is_deleted(
    sqs: Any, queue: Queue, hitline: Hitline
) -> None:
    """What another connection sees while the queue is told to delete."""
    put(sqs, queue, document(event(1)), document(event(2)))
    seen = []

    class Watched(Queue):
        def delete(self, messages: Sequence[Message]) -> None:
            seen.append(count(hitline.store, schema.events))
            super().delete(messages)

    drink_until(hitline, Watched(sqs, queue.url), lambda: left_in(sqs, queue) == 0)
    assert seen[-1] == 2
    assert 0 not in seen


def test_killed_between_storing_and_deleting_the_message_comes_again_and_is_counted(
    sqs: Any, queue: Queue, hitline: Hitline
) -> None:
    put(sqs, queue, document())

    class Mortal(Queue):
        def delete(self, messages: Sequence[Message]) -> None:
            raise Killed

    with pytest.raises(Killed):
        drink_until(hitline, Mortal(sqs, queue.url), lambda: False)
    assert left_in(sqs, queue) == 1
    assert stored(hitline.store, schema.events.c.repeats) == [0]

    drink_until(hitline, queue, lambda: left_in(sqs, queue) == 0)
    assert stored(hitline.store, schema.events.c.repeats) == [1]


def test_one_event_in_two_messages_is_one_event(sqs: Any, queue: Queue, hitline: Hitline) -> None:
    """MTurk may send a document twice, and SQS delivers at least once."""
    put(sqs, queue, document(), document())
    taken = [take(hitline, queue.receive(0)) for _ in range(2)]
    assert sum(each.events for each in taken) == 1
    assert sum(each.repeats for each in taken) == sum(
        stored(hitline.store, schema.events.c.repeats)
    )


@pytest.mark.parametrize("raw", [False, True], ids=["in SNS's envelope", "raw"])
def test_what_comes_through_a_topic_is_read(
    sqs: Any, sns: Any, queue: Queue, hitline: Hitline, raw: bool
) -> None:
    found = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["QueueArn"])
    topic = sns.create_topic(Name=uuid4().hex)["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=found["Attributes"]["QueueArn"],
        Attributes={"RawMessageDelivery": str(raw).lower()},
    )
    sns.publish(TopicArn=topic, Subject="1565385436809", Message=document())
    assert take(hitline, queue.receive(0)) == Taken(events=1)


# What is no event of ours


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("hello", "the message is not JSON: 'hello'"),
        ("[]", "the message is no JSON object: '[]'"),
        ('{"Events":[]}', "the message has no Events, but ['Events']"),
        ('{"Records":[{"s3":{}}]}', "the message has no Events, but ['Records']"),
        ('{"Type":"SubscriptionConfirmation","TopicArn":"arn:a"}', "confirm the subscription"),
        (document(event(kind="HITPainted")), "event 1: EventType 'HITPainted' is none of"),
        (document(event(hit="<b>")), "event 1: HITId '<b>' is not up to 64"),
        ("[" * 20_000, "the message is nested too deep"),
    ],
)
def test_what_cannot_be_read_is_kept_with_the_reason_and_deleted(
    sqs: Any, queue: Queue, hitline: Hitline, body: str, reason: str
) -> None:
    """It does not come again, and does not keep others from being read."""
    put(sqs, queue, body, document())
    drink_until(hitline, queue, lambda: left_in(sqs, queue) == 0)

    assert count(hitline.store, schema.events) == 1
    assert stored(hitline.store, schema.unparsed.c.body) == [body]
    (kept,) = stored(hitline.store, schema.unparsed.c.reason)
    assert reason in kept


def test_one_bad_event_does_not_spoil_its_document(
    sqs: Any, queue: Queue, hitline: Hitline
) -> None:
    put(sqs, queue, document(event(), event(2, "HITPainted")))
    assert take(hitline, queue.receive(0)) == Taken(events=1, unparsed=1)
    (kept,) = stored(hitline.store, schema.unparsed.c.reason)
    assert kept.startswith("event 2: EventType 'HITPainted'")


def test_an_unreadable_message_that_comes_again_is_kept_once(
    sqs: Any, queue: Queue, hitline: Hitline
) -> None:
    put(sqs, queue, "hello")
    for _ in range(2):
        take(hitline, queue.receive(0))
    assert count(hitline.store, schema.unparsed) == 1


def test_events_of_unknown_hits_and_pings_are_kept(
    sqs: Any, queue: Queue, hitline: Hitline
) -> None:
    """A foreign HIT is looked up by the sweep; a ping shows that the way is open."""
    put(sqs, queue, document(event(hit="3FOREIGN"), {"EventType": "Ping"}))
    assert take(hitline, queue.receive(0)) == Taken(events=2)
    assert sorted(stored(hitline.store, schema.events.c.resolved)) == [False, True]
    assert count(hitline.store, schema.dirt) == 0


def test_a_document_id_of_any_length_is_taken(sqs: Any, queue: Queue, hitline: Hitline) -> None:
    """It is only recorded, so its end is cut off rather than the message refused."""
    put(sqs, queue, document(EventDocId="d" * 1000))
    assert take(hitline, queue.receive(0)) == Taken(events=1)
    assert stored(hitline.store, schema.events.c.document_id) == ["d" * 64]


# What is away


def test_a_missing_queue_is_told_in_a_sentence_and_waited_for(
    sqs: Any, hitline: Hitline, caplog: pytest.LogCaptureFixture
) -> None:
    name = uuid4().hex
    host = sqs.meta.endpoint_url
    queue = Queue(sqs, f"{host}/123456789012/{name}")

    def told_then_made() -> bool:
        if not caplog.records:
            return False
        sqs.create_queue(QueueName=name)
        put(sqs, queue, document())
        return True

    with caplog.at_level(logging.WARNING, "hitline.intake"):
        drink_until(hitline, queue, told_then_made)
    assert caplog.messages[0] == (
        f"ReceiveMessage: the queue {queue.url} does not exist; "
        "provision the notification path again; trying again in 0.01 s"
    )
    drink_until(hitline, queue, lambda: count(hitline.store, schema.events) == 1)


def test_a_database_that_is_busy_loses_nothing(
    sqs: Any,
    queue: Queue,
    hitline: Hitline,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The message stays in the queue until its event is stored."""
    put(sqs, queue, document())
    failures = [StoreBusy("the database was held by another process for too long")]

    def busy_once(*about: Any) -> Taken:
        if failures:
            assert left_in(sqs, queue) == 1
            raise failures.pop()
        return take(*about)

    monkeypatch.setattr(intake, "take", busy_once)
    drink_until(hitline, queue, lambda: left_in(sqs, queue) == 0)
    assert count(hitline.store, schema.events) == 1
    assert "held by another process" in caplog.text


def test_without_a_queue_the_variable_is_named() -> None:
    with pytest.raises(InvalidSettings, match="HITLINE_QUEUE_URL is not set"):
        open_queue(Settings())


def test_while_the_database_is_away_nothing_is_received(
    sqs: Any, queue: Queue, hitline: Hitline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that comes a hundred times and is not stored would be a dead letter."""
    put(sqs, queue, document())
    away = [StoreAway("the database does not answer")] * 30
    whole, received = Queue.receive, []

    @contextmanager
    def reading() -> Iterator[Any]:
        if away:
            raise away.pop()
        with Store.reading(hitline.store) as connection:
            yield connection

    def fails(*_: Any) -> Taken:
        monkeypatch.setattr(intake, "take", take)
        raise away.pop()

    def counted(self: Queue, *about: Any) -> list[Message]:
        received.append(len(away))
        return whole(self, *about)

    monkeypatch.setattr(hitline.store, "reading", reading)
    monkeypatch.setattr(intake, "take", fails)
    monkeypatch.setattr(Queue, "receive", counted)
    drink_until(hitline, queue, lambda: not away and left_in(sqs, queue) == 0)
    assert received[:2] == [30, 0]
