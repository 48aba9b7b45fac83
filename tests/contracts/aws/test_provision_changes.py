"""Provisioning says first what it would change, and a Ping proves what it made."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from deployments.provision import Changes, Names, NotificationPath, provision_path
from deployments.provision.proof import ping
from hitline.errors import HitlineError
from hitline.model import EventType
from hitline.mturk.client import Transport
from hitline.mturk.queue import Queue

AT = datetime(2026, 1, 5, tzinfo=UTC)


def planned(transport: Transport, sqs: Any, sns: Any) -> list[str]:
    changes = Changes(dry=True)
    provision_path(transport, Names(), sqs=sqs, sns=sns, changes=changes)
    return changes.said


def made(transport: Transport, sqs: Any, sns: Any) -> tuple[NotificationPath, list[str]]:
    changes = Changes()
    return provision_path(transport, Names(), sqs=sqs, sns=sns, changes=changes), changes.said


def arn_of(sqs: Any, url: str) -> str:
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(found["Attributes"]["QueueArn"])


@pytest.mark.parametrize("transport", ["SQS", "SNS"])
def test_what_is_planned_is_what_is_then_changed_and_planning_changes_nothing(
    sqs: Any, sns: Any, transport: Transport
) -> None:
    plan = planned(transport, sqs, sns)

    assert "create the queue hitline-notifications-dead" in plan
    assert "QueueUrls" not in sqs.list_queues()
    assert sns.list_topics()["Topics"] == []
    _, said = made(transport, sqs, sns)
    assert said == plan
    assert planned(transport, sqs, sns) == []


def test_only_what_is_broken_is_mended(sqs: Any, sns: Any) -> None:
    path, _ = made("SQS", sqs, sns)
    sqs.set_queue_attributes(QueueUrl=path.queue_url, Attributes={"Policy": ""})
    assert planned("SQS", sqs, sns) == ["set Policy of the queue hitline-notifications"]


def test_what_somebody_may_have_chosen_is_said_before_it_is_changed(sqs: Any, sns: Any) -> None:
    path, _ = made("SQS", sqs, sns)
    redrive = {"deadLetterTargetArn": arn_of(sqs, f"{path.queue_url}-dead"), "maxReceiveCount": 5}
    chosen = {
        "VisibilityTimeout": "300",
        "MessageRetentionPeriod": "3600",
        "RedrivePolicy": json.dumps(redrive),
    }
    sqs.set_queue_attributes(QueueUrl=path.queue_url, Attributes=chosen)
    (change,) = planned("SQS", sqs, sns)
    for said in (
        "MessageRetentionPeriod (3600 s -> 1209600 s)",
        "RedrivePolicy (hitline-notifications-dead after 5 deliveries -> "
        "hitline-notifications-dead after 100 deliveries)",
        "VisibilityTimeout (300 s -> 60 s)",
    ):
        assert said in change


def test_of_a_policy_it_says_who_was_allowed_by_us_and_who_will_be(sqs: Any, sns: Any) -> None:
    provision_path("SNS", Names(), sqs=sqs, sns=sns, account="111111111111")
    changes = Changes(dry=True)
    provision_path("SNS", Names(), sqs=sqs, sns=sns, account="222222222222", changes=changes)

    (change,) = changes.said
    before, after = change.split(" -> ")
    assert before.startswith("set Policy (HitlineMTurkPublishesToTopic if {")
    assert '"aws:SourceAccount": "111111111111"' in before
    assert '"aws:SourceAccount": "222222222222"' in after
    assert after.endswith("}) of the topic hitline-notifications")


def with_dead_letters_in(sqs: Any, arn: str) -> str:
    """The URL of the queue, which somebody made with a dead-letter queue of their own."""
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    return str(
        sqs.create_queue(QueueName="hitline-notifications", Attributes={"RedrivePolicy": policy})[
            "QueueUrl"
        ]
    )


def test_a_dead_letter_queue_of_somebody_elses_is_kept_and_none_of_ours_made(
    sqs: Any, sns: Any
) -> None:
    theirs = sqs.create_queue(QueueName="graveyard")["QueueUrl"]
    ours = with_dead_letters_in(sqs, arn_of(sqs, theirs))
    changes = Changes()
    path = provision_path("SQS", Names(), sqs=sqs, sns=sns, changes=changes)

    assert not [change for change in changes.said if "dead" in change or "Redrive" in change]
    assert changes.kept == [
        "the queue hitline-notifications keeps its dead letters in graveyard after 5 deliveries"
    ]
    assert Queue(sqs, path.queue_url).dead_letters().url == theirs  # type: ignore[union-attr]
    assert path.queue_url == ours


def test_a_dead_letter_queue_that_is_gone_is_replaced_by_ours(sqs: Any, sns: Any) -> None:
    theirs = sqs.create_queue(QueueName="graveyard")["QueueUrl"]
    with_dead_letters_in(sqs, arn_of(sqs, theirs))
    sqs.delete_queue(QueueUrl=theirs)
    path, _ = made("SQS", sqs, sns)

    dead = Queue(sqs, path.queue_url).dead_letters()
    assert dead is not None
    assert dead.url == f"{path.queue_url}-dead"


class Endpoint:
    """Sends the Ping into the queue, or nowhere."""

    def __init__(self, sqs: Any, reaches: bool) -> None:
        self.sqs, self.reaches = sqs, reaches

    def send_test_event(self, destination: str, transport: Transport, event: EventType) -> None:
        assert (transport, event) == ("SQS", EventType.PING)
        if self.reaches:
            self.sqs.send_message(QueueUrl=destination, MessageBody="{}")


def test_a_ping_that_no_intake_reads_is_found_in_the_queue(
    sqs: Any, sns: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deployments.provision.proof.AN_INTAKES_TURN", 0)
    path, _ = made("SQS", sqs, sns)
    requester: Any = Endpoint(sqs, reaches=True)
    said = ping(requester, path, sqs=sqs, stored=lambda: None)
    assert said == "a Ping came through to the queue; no intake has read it yet"


def test_a_ping_that_was_stored_is_proof_of_the_whole_way(sqs: Any, sns: Any) -> None:
    path, _ = made("SQS", sqs, sns)
    seen = iter([None, AT])
    requester: Any = Endpoint(sqs, reaches=False)
    said = ping(requester, path, sqs=sqs, stored=lambda: next(seen))
    assert said == "a Ping came through and was stored"


def test_a_ping_that_does_not_arrive_is_an_error_that_names_what_to_look_at(
    sqs: Any, sns: Any
) -> None:
    path, _ = made("SQS", sqs, sns)
    requester: Any = Endpoint(sqs, reaches=False)
    with pytest.raises(HitlineError, match="HITLINE_SOURCE_ACCOUNT"):
        ping(requester, path, sqs=sqs, stored=lambda: None, patience=0)
