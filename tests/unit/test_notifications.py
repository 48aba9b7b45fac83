"""Every wrapping of a notification reads the same, and what is none says why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from deployments import lambda_handler
from hitline.errors import UnreadableNotification
from hitline.model import EventType
from hitline.notifications import Document, SubscriptionConfirmation, read

GOLDEN = Path(__file__).parent.parent / "golden"
HIT = "3H1TAAAAAAAAAAAAAAAAAAAAAAAA01"


def golden(folder: str) -> list[Any]:
    files = sorted((GOLDEN / folder).glob("*.expected.json"))
    return [pytest.param(f, id=f.name.removesuffix(".expected.json")) for f in files]


def message_of(expected: Path) -> Path:
    return expected.with_name(expected.name.replace(".expected", ""))


def shown(document: Document) -> dict[str, Any]:
    return {
        "document_id": document.document_id,
        "customer_id": document.customer_id,
        "source_account": document.source_account,
        "version": document.version,
        "events": [
            {
                "type": str(event.type),
                "at": event.at.isoformat() if event.at else None,
                "hit_id": event.hit_id,
                "hit_type_id": event.hit_type_id,
                "assignment_id": event.assignment_id,
            }
            for event in document.events
        ],
        "problems": list(document.problems),
    }


def shown_or_refused(text: str) -> dict[str, Any] | str:
    try:
        return shown(read(text))
    except UnreadableNotification as refused:
        return str(refused)


def body(*events: Mapping[str, Any], **rest: Any) -> str:
    return json.dumps({"Events": list(events), **rest})


def event(**changes: Any) -> dict[str, Any]:
    told = {
        "EventType": "HITReviewable",
        "EventTimestamp": "2026-01-05T10:00:03Z",
        "HITId": HIT,
        **changes,
    }
    return {name: value for name, value in told.items() if value is not ...}


@pytest.mark.parametrize("expected", golden("notifications"))
def test_a_recorded_form_of_message_reads_as_written_beside_it(expected: Path) -> None:
    text = message_of(expected).read_text("utf-8")
    wanted = json.loads(expected.read_text("utf-8"))

    assert shown(read(text)) == wanted
    assert shown(read(text.encode())) == wanted


@pytest.mark.parametrize("expected", golden("lambda"))
def test_the_records_of_a_lambda_event_read_as_written_beside_it(expected: Path) -> None:
    invocation = json.loads(message_of(expected).read_text("utf-8"))

    told = [shown_or_refused(body) for _, body in lambda_handler._bodies(invocation, "request")]

    assert told == json.loads(expected.read_text("utf-8"))


def test_the_identity_is_the_hash_of_type_hit_assignment_and_time() -> None:
    told = f"AssignmentSubmitted\n{HIT}\nASG1\n2026-01-05T10:00:03+00:00"
    message = body(event(EventType="AssignmentSubmitted", AssignmentId="ASG1"))

    assert read(message).events[0].identity == sha256(told.encode()).hexdigest()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            body(event(), EventDocId="doc-1"), body(event(), EventDocId="doc-2"), id="two documents"
        ),
        pytest.param(body(event()), body(event(HITTypeId="T1", WorkerId="W1")), id="fuller shape"),
        pytest.param(
            body(event()),
            body(event(EventTimestamp=..., EventTime="2026-01-05T10:00:03Z")),
            id="EventTime",
        ),
        pytest.param(
            body(event()), body(event(EventTimestamp="2026-01-05T12:00:03+02:00")), id="time zone"
        ),
        pytest.param(
            body(event(EventTimestamp=...), EventDocId="doc-1"),
            body(event(EventTimestamp=...), EventDocId="doc-1", CustomerId="A1"),
            id="no time, same document",
        ),
        pytest.param(
            body(event(EventTimestamp=...)), body(event(EventTimestamp=...)), id="nothing but body"
        ),
    ],
)
def test_the_same_event_told_twice_has_one_identity(one: str, other: str) -> None:
    assert read(one).events[0].identity == read(other).events[0].identity


def test_different_events_have_different_identities() -> None:
    different = [
        body(event()),
        body(event(EventType="HITExpired")),
        body(event(HITId="3OTHER")),
        body(event(AssignmentId="ASG1")),
        body(event(EventTimestamp="2026-01-05T10:00:04Z")),
        body(event(EventTimestamp=...), EventDocId="doc-1"),
        body(event(EventTimestamp=...), EventDocId="doc-2"),
        body(event(EventTimestamp=...)),
        body(event(EventTimestamp=...), CustomerId="A1"),
    ]

    assert len({read(message).events[0].identity for message in different}) == len(different)


def test_a_message_of_just_the_size_limit_is_read() -> None:
    message = body(event())

    assert read(message + " " * (262_144 - len(message))).events


@pytest.mark.parametrize("time", [..., None, 1767607203, "yesterday", "0001-01-01T00:00:00+23:59"])
def test_an_event_is_not_lost_for_a_time_that_cannot_be_read(time: Any) -> None:
    (read_event,) = read(body(event(EventTimestamp=time))).events

    assert read_event.at is None
    assert read_event.hit_id == HIT


def test_a_time_without_zone_is_utc() -> None:
    (read_event,) = read(body(event(EventTimestamp="2026-01-05T10:00:03"))).events

    assert read_event.at == datetime(2026, 1, 5, 10, 0, 3, tzinfo=UTC)


@pytest.mark.parametrize("kind", list(EventType))
def test_every_event_type_is_known(kind: EventType) -> None:
    assert read(body(event(EventType=str(kind)))).events[0].type is kind


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("hello", "the message is not JSON: 'hello'"),
        ("", "the message is not JSON: ''"),
        ("[1]", "the message is no JSON object: '[1]'"),
        (b"\xff\xfe", "the message is not UTF-8 text"),
        ("{}", "the message has no Events, but []"),
        ('{"Service":"Amazon S3"}', "the message has no Events, but ['Service']"),
        ('{"Events":[]}', "the message has no Events, but ['Events']"),
        ('{"Events":{}}', "the message has no Events, but ['Events']"),
        (body(event(EventType="Gone\x07")), "event 1: EventType 'Gone\\x07' is none of"),
        (body(event(EventType=...)), "event 1: EventType None is none of AssignmentAccepted,"),
        (body(event(HITId=...)), "event 1: HITReviewable without a HITId"),
        (body(event(HITId="../etc")), "event 1: HITId '../etc' is not up to 64 capital letters"),
        (body(event(HITId=7)), "event 1: HITId 7 is not up to"),
        (body(event(HITId="A" * 65)), "is not up to 64 capital letters and digits"),
        (body(event(AssignmentId="a b")), "event 1: AssignmentId 'a b' is not up to"),
        ('{"Events":["x"]}', "event 1: it is no object: 'x'"),
        ('{"Events":[1,2,3]}', "event 1: it is no object: 1 (and 2 more like it)"),
        ("[" * 100_000, "the message is nested too deep"),
        (" " * 262_145, "the message is 262,145 bytes, more than 262,144"),
        ('{"Type":"Notification","Message":"hi"}', "the SNS envelope's Message is not JSON: 'hi'"),
        ('{"Type":"Notification","Message":{}}', "type 'Notification' carries no event document"),
        ('{"Type":"UnsubscribeConfirmation"}', "type 'UnsubscribeConfirmation' carries no event"),
    ],
)
def test_what_is_no_notification_is_refused_with_the_reason(
    message: str | bytes, reason: str
) -> None:
    with pytest.raises(UnreadableNotification) as refused:
        read(message)

    assert reason in str(refused.value)
    assert str(refused.value).isprintable()


def test_a_subscription_confirmation_is_told_from_a_foreign_message() -> None:
    handshake = {
        "Type": "SubscriptionConfirmation",
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:hits",
        "SubscribeURL": "https://sns.example/?Action=ConfirmSubscription",
        "Message": "You have chosen to subscribe",
    }

    with pytest.raises(SubscriptionConfirmation, match="confirm the subscription to arn:") as asked:
        read(json.dumps(handshake))

    assert asked.value.topic_arn == handshake["TopicArn"]
    assert asked.value.subscribe_url == handshake["SubscribeURL"]
