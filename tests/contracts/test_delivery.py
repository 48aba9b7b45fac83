"""Notifications on their way from the outbox to real SQS and SNS interfaces (moto's)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import func, insert, select

from marketplace.clock import SetClock
from marketplace.notify.sender import Sender
from marketplace.settings import Settings
from marketplace.store import Store, outbox
from marketplace.store.faults import keep_faults
from marketplace.store.schema import requesters

NOW = datetime(2026, 1, 5, 10, 0, 3, 500000, tzinfo=UTC)
LATER = NOW + timedelta(seconds=2)
"""When every document's delay is over."""


class Aws:
    """A stand-in of SQS and SNS on a free port, which can die and come back with its queues."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        self.host, self.port = self._server.get_host_and_port()
        self.endpoint = f"http://{self.host}:{self.port}"
        self.sqs = self._client("sqs")
        self.sns = self._client("sns")

    def _client(self, service: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def queue(self, name: str | None = None) -> str:
        return str(self.sqs.create_queue(QueueName=name or uuid.uuid4().hex)["QueueUrl"])

    def topic_to(self, queue: str, *, raw: bool = False) -> str:
        wanted = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        topic = str(self.sns.create_topic(Name=uuid.uuid4().hex)["TopicArn"])
        self.sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=wanted["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": str(raw).lower()},
        )
        return topic

    def receive(self, queue: str) -> list[dict[str, Any]]:
        """Every message that waits in the queue, and take them off it."""
        messages: list[dict[str, Any]] = []
        while got := self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in got:
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            messages += got
        return messages

    def documents(self, queue: str) -> list[dict[str, Any]]:
        return [json.loads(message["Body"]) for message in self.receive(queue)]

    def stop(self) -> None:
        self._server.stop()

    def start_again(self) -> None:
        self._server = ThreadedMotoServer(ip_address=self.host, port=self.port, verbose=False)
        self._server.start()


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    yield server
    server.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'marketplace.db'}")
    with store.write() as connection:
        connection.execute(
            insert(requesters).values(
                requester_id="AREQUESTER",
                name="test",
                account="123456789012",
                balance=Decimal(0),
                liability=Decimal(0),
                created_at=NOW,
            )
        )
    yield store
    store.close()


def sender(store: Store, aws: Aws, **knobs: Any) -> Sender:
    settings = Settings(sqs_endpoint=aws.endpoint, sns_endpoint=aws.endpoint, seed=1, **knobs)
    return Sender(store, SetClock(NOW), settings)


def post(
    store: Store, destination: str, *hits: str, transport: str = "SQS", hit_type: str = "3T"
) -> None:
    """Put a HITReviewable event for each HIT into the outbox."""
    with store.write() as connection:
        connection.execute(
            insert(outbox),
            [
                {
                    "requester_id": "AREQUESTER",
                    "source_account": "123456789012",
                    "hit_type_id": hit_type,
                    "event_type": "HITReviewable",
                    "at": NOW,
                    "hit_id": hit,
                    "transport": transport,
                    "destination": destination,
                    "version": "2014-08-15",
                    "due_at": NOW,
                }
                for hit in hits
            ],
        )


def hits_in(documents: list[dict[str, Any]]) -> list[str]:
    return sorted(event["HITId"] for document in documents for event in document["Events"])


def totals(store: Store) -> tuple[int, int, int]:
    """Events that were sent, messages' events in all, events that were lost."""
    with store.read() as connection:
        row = connection.execute(
            select(
                func.count(outbox.c.sent_at),
                func.coalesce(func.sum(outbox.c.sent_count), 0),
                func.count().filter(outbox.c.lost),
            )
        ).one()
    return (row[0], row[1], row[2])


def test_a_queue_gets_the_bare_document_with_ten_events_at_most(store: Store, aws: Aws) -> None:
    queue = aws.queue()
    post(store, queue, *(f"3H{number:02}" for number in range(12)))
    assert sender(store, aws, notify_delay_max=0).send_due(NOW) == 2
    documents = aws.documents(queue)
    assert sorted(len(document["Events"]) for document in documents) == [2, 10]
    assert hits_in(documents) == [f"3H{number:02}" for number in range(12)]
    assert list(documents[0]) == [
        "Events", "EventDocId", "SourceAccount", "CustomerId", "EventDocVersion",
    ]  # fmt: skip
    assert totals(store) == (12, 12, 0)


