"""Which events reach the outbox, in what order, how often, and for whom."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.engine import Engine
from marketplace.engine.events import EventType
from marketplace.store import Store, outbox

ALL = [event.value for event in EventType if event is not EventType.PING]
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/hits"
SPEC = {
    "Destination": QUEUE,
    "Transport": "SQS",
    "Version": "2014-08-15",
    "EventTypes": ["HITReviewable"],
}


@pytest.fixture
def hit_type_id(market: Any) -> str:
    """A HIT type that is subscribed to everything; work may take ten minutes."""
    found = market.client.create_hit_type(
        Title="t",
        Description="d",
        Reward="0.05",
        AssignmentDurationInSeconds=600,
        AutoApprovalDelayInSeconds=86_400,
    )["HITTypeId"]
    market.subscribe(found, *ALL)
    return str(found)


def post(market: Any, hit_type_id: str, **changes: Any) -> str:
    parameters = {"LifetimeInSeconds": 3600, "Question": market.html_question, **changes}
    hit = market.client.create_hit_with_hit_type(HITTypeId=hit_type_id, **parameters)["HIT"]
    return str(hit["HITId"])


def test_a_hit_that_fills_is_reviewable_and_never_expires(market: Any, hit_type_id: str) -> None:
    hit_id = post(market, hit_type_id)
    market.submit(hit_id, "A1")
    market.advance(hours=2)
    assert market.events() == [
        "HITCreated",
        "AssignmentAccepted",
        "AssignmentSubmitted",
        "HITReviewable",
    ]


def test_a_hit_that_nobody_took_expires_and_is_reviewable(market: Any, hit_type_id: str) -> None:
    post(market, hit_type_id)
    market.advance(hours=2)
    assert market.events() == ["HITCreated", "HITExpired", "HITReviewable"]


@pytest.mark.parametrize(
    ("ending", "event"),
    [
        ("submit", "AssignmentSubmitted"),
        ("return", "AssignmentReturned"),
        ("wait", "AssignmentAbandoned"),
    ],
)
def test_an_expired_hit_is_reviewable_once_held_work_ends(
    market: Any, hit_type_id: str, ending: str, event: str
) -> None:
    hit_id = post(market, hit_type_id, LifetimeInSeconds=60)
    assignment_id = market.accept(hit_id, "A1")
    market.advance(seconds=60)
    assert market.events() == ["HITCreated", "AssignmentAccepted", "HITExpired"]
    if ending == "submit":
        market.engine.submit(assignment_id, "A1", {})
    elif ending == "return":
        market.engine.give_back(assignment_id, "A1")
    else:
        market.advance(minutes=10)
    assert market.events()[3:] == [event, "HITReviewable"]


def test_a_return_before_expiry_makes_nothing_reviewable(market: Any, hit_type_id: str) -> None:
    hit_id = post(market, hit_type_id)
    market.engine.give_back(market.accept(hit_id, "A1"), "A1")
    assert market.events() == ["HITCreated", "AssignmentAccepted", "AssignmentReturned"]


def test_forced_expiry_is_like_expiry_and_happens_once(market: Any, hit_type_id: str) -> None:
    hit_id = post(market, hit_type_id)
    for _ in range(2):
        market.client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0)
    market.advance(hours=2)
    assert market.events() == ["HITCreated", "HITExpired", "HITReviewable"]


def test_an_extension_that_fills_is_reviewable_again(market: Any, hit_type_id: str) -> None:
    hit_id = post(market, hit_type_id)
    market.submit(hit_id, "A1")
    market.client.create_additional_assignments_for_hit(
        HITId=hit_id, NumberOfAdditionalAssignments=1
    )
    market.submit(hit_id, "A2")
    assert market.events()[3:] == [
        "HITReviewable",
        "HITExtended",
        "AssignmentAccepted",
        "AssignmentSubmitted",
        "HITReviewable",
    ]


def test_more_time_alone_is_no_extension_event(market: Any, hit_type_id: str) -> None:
    """An expired HIT that lives again and expires again says so twice."""
    hit_id = post(market, hit_type_id)
    market.advance(hours=1)
    market.client.update_expiration_for_hit(
        HITId=hit_id, ExpireAt=market.clock.now() + timedelta(hours=1)
    )
    market.advance(hours=1)
    assert market.events() == [
        "HITCreated",
        *["HITExpired", "HITReviewable"] * 2,
    ]


def test_judging_and_disposal(market: Any, hit_type_id: str) -> None:
    """Approval by hand, by the clock, and in place of a rejection are one event."""
    hit_id = post(market, hit_type_id, MaxAssignments=3)
    first, second, _ = (market.submit(hit_id, f"A{number}") for number in range(3))
    before = len(market.events())
    market.client.approve_assignment(AssignmentId=first)
    market.client.reject_assignment(AssignmentId=second, RequesterFeedback="no")
    market.client.approve_assignment(AssignmentId=second, OverrideRejection=True)
    market.advance(days=1)
    market.client.delete_hit(HITId=hit_id)
    assert market.events()[before:] == [
        "AssignmentApproved",
        "AssignmentRejected",
        "AssignmentApproved",
        "AssignmentApproved",
        "HITDisposed",
    ]


def test_review_status_and_type_changes_are_silent(market: Any, hit_type_id: str) -> None:
    hit_id = post(market, hit_type_id, LifetimeInSeconds=60)
    other = market.client.create_hit_type(
        Title="u", Description="d", Reward="0.05", AssignmentDurationInSeconds=600
    )["HITTypeId"]
    market.client.update_hit_type_of_hit(HITId=hit_id, HITTypeId=other)
    assert market.events() == ["HITCreated"]


def test_what_was_missed_happened_when_it_fell_due(market: Any, hit_type_id: str) -> None:
    """The service was down for a week; events tell the due times, in their order."""
    hit_id = post(market, hit_type_id, MaxAssignments=2)
    market.submit(hit_id, "A1")
    market.advance(minutes=55)
    market.accept(hit_id, "A2")
    market.advance(days=7)
    market.events()
    with market.store.read() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
    assert [(row.event_type, row.at) for row in rows][4:] == [
        ("HITExpired", datetime(2026, 1, 5, 11, tzinfo=UTC)),
        ("AssignmentAbandoned", datetime(2026, 1, 5, 11, 5, tzinfo=UTC)),
        ("HITReviewable", datetime(2026, 1, 5, 11, 5, tzinfo=UTC)),
        ("AssignmentApproved", datetime(2026, 1, 6, 10, tzinfo=UTC)),
    ]


def test_a_row_holds_what_its_document_needs(market: Any, hit_type_id: str) -> None:
    hit_id = post(market, hit_type_id)
    assignment_id = market.accept(hit_id, "A1")
    market.events()
    with market.store.read() as connection:
        created, accepted = connection.execute(select(outbox).order_by(outbox.c.id)).all()
    assert created.assignment_id is None
    assert accepted.assignment_id == assignment_id
    for row in (created, accepted):
        assert (row.hit_id, row.hit_type_id) == (hit_id, hit_type_id)
        assert (row.transport, row.destination, row.version) == ("SQS", QUEUE, "2014-08-15")
        assert len(row.source_account) == 12
        assert row.requester_id.startswith("A")
        assert (row.sent_at, row.sent_count, row.lost, row.document_id) == (None, 0, False, None)
        assert row.due_at == market.clock.wall()


def test_events_of_time_happen_once_whoever_notices(market: Any, hit_type_id: str) -> None:
    """Eight tickers on connections of their own, as processes would have."""
    for _ in range(20):
        post(market, hit_type_id)
    market.advance(hours=1)
    start = threading.Barrier(8)

    def notice() -> None:
        store = Store(market.database)
        start.wait()
        Engine(store, market.clock, market.settings).tick()
        store.close()

    threads = [threading.Thread(target=notice) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = market.events()
    assert (events.count("HITExpired"), events.count("HITReviewable")) == (20, 20)


def test_only_what_is_subscribed_is_told(market: Any) -> None:
    hit = market.create_hit()
    assert market.events() == []
    market.subscribe(hit["HITTypeId"], "HITReviewable")
    market.submit(hit["HITId"], "A1")
    assert market.events() == ["HITReviewable"]


def test_a_new_specification_replaces_the_old(market: Any) -> None:
    hit_type_id = market.create_hit()["HITTypeId"]
    market.subscribe(hit_type_id, "HITCreated")
    market.subscribe(hit_type_id, "HITExpired")
    market.create_hit()
    market.advance(hours=1)
    assert market.events() == ["HITExpired", "HITExpired"]


def test_active_alone_switches_and_is_kept_by_a_replacement(market: Any) -> None:
    hit_type_id = market.create_hit()["HITTypeId"]
    update = market.client.update_notification_settings
    market.subscribe(hit_type_id, "HITCreated")
    update(HITTypeId=hit_type_id, Active=False)
    market.subscribe(hit_type_id, "HITCreated")
    market.create_hit()
    assert market.events() == []
    update(HITTypeId=hit_type_id, Active=True)
    market.create_hit()
    assert market.events() == ["HITCreated"]


@pytest.mark.parametrize(
    ("parameters", "code", "turk"),
    [
        ({}, "ParameterValidationError", None),
        ({"Active": True}, "ParameterValidationError", None),
        ({"Notification": {**SPEC, "Version": "2017-01-17"}}, "ParameterValidationError", None),
        (
            {"Notification": {**SPEC, "Destination": "hits"}},
            "RequestError",
            "AWS.MechanicalTurk.InvalidTransportEndpoint",
        ),
        (
            {"Notification": {**SPEC, "Destination": QUEUE + ".fifo"}},
            "RequestError",
            "AWS.MechanicalTurk.InvalidTransportEndpoint",
        ),
        (
            {"Notification": {**SPEC, "Transport": "SNS"}},
            "RequestError",
            "AWS.MechanicalTurk.InvalidTransportEndpoint",
        ),
        ({"Notification": {**SPEC, "EventTypes": ["HITLost"]}}, "ValidationException", None),
        ({"Notification": {**SPEC, "Transport": "SOAP"}}, "ValidationException", None),
    ],
)
def test_settings_that_cannot_work_are_refused(
    market: Any, parameters: dict[str, Any], code: str, turk: str | None
) -> None:
    hit_type_id = market.create_hit()["HITTypeId"]
    error = market.refusal(
        market.client.update_notification_settings, HITTypeId=hit_type_id, **parameters
    )
    assert (error["code"], error["turk"]) == (code, turk)


@pytest.mark.parametrize("version", ["2014-08-15", "2006-05-05"])
@pytest.mark.parametrize(
    ("transport", "destination"),
    [
        ("SQS", "http://127.0.0.1:4566/000000000000/hits"),
        ("SNS", "arn:aws:sns:us-east-1:123456789012:hits"),
        ("Email", "lab@example.org"),
    ],
)
def test_destinations_of_every_transport(
    market: Any, version: str, transport: str, destination: str
) -> None:
    hit_type_id = market.create_hit()["HITTypeId"]
    market.client.update_notification_settings(
        HITTypeId=hit_type_id,
        Notification={
            "Destination": destination,
            "Transport": transport,
            "Version": version,
            "EventTypes": ["HITCreated"],
        },
    )
    market.create_hit()
    assert market.events() == ["HITCreated"]


def test_another_requesters_type_cannot_be_subscribed_to(market: Any) -> None:
    hit_type_id = market.create_hit()["HITTypeId"]
    stranger = market.client_of(market.add_requester("other"))
    error = market.refusal(
        stranger.update_notification_settings, HITTypeId=hit_type_id, Notification=SPEC
    )
    assert error["message"] == f"HITType {hit_type_id} does not exist."


@pytest.mark.parametrize("fields", ["documented", "full"])
def test_accepted_and_submitted_work_may_say_more(
    open_market: Callable[..., Any], fields: str
) -> None:
    """Who, of which group, and the answer: as was seen in 2025, and is documented nowhere."""
    market = open_market(event_fields=fields)
    hit = market.create_hit()
    market.subscribe(hit["HITTypeId"], *ALL)
    assignment_id = market.submit(hit["HITId"], "A1", breed="Norwich terrier")
    assignment = market.client.get_assignment(AssignmentId=assignment_id)["Assignment"]
    with market.store.read() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
    worker = {"HITGroupId": hit["HITGroupId"], "WorkerId": "A1"}
    told = {
        "AssignmentAccepted": worker,
        "AssignmentSubmitted": {**worker, "Answer": assignment["Answer"]},
        "HITReviewable": None,
    }
    expected = dict.fromkeys(told) if fields == "documented" else told
    assert {row.event_type: row.details for row in rows} == expected


def test_the_operator_counts_events(open_market: Callable[..., Any]) -> None:
    """Before anything is sent, all is pending."""
    import httpx

    market = open_market()
    market.subscribe(market.create_hit()["HITTypeId"], "HITExpired")
    market.advance(hours=1)
    assert httpx.get(f"{market.url}/-/facts").json()["notifications"] == {
        "events_emitted": 1,
        "events_sent": 0,
        "documents_sent": 0,
        "lost": 0,
        "pending": 1,
    }
