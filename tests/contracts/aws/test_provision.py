"""The provisioned way of a notification, against servers of SQS and SNS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from deployments.provision import Names, NotificationPath, provision_path
from hitline.mturk.client import Transport

ACCOUNT = "123456789012"
QUEUE_ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT}:hitline-notifications"
DEAD_ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT}:hitline-notifications-dead"
TOPIC_ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:hitline-notifications"


def queue_attributes(sqs: Any, path: NotificationPath) -> dict[str, str]:
    found = sqs.get_queue_attributes(QueueUrl=path.queue_url, AttributeNames=["All"])
    attributes: dict[str, str] = found["Attributes"]
    return attributes


def statements(policy: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return found


@contextmanager
def recorded(*clients: Any) -> Iterator[list[str]]:
    """The operations that the clients call meanwhile."""
    called: list[str] = []

    def note(model: Any, **_: Any) -> None:
        called.append(model.name)

    for client in clients:
        client.meta.events.register("before-call", note, unique_id="recorded")
    yield called
    for client in clients:
        client.meta.events.unregister("before-call", unique_id="recorded")


def test_over_sqs_mturk_sends_to_the_queue_and_to_nothing_else(sqs: Any, sns: Any) -> None:
    path = provision_path("SQS", Names(), sqs=sqs, sns=sns, account="210987654321")

    assert path.transport == "SQS"
    assert path.destination == path.queue_url
    assert statements(queue_attributes(sqs, path)["Policy"]) == [
        {
            "Sid": "HitlineMTurkSendsToQueue",
            "Effect": "Allow",
            "Principal": {"Service": "mturk-requester.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": QUEUE_ARN,
            "Condition": {
                "Bool": {"aws:SecureTransport": "true"},
                "StringEquals": {"aws:SourceAccount": "210987654321"},
            },
        }
    ]
    assert sns.list_topics()["Topics"] == []


def test_the_queues_own_account_is_the_default(sqs: Any, sns: Any) -> None:
    path = provision_path("SQS", Names(), sqs=sqs, sns=sns)

    (statement,) = statements(queue_attributes(sqs, path)["Policy"])
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


def test_messages_that_nobody_can_store_end_in_the_dead_letter_queue(sqs: Any, sns: Any) -> None:
    path = provision_path("SQS", Names(), sqs=sqs, sns=sns)

    found = queue_attributes(sqs, path)
    assert json.loads(found["RedrivePolicy"]) == {
        "deadLetterTargetArn": DEAD_ARN,
        "maxReceiveCount": 100,
    }
    assert found["VisibilityTimeout"] == "60"
    assert found["MessageRetentionPeriod"] == "1209600"


def test_over_sns_mturk_publishes_and_only_the_topic_sends_to_the_queue(sqs: Any, sns: Any) -> None:
    path = provision_path("SNS", Names(), sqs=sqs, sns=sns)

    assert path.destination == TOPIC_ARN
    topic = sns.get_topic_attributes(TopicArn=TOPIC_ARN)["Attributes"]
    assert statements(topic["Policy"])[-1] == {
        "Sid": "HitlineMTurkPublishesToTopic",
        "Effect": "Allow",
        "Principal": {"Service": "mturk-requester.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC_ARN,
        "Condition": {
            "Bool": {"aws:SecureTransport": "true"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
    }
    assert statements(queue_attributes(sqs, path)["Policy"]) == [
        {
            "Sid": "HitlineTopicSendsToQueue",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": QUEUE_ARN,
            "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC_ARN}},
        }
    ]


@pytest.mark.parametrize("raw", [False, True])
def test_what_is_published_arrives_in_an_envelope_or_raw(sqs: Any, sns: Any, raw: bool) -> None:
    path = provision_path("SNS", Names(), sqs=sqs, sns=sns, raw=raw)
    sns.publish(TopicArn=path.destination, Message='{"Events":[]}')

    (message,) = sqs.receive_message(QueueUrl=path.queue_url)["Messages"]
    body = json.loads(message["Body"])
    assert (body if raw else json.loads(body["Message"])) == {"Events": []}


@pytest.mark.parametrize("transport", ["SQS", "SNS"])
def test_a_second_time_changes_nothing(sqs: Any, sns: Any, transport: Transport) -> None:
    path = provision_path(transport, Names(), sqs=sqs, sns=sns)
    before = queue_attributes(sqs, path)

    with recorded(sqs, sns) as called:
        again = provision_path(transport, Names(), sqs=sqs, sns=sns)

    assert again == path
    assert queue_attributes(sqs, path) == before
    assert [name for name in called if name.startswith("Set") or name == "CreateQueue"] == []
    assert len(sns.list_subscriptions()["Subscriptions"]) == (transport == "SNS")


def test_a_queue_that_was_made_otherwise_is_brought_into_line(sqs: Any, sns: Any) -> None:
    url = sqs.create_queue(
        QueueName="hitline-notifications", Attributes={"VisibilityTimeout": "5"}
    )["QueueUrl"]

    path = provision_path("SQS", Names(), sqs=sqs, sns=sns)

    assert path.queue_url == url
    assert queue_attributes(sqs, path)["VisibilityTimeout"] == "60"


def test_statements_of_others_stay_and_ours_follow_the_transport(sqs: Any, sns: Any) -> None:
    theirs = {
        "Sid": "Backup",
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": "sqs:ReceiveMessage",
        "Resource": QUEUE_ARN,
    }
    sqs.create_queue(
        QueueName="hitline-notifications",
        Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": theirs})},
    )

    provision_path("SQS", Names(), sqs=sqs, sns=sns)
    path = provision_path("SNS", Names(), sqs=sqs, sns=sns)

    sids = [found["Sid"] for found in statements(queue_attributes(sqs, path)["Policy"])]
    assert sids == ["Backup", "HitlineTopicSendsToQueue"]


def test_the_topics_own_statement_stays(sqs: Any, sns: Any) -> None:
    sns.create_topic(Name="hitline-notifications")
    found = sns.get_topic_attributes(TopicArn=TOPIC_ARN)["Attributes"]["Policy"]
    (owner,) = statements(found)

    provision_path("SNS", Names(), sqs=sqs, sns=sns)

    changed = sns.get_topic_attributes(TopicArn=TOPIC_ARN)["Attributes"]["Policy"]
    assert statements(changed)[0] == owner
    assert len(statements(changed)) == 2
