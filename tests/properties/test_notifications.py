"""Whatever arrives, a notification is read or refused by its own error, and an event is one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from deployments import lambda_handler
from hitline.errors import UnreadableNotification
from hitline.model import EventType
from hitline.notifications import Document, read

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=8), parts),
    max_leaves=12,
)
IDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=30)
EVENTS = st.fixed_dictionaries(
    {"EventType": st.sampled_from([str(kind) for kind in EventType]), "HITId": IDS},
    optional={
        "AssignmentId": IDS,
        "HITTypeId": IDS,
        "EventTimestamp": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
        "WorkerId": IDS,
        "Answer": st.text(),
    },
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "Events": JSON | st.lists(EVENTS | JSON | st.dictionaries(st.just("EventType"), JSON)),
        "EventDocId": JSON,
        "Type": st.sampled_from(["Notification", "SubscriptionConfirmation"]) | JSON,
        "Message": JSON,
        "Records": JSON | st.lists(st.dictionaries(st.sampled_from(["Sns", "body"]), JSON)),
    },
)


def enveloped(text: str) -> str:
    return json.dumps({"Type": "Notification", "TopicArn": "arn:x", "Message": text})


@given(
    st.text()
    | st.binary()
    | (JSON | NEARLY).map(json.dumps)
    | NEARLY.map(json.dumps).map(enveloped)
)
def test_a_message_is_read_or_refused_and_nothing_else(body: str | bytes) -> None:
    try:
        document = read(body)
    except UnreadableNotification:
        return
    assert document.events


@given(JSON | NEARLY)
def test_every_record_of_a_lambda_event_is_taken_whatever_it_is(event: Any) -> None:
    records = event.get("Records") if isinstance(event, dict) else None
    bodies = lambda_handler._bodies(event, "request")
    assert len(bodies) == (len(records) if isinstance(records, list) else 1)
    assert all(message_id for message_id, _ in bodies)


@given(st.lists(EVENTS, min_size=1, max_size=10))
def test_every_wrapping_reads_to_the_same_document(events: list[dict[str, Any]]) -> None:
    text = json.dumps({"Events": events, "EventDocId": "doc-1"})
    document = read(text)

    assert len(document.events) == len(events)
    assert read(text.encode()) == document
    assert read(enveloped(text)) == document
    records = [{"Sns": {"Message": text}}, {"body": text}, {"body": enveloped(text)}]
    bodies = lambda_handler._bodies({"Records": records}, "request")
    assert [read(body) for _, body in bodies] == [document] * 3


@given(st.lists(EVENTS, min_size=1, max_size=6), st.lists(JSON, max_size=6), st.randoms())
def test_bad_events_lose_no_good_one(
    good: list[dict[str, Any]], bad: list[Any], chance: Any
) -> None:
    mixed = [*good, *bad]
    chance.shuffle(mixed)

    def identities(document: Document) -> set[str]:
        return {event.identity for event in document.events}

    document = read(json.dumps({"Events": mixed, "EventDocId": "doc-1"}))

    assert identities(document) == identities(
        read(json.dumps({"Events": good, "EventDocId": "doc-1"}))
    )
    assert len(document.events) + len(document.problems) == len(mixed)


@given(EVENTS, st.integers(-23, 23))
def test_an_event_is_the_same_in_whatever_document_and_time_zone_it_comes(
    event: dict[str, Any], hours: int
) -> None:
    at = datetime(2026, 1, 5, 10, 0, 3, tzinfo=UTC)
    elsewhere = (at + timedelta(hours=hours)).replace(tzinfo=None).isoformat()
    zone = f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    one = {**event, "EventTimestamp": "2026-01-05T10:00:03Z"}
    other = {**event, "EventTimestamp": elsewhere + zone}

    (first,) = read(json.dumps({"Events": [one], "EventDocId": "doc-1"})).events
    (second,) = read(json.dumps({"Events": [other], "EventDocId": "doc-2"})).events

    assert first == second
