"""What a notification looks like, and which events share one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from marketplace.notify.documents import Address, Document, Event, group, render
from marketplace.notify.messages import message
from marketplace.notify.transports import Message, calls

QUEUE = Address(
    transport="SQS",
    destination="https://sqs.us-east-1.amazonaws.com/123456789012/events",
    hit_type_id="3CCC",
    version="2014-08-15",
    requester_id="AEXAMPLE123",
    source_account="123456789012",
)
SUBMITTED = Event(
    id=1,
    address=QUEUE,
    event_type="AssignmentSubmitted",
    at=datetime(2026, 1, 5, 10, 0, 3, 987654, tzinfo=UTC),
    hit_id="3AAA",
    assignment_id="3BBB",
)


def test_a_document_has_the_observed_keys_in_the_observed_order_without_spaces() -> None:
    reviewable = replace(SUBMITTED, id=2, event_type="HITReviewable", assignment_id=None)
    assert render(Document(id="0f" * 20, events=[SUBMITTED, reviewable])) == (
        '{"Events":['
        '{"EventType":"AssignmentSubmitted","EventTimestamp":"2026-01-05T10:00:03Z",'
        '"HITId":"3AAA","AssignmentId":"3BBB","HITTypeId":"3CCC"},'
        '{"EventType":"HITReviewable","EventTimestamp":"2026-01-05T10:00:03Z",'
        '"HITId":"3AAA","HITTypeId":"3CCC"}],'
        f'"EventDocId":"{"0f" * 20}","SourceAccount":"123456789012",'
        '"CustomerId":"AEXAMPLE123","EventDocVersion":"2014-08-15"}'
    )


def test_the_version_that_was_asked_for_is_echoed() -> None:
    event = replace(SUBMITTED, address=replace(QUEUE, version="2006-05-05"))
    assert json.loads(render(Document(id="d", events=[event])))["EventDocVersion"] == "2006-05-05"


def test_times_are_whole_seconds_in_utc() -> None:
    berlin = datetime(2026, 1, 5, 11, 0, 3, 999999, tzinfo=timezone(timedelta(hours=1)))
    content = json.loads(render(Document(id="d", events=[replace(SUBMITTED, at=berlin)])))
    assert content["Events"][0]["EventTimestamp"] == "2026-01-05T10:00:03Z"


FULLER = replace(
    SUBMITTED,
    details={"HITGroupId": "3GGG", "WorkerId": "AWORKER", "Answer": "<?xml?>"},
)


@pytest.mark.parametrize(
    ("event", "written"),
    [
        (
            FULLER,
            '{"HITGroupId":"3GGG","EventType":"AssignmentSubmitted",'
            '"EventTimestamp":"2026-01-05T10:00:03Z","HITId":"3AAA","AssignmentId":"3BBB",'
            '"WorkerId":"AWORKER","Answer":"<?xml?>","HITTypeId":"3CCC"}',
        ),
        (
            replace(FULLER, details={"HITGroupId": "3GGG", "WorkerId": "AWORKER"}),
            '{"HITGroupId":"3GGG","EventType":"AssignmentSubmitted",'
            '"EventTimestamp":"2026-01-05T10:00:03Z","HITId":"3AAA","AssignmentId":"3BBB",'
            '"WorkerId":"AWORKER","HITTypeId":"3CCC"}',
        ),
    ],
    ids=["with the answer", "without"],
)
def test_the_fuller_form_has_the_keys_in_the_order_of_2025(event: Event, written: str) -> None:
    assert render(Document(id="d", events=[event])).startswith(f'{{"Events":[{written}],')


def test_the_subject_of_an_sns_message_was_the_time_and_later_a_plain_number() -> None:
    """The same number whenever the document is sent."""
    moment = datetime(2019, 8, 9, 21, 17, 16, 809000, tzinfo=UTC)
    document = Document(id="0f" * 20, events=[SUBMITTED])
    assert message(document, moment, fields="documented").subject == "1565385436809"
    numbers = {
        message(document, moment + timedelta(days=day), fields="full").subject for day in (0, 1)
    }
    assert len(numbers) == 1
    assert 10_000_000 <= int(numbers.pop()) < 100_000_000


@pytest.mark.parametrize(
    ("answers", "sizes"),
    [([60_000] * 5, [3, 2]), ([99_000, 99_000, 99_000], [2, 1]), ([10] * 11, [10, 1])],
)
def test_long_answers_share_a_document_only_while_a_message_can_carry_them(
    answers: list[int], sizes: list[int]
) -> None:
    events = [
        replace(FULLER, id=number, details={**FULLER.details, "Answer": "x" * length})
        for number, length in enumerate(answers)
    ]
    documents = group(events)
    assert [len(document.events) for document in documents] == sizes
    assert all(len(render(document)) < 262_144 for document in documents)


def test_an_answer_that_no_message_could_carry_is_left_out() -> None:
    event = replace(FULLER, details={**FULLER.details, "Answer": "é" * 60_000})
    (written,) = json.loads(render(Document(id="d", events=[event])))["Events"]
    assert "Answer" not in written
    assert written["WorkerId"] == "AWORKER"


@pytest.mark.parametrize(
    ("lengths", "parts"),
    [
        ([10] * 23, [10, 10, 3]),
        ([200_000, 50_000, 10_000], [2, 1]),
        ([200_000, 200_000], [1, 1]),
        ([], []),
    ],
)
def test_a_call_takes_ten_messages_and_a_quarter_of_a_megabyte(
    lengths: list[int], parts: list[int]
) -> None:
    messages = [Message(document_id="d", body="x" * length, subject="") for length in lengths]
    assert [len(part) for part in calls(messages)] == parts


@pytest.mark.parametrize(
    ("count", "sizes"), [(1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])]
)
def test_a_document_carries_ten_events_at_most(count: int, sizes: list[int]) -> None:
    events = [replace(SUBMITTED, id=number) for number in range(count)]
    assert [len(document.events) for document in group(events)] == sizes


@pytest.mark.parametrize(
    "other",
    [
        replace(QUEUE, destination="https://sqs.us-east-1.amazonaws.com/123456789012/others"),
        replace(QUEUE, hit_type_id="3DDD"),
        replace(QUEUE, version="2006-05-05"),
        replace(QUEUE, requester_id="AOTHER"),
    ],
    ids=["destination", "HIT type", "version", "requester"],
)
def test_events_that_differ_in_their_address_do_not_share_a_document(other: Address) -> None:
    events = [SUBMITTED, replace(SUBMITTED, id=2, address=other), replace(SUBMITTED, id=3)]
    assert [[event.id for event in document.events] for document in group(events)] == [[1, 3], [2]]


def test_events_may_be_told_to_travel_alone() -> None:
    events = [replace(SUBMITTED, id=number) for number in range(3)]
    assert [len(document.events) for document in group(events, most=1)] == [1, 1, 1]


def test_a_document_id_is_forty_hexadecimal_digits_and_follows_from_the_events() -> None:
    (document,) = group([SUBMITTED])
    assert len(document.id) == 40
    assert set(document.id) <= set("0123456789abcdef")
    assert group([SUBMITTED])[0].id == document.id
    assert group([replace(SUBMITTED, id=2)])[0].id != document.id
