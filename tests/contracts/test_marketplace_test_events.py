"""SendTestEventNotification: one made-up event, at once, to a queue or topic that takes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import select

from marketplace.engine.events import EventType
from marketplace.store import outbox

NOWHERE = "http://127.0.0.1:9"  # the discard service, which nobody runs
UNUSABLE = "AWS.MechanicalTurk.InvalidTransportEndpoint"


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """A stand-in of SQS and SNS; its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def sqs(aws: str) -> Any:
    return client("sqs", aws)


def client(service: Any, aws: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=aws,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def spec(destination: str, transport: str = "SQS", version: str = "2014-08-15") -> dict[str, Any]:
    return {
        "Destination": destination,
        "Transport": transport,
        "Version": version,
        "EventTypes": ["HITReviewable"],
    }


@pytest.mark.parametrize("event", [event.value for event in EventType])
@pytest.mark.parametrize("version", ["2014-08-15", "2006-05-05"])
def test_each_event_can_be_tested_without_a_hit_or_a_subscription(
    open_market: Callable[..., Any], aws: str, sqs: Any, event: str, version: str
) -> None:
    """Ids of nothing: thirty characters, of which the first is a 3; whatever faults are on."""
    market = open_market(sqs_endpoint=aws, notify_loss=1, notify_delay_min=60, notify_delay_max=60)
    queue = sqs.create_queue(QueueName=f"{event}-{version}")["QueueUrl"]
    market.client.send_test_event_notification(
        Notification=spec(queue, version=version), TestEventType=event
    )
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    document = json.loads(message["Body"])
    (sent,) = document.pop("Events")
    assert document.pop("EventDocVersion") == version
    assert document.pop("CustomerId").startswith("A")
    assert list(document) == ["EventDocId", "SourceAccount"]
    assert (sent["EventType"], sent["EventTimestamp"]) == (event, "2026-01-05T10:00:00Z")
    about = ["HITId", "HITTypeId", *["AssignmentId"] * event.startswith("Assignment")]
    assert sorted(sent) == sorted(["EventType", "EventTimestamp", *about])
    for name in about:
        assert (len(sent[name]), sent[name][0]) == (30, "3")


def test_a_topic_is_tested_under_a_dated_subject(
    open_market: Callable[..., Any], aws: str, sqs: Any
) -> None:
    market = open_market(sns_endpoint=aws)
    queue = sqs.create_queue(QueueName="behind-a-topic")["QueueUrl"]
    sns = client("sns", aws)
    topic = sns.create_topic(Name="tested")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    market.client.send_test_event_notification(
        Notification=spec(topic, "SNS"), TestEventType="Ping"
    )
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    envelope = json.loads(message["Body"])
    assert envelope["Subject"] == "1767607200000"
    assert json.loads(envelope["Message"])["Events"][0]["EventType"] == "Ping"


def test_mail_is_recorded_and_sent_nowhere(open_market: Callable[..., Any]) -> None:
    market = open_market()
    market.client.send_test_event_notification(
        Notification=spec("lab@example.org", "Email"), TestEventType="Ping"
    )
    assert kept(market) == [("Ping", 0)]


def test_what_was_sent_is_kept(open_market: Callable[..., Any], aws: str, sqs: Any) -> None:
    market = open_market(sqs_endpoint=aws)
    queue = sqs.create_queue(QueueName="kept")["QueueUrl"]
    market.client.send_test_event_notification(Notification=spec(queue), TestEventType="Ping")
    assert kept(market) == [("Ping", 1)]


@pytest.mark.parametrize(
    ("destination", "transport"),
    [
        ("hits", "SQS"),
        ("{aws}/123456789012/no-such-queue", "SQS"),
        ("{aws}/123456789012/hits.fifo", "SQS"),
        ("arn:aws:sns:us-east-1:123456789012:nobody-home", "SNS"),
        ("arn:aws:sns:us-east-1:123456789012:no.such.form", "SNS"),
        ("lab", "Email"),
    ],
    ids=["no address", "no such queue", "FIFO", "dead service", "no ARN", "no mail address"],
)
def test_a_destination_that_cannot_be_reached_is_refused(
    open_market: Callable[..., Any], aws: str, destination: str, transport: str
) -> None:
    market = open_market(sqs_endpoint=aws, sns_endpoint=NOWHERE)
    error = market.refusal(
        market.client.send_test_event_notification,
        Notification=spec(destination.format(aws=aws), transport),
        TestEventType="Ping",
    )
    assert (error["code"], error["turk"]) == ("RequestError", UNUSABLE)
    assert kept(market) == []


def kept(market: Any) -> list[tuple[str, int]]:
    """Events of the outbox, with the number of messages that were sent of each."""
    with market.store.read() as connection:
        rows = connection.execute(select(outbox).where(outbox.c.sent_at.is_not(None)))
        return [(row.event_type, row.sent_count) for row in rows]