@pytest.mark.parametrize("raw", [False, True], ids=["enveloped", "raw"])
def test_a_topic_gets_the_document_under_a_subject_in_epoch_milliseconds(
    store: Store, aws: Aws, raw: bool
) -> None:
    queue = aws.queue()
    post(store, aws.topic_to(queue, raw=raw), "3HIT", transport="SNS")
    assert sender(store, aws, notify_delay_max=0).send_due(NOW) == 1
    (message,) = aws.documents(queue)
    if not raw:
        assert message["Subject"] == "1767607203500"
        message = json.loads(message["Message"])
    assert hits_in([message]) == ["3HIT"]


def test_what_was_sent_is_not_sent_again(store: Store, aws: Aws) -> None:
    queue = aws.queue()
    post(store, queue, "3HIT")
    assert [sender(store, aws, notify_delay_max=0).send_due(NOW) for _ in range(2)] == [1, 0]
    assert len(aws.documents(queue)) == 1


def test_a_document_leaves_after_its_delay_and_not_before(store: Store, aws: Aws) -> None:
    queue = aws.queue()
    post(store, queue, "3HIT")
    waiting = sender(store, aws, notify_delay_min=1, notify_delay_max=2)
    assert waiting.send_due(NOW) == 0
    assert waiting.send_due(NOW + timedelta(seconds=0.99)) == 0
    assert waiting.send_due(LATER) == 1


def test_order_is_not_kept(store: Store, aws: Aws) -> None:
    queue = aws.queue()
    names = [f"3H{number}" for number in range(8)]
    for name in names:
        post(store, queue, name, hit_type=f"3T{name}")
    sender(store, aws, notify_delay_max=0).send_due(NOW)
    arrived = [document["Events"][0]["HITId"] for document in aws.documents(queue)]
    assert sorted(arrived) == names
    assert arrived != names


def test_a_double_is_the_same_document_in_another_message(store: Store, aws: Aws) -> None:
    queue = aws.queue()
    post(store, queue, "3HIT")
    assert sender(store, aws, notify_delay_max=0, notify_duplicates=1).send_due(NOW) == 2
    first, second = aws.receive(queue)
    assert first["Body"] == second["Body"]
    assert first["MessageId"] != second["MessageId"]
    assert totals(store) == (1, 2, 0)


def test_every_message_is_counted(store: Store, aws: Aws) -> None:
    queue = aws.queue()
    for number in range(30):
        post(store, queue, f"3H{number}", hit_type=f"3T{number}")
    messages = sender(store, aws, notify_delay_max=0, notify_duplicates=0.5).send_due(NOW)
    assert 30 < messages < 60
    assert totals(store) == (30, messages, 0)
    assert len(aws.receive(queue)) == messages


def test_a_lost_document_is_marked_and_never_sent(store: Store, aws: Aws) -> None:
    queue = aws.queue()
    post(store, queue, "3HIT")
    losing = sender(store, aws, notify_delay_max=0, notify_loss=1)
    assert [losing.send_due(NOW), losing.send_due(LATER)] == [0, 0]
    assert aws.documents(queue) == []
    assert totals(store) == (0, 0, 1)


def test_an_event_that_comes_again_has_another_document(store: Store, aws: Aws) -> None:
    """Sent in company that it did not have before; and once more only, not for ever."""
    queue = aws.queue()
    post(store, queue, "3HITA", "3HITB")
    again = sender(store, aws, notify_delay_max=0, notify_rebatched=1)
    assert again.send_due(NOW) == 1
    post(store, queue, "3HITC")
    assert [again.send_due(LATER) for _ in range(4)] == [1, 1, 0, 0]
    documents = aws.documents(queue)
    assert sorted(hits_in([document]) for document in documents) == [
        ["3HITA", "3HITB"],
        ["3HITA", "3HITB", "3HITC"],
        ["3HITC"],
    ]
    assert len({document["EventDocId"] for document in documents}) == 3


@pytest.mark.parametrize(("share", "sent_by_then"), [(0, [20, 0]), (1, [0, 20])])
def test_a_late_document_comes_minutes_after_the_others(
    store: Store, aws: Aws, share: float, sent_by_then: list[int]
) -> None:
    queue = aws.queue()
    for number in range(20):
        post(store, queue, f"3H{number}", hit_type=f"3T{number}")
    late = sender(store, aws, notify_delay_max=0, notify_late=share)
    late.send_due(NOW)
    assert len(aws.receive(queue)) == sent_by_then[0]
    assert late.send_due(NOW + timedelta(seconds=59)) == 0
    assert late.send_due(NOW + timedelta(seconds=300)) == sent_by_then[1]
    assert len(aws.receive(queue)) == sent_by_then[1]


def test_faults_that_are_set_act_on_a_sender_that_runs(store: Store, aws: Aws) -> None:
    queue = aws.queue()
    running = sender(store, aws, notify_delay_max=0)
    for text, hit, messages in (
        ('{"notify_loss": 1.0}', "3LOST", 0),
        ('{"notify_duplicates": 1.0}', "3TWICE", 2),
        (None, "3ONCE", 1),
    ):
        with store.write() as connection:
            keep_faults(connection, text)
        post(store, queue, hit)
        assert running.send_due(NOW) == messages
    assert hits_in(aws.documents(queue)) == ["3ONCE", "3TWICE", "3TWICE"]


def test_a_missing_queue_delays_and_holds_up_no_other(store: Store, aws: Aws) -> None:
    name = uuid.uuid4().hex
    missing, queue = aws.queue(name), aws.queue()
    aws.sqs.delete_queue(QueueUrl=missing)
    post(store, missing, "3LATE")
    post(store, queue, "3HIT")
    patient = sender(store, aws, notify_delay_max=0)
    assert patient.send_due(NOW) == 1
    assert aws.queue(name) == missing
    assert patient.send_due(NOW + timedelta(seconds=0.4)) == 0, "the first pause is half a second"
    assert patient.send_due(NOW + timedelta(seconds=0.5)) == 1
    assert hits_in(aws.documents(missing)) == ["3LATE"]


def test_pauses_grow_while_a_queue_is_missing_and_start_anew_after_it_was_there(
    store: Store, aws: Aws
) -> None:
    name = uuid.uuid4().hex
    patient = sender(store, aws, notify_delay_max=0)
    missing = aws.queue(name)

    def sent_at(*seconds: float) -> list[int]:
        return [patient.send_due(NOW + timedelta(seconds=second)) for second in seconds]

    aws.sqs.delete_queue(QueueUrl=missing)
    post(store, missing, "3HIT")
    assert sent_at(0, 0.5) == [0, 0], "and then a second's pause"
    aws.queue(name)
    assert sent_at(1.4, 1.5) == [0, 1]
    aws.sqs.delete_queue(QueueUrl=missing)
    post(store, missing, "3HIT")
    assert sent_at(2) == [0]
    aws.queue(name)
    assert sent_at(2.4, 2.5) == [0, 1]


def test_a_dead_service_loses_nothing_and_keeps_the_documents_ids(store: Store, aws: Aws) -> None:
    queue = aws.queue()
    post(store, queue, "3HIT")
    aws.stop()
    try:
        assert sender(store, aws, notify_delay_max=0).send_due(NOW) == 0
        with store.read() as connection:
            (document_id,) = connection.scalars(select(outbox.c.document_id))
    finally:
        aws.start_again()
    assert sender(store, aws).send_due(NOW) == 1, "a restarted sender goes on"
    (document,) = aws.documents(queue)
    assert document["EventDocId"] == document_id


def test_more_documents_than_one_call_takes_all_arrive(store: Store, aws: Aws) -> None:
    queue = aws.queue()
    post(store, queue, *(f"3H{number:03}" for number in range(230)))
    assert sender(store, aws, notify_delay_max=0).send_due(NOW) == 23
    assert hits_in(aws.documents(queue)) == [f"3H{number:03}" for number in range(230)]


def test_mail_is_recorded_and_delivered_nowhere(store: Store, aws: Aws) -> None:
    post(store, "requester@example.com", "3HIT", transport="Email")
    assert sender(store, aws, notify_delay_max=0).send_due(NOW) == 0
    assert totals(store) == (1, 0, 0)


def test_fifo_queues_get_nothing(store: Store, aws: Aws) -> None:
    post(store, f"{aws.endpoint}/123456789012/events.fifo", "3HIT")
    assert sender(store, aws, notify_delay_max=0).send_due(NOW) == 0
    assert totals(store) == (0, 0, 1)
