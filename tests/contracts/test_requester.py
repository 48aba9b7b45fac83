"""The requester's adapter against the marketplace, over HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session
from sqlalchemy import select
from urllib3 import HTTPResponse

from hitline.errors import (
    AlreadyDone,
    Gone,
    MTurkError,
    NotAuthorized,
    NotYet,
    OutOfFunds,
    Refused,
    Throttled,
    Unavailable,
    WrongState,
)
from hitline.model import AssignmentStatus, EventType, Hit, HitStatus
from hitline.mturk.client import NEEDED_EVENTS, Requester, connect
from hitline.mturk.connection import Credentials, boto_client
from marketplace.store.schema import outbox

QUESTION = (
    '<HTMLQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/'
    '2011-11-11/HTMLQuestion.xsd"><HTMLContent><![CDATA[<!DOCTYPE html><html><body><form>'
    '<input name="breed"></form></body></html>]]></HTMLContent><FrameHeight>0</FrameHeight>'
    "</HTMLQuestion>"
)
HOUR = timedelta(hours=1)
UNKNOWN = "3UNKNOWN" + "0" * 22
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/hitline-notifications"
TOPIC_ARN = "arn:aws:sns:us-east-1:123456789012:hitline-notifications"


@pytest.fixture
def client(market: Any) -> Any:
    """It tries once, so that no test waits for botocore's pauses."""
    return market.client


@pytest.fixture
def requester(client: Any) -> Requester:
    return Requester(client)


@pytest.fixture
def hit_type_id(requester: Requester) -> str:
    return make_type(requester)


def make_type(requester: Requester, **changed: Any) -> str:
    attributes: dict[str, Any] = {
        "title": "Which breed is the dog?",
        "description": "Look at a picture and say which breed it shows.",
        "keywords": "dog, picture",
        "reward": Decimal("0.05"),
        "duration": timedelta(minutes=5),
        "auto_approval": timedelta(days=3),
    }
    return requester.create_hit_type(**{**attributes, **changed})


def post(requester: Requester, hit_type_id: str, token: str = "t", **changed: Any) -> Hit:
    arguments: dict[str, Any] = {
        "question": QUESTION,
        "max_assignments": 2,
        "lifetime": HOUR,
        "annotation": "dogs/breed/i1/0/0",
    }
    return requester.create_hit(hit_type_id=hit_type_id, token=token, **{**arguments, **changed})


def work(market: Any, hit: Hit, workers: int) -> None:
    """That many workers accept and submit."""
    for number in range(workers):
        market.submit(hit.hit_id, f"AWORKER{number:03}", breed=f"terrier {number}")


def calls(client: Any) -> list[str]:
    """The operations that `client` sends from now on."""
    sent: list[str] = []

    def note(request: Any, event_name: str, **_: Any) -> None:
        sent.append(event_name.rpartition(".")[2])

    client.meta.events.register("before-send.mturk", note)
    return sent


def answering(status: int, document: dict[str, str]) -> Callable[..., AWSResponse]:
    """A handler of botocore's `before-send` that answers in the endpoint's place."""

    def answer(request: Any, **_: Any) -> AWSResponse:
        body = io.BytesIO(json.dumps(document).encode())
        return AWSResponse(
            request.url, status, HTTPHeaders(), HTTPResponse(body, preload_content=False)
        )

    return answer


class LosesTheResponse:
    """A handler of `before-send` that sends the first request, but loses what is answered."""

    def __init__(self) -> None:
        self.lost = 0

    def __call__(self, request: Any, **_: Any) -> None:
        if self.lost == 0:
            self.lost += 1
            URLLib3Session().send(request)
            raise ReadTimeoutError(endpoint_url=request.url)


# HIT types and HITs


def test_the_same_attributes_are_the_same_hit_type(requester: Requester) -> None:
    assert make_type(requester) == make_type(requester)
    assert make_type(requester) != make_type(requester, reward=Decimal("0.06"))


def test_a_qualification_requirement_reaches_the_hit_type(
    client: Any, requester: Requester
) -> None:
    locale = {
        "QualificationTypeId": "00000000000000000071",
        "Comparator": "EqualTo",
        "LocaleValues": [{"Country": "US"}],
    }
    hit = post(requester, make_type(requester, qualifications=[locale]))

    (found,) = client.get_hit(HITId=hit.hit_id)["HIT"]["QualificationRequirements"]
    assert found["LocaleValues"] == [{"Country": "US"}]


def test_a_reward_of_broken_cents_is_refused_before_it_is_sent(
    client: Any, requester: Requester
) -> None:
    sent = calls(client)

    with pytest.raises(Refused, match=r"0\.055 US dollars is not a whole number of cents"):
        make_type(requester, reward=Decimal("0.055"))

    assert sent == []


def test_a_posted_hit_is_found_again_as_it_was_posted(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    posted = post(requester, hit_type_id)

    assert requester.get_hit(posted.hit_id) == posted
    assert posted == Hit(
        hit_id=posted.hit_id,
        hit_type_id=hit_type_id,
        status=HitStatus.ASSIGNABLE,
        max_assignments=2,
        pending=0,
        available=2,
        completed=0,
        reward=Decimal("0.05"),
        created_at=market.clock.now(),
        expires_at=market.clock.now() + HOUR,
        duration=timedelta(minutes=5),
        annotation="dogs/breed/i1/0/0",
        title="Which breed is the dog?",
    )


@pytest.mark.slow
def test_every_hit_is_listed_though_they_fill_more_than_a_page(
    client: Any, requester: Requester, hit_type_id: str
) -> None:
    posted = {post(requester, hit_type_id, token=f"t{n}").hit_id for n in range(101)}
    sent = calls(client)

    listed = [hit.hit_id for hit in requester.list_hits()]

    assert len(listed) == 101
    assert set(listed) == posted
    assert sent == ["ListHITs"] * 3  # 100, 1, and the empty page that ends the list


def test_reviewable_hits_are_listed_by_type_and_until_marked(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    other_type = make_type(requester, title="Another question")
    ours, other = post(requester, hit_type_id, "a"), post(requester, other_type, "b")
    post(requester, hit_type_id, "c")
    requester.expire(ours.hit_id)
    requester.expire(other.hit_id)

    assert set(requester.reviewable_hits()) == {ours.hit_id, other.hit_id}
    assert list(requester.reviewable_hits(hit_type_id)) == [ours.hit_id]

    requester.mark_reviewing(ours.hit_id)
    assert list(requester.reviewable_hits()) == [other.hit_id]
    assert list(requester.reviewable_hits(reviewing=True)) == [ours.hit_id]


def test_marking_a_hit_that_is_not_reviewable_is_wrong_state(
    requester: Requester, hit_type_id: str
) -> None:
    with pytest.raises(WrongState):
        requester.mark_reviewing(post(requester, hit_type_id).hit_id)


def test_a_type_can_be_changed_until_somebody_accepted(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    dearer = make_type(requester, reward=Decimal("0.08"))
    hit = post(requester, hit_type_id)

    requester.change_type(hit.hit_id, dearer)
    assert requester.get_hit(hit.hit_id).reward == Decimal("0.08")

    work(market, hit, 1)
    with pytest.raises(WrongState):
        requester.change_type(hit.hit_id, hit_type_id)


def test_a_hit_is_disposed_of_once_every_submission_is_judged(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id, max_assignments=1)
    work(market, hit, 1)
    with pytest.raises(WrongState):
        requester.dispose(hit.hit_id)

    (assignment,) = requester.assignments(hit.hit_id)
    requester.approve(assignment.assignment_id)
    requester.dispose(hit.hit_id)

    assert list(requester.list_hits()) == []
    with pytest.raises(WrongState, match="Disposed"):
        requester.dispose(hit.hit_id)


# Expiry


def test_expiring_takes_a_hit_off_the_market_and_is_harmless_twice(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)

    requester.expire(hit.hit_id)
    requester.expire(hit.hit_id)

    found = requester.get_hit(hit.hit_id)
    assert found.status is HitStatus.REVIEWABLE
    assert found.expires_at == market.clock.now()


def test_an_extension_sets_the_new_expiry_rounded_up_to_a_second(
    requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)

    requester.extend_expiry(hit.hit_id, hit.expires_at + timedelta(seconds=59.5))

    expected = hit.expires_at + timedelta(seconds=60)
    assert requester.get_hit(hit.hit_id).expires_at == expected


def test_the_same_extension_again_is_already_done(requester: Requester, hit_type_id: str) -> None:
    hit = post(requester, hit_type_id)
    requester.extend_expiry(hit.hit_id, hit.expires_at + HOUR)

    with pytest.raises(AlreadyDone):
        requester.extend_expiry(hit.hit_id, hit.expires_at + HOUR)


@pytest.mark.parametrize("seconds", [59, 0, -60], ids=["too little", "nothing", "shorter"])
def test_an_extension_of_less_than_a_minute_is_refused(
    requester: Requester, hit_type_id: str, seconds: int
) -> None:
    hit = post(requester, hit_type_id)

    with pytest.raises(Refused, match="Valid values range from 60"):
        requester.extend_expiry(hit.hit_id, hit.expires_at + timedelta(seconds=seconds))


def test_an_expired_hit_is_offered_again_when_extended(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)
    requester.expire(hit.hit_id)

    requester.extend_expiry(hit.hit_id, market.clock.now() + timedelta(minutes=2))

    assert requester.get_hit(hit.hit_id).status is HitStatus.ASSIGNABLE


# Tokens and lost responses


def test_a_reused_token_is_already_done_and_names_the_hit(
    requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id, token="once")

    with pytest.raises(AlreadyDone) as caught:
        post(requester, hit_type_id, token="once")

    assert caught.value.existing_id == hit.hit_id


def test_assignments_are_added_once_for_a_token(requester: Requester, hit_type_id: str) -> None:
    hit = post(requester, hit_type_id)
    requester.add_assignments(hit.hit_id, 3, "more")

    with pytest.raises(AlreadyDone):
        requester.add_assignments(hit.hit_id, 3, "more")

    assert requester.get_hit(hit.hit_id).max_assignments == 5


def test_ten_assignments_are_out_of_reach_of_a_hit_posted_with_fewer(
    requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)

    with pytest.raises(Refused) as caught:
        requester.add_assignments(hit.hit_id, 8, "more")

    assert caught.value.code == "AWS.MechanicalTurk.InvalidMaximumAssignmentsIncrease"


def test_a_hit_whose_response_was_lost_is_posted_once_and_found(
    market: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore tries again by itself, and the second answer says what the first did."""
    pauses: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=pauses.append))
    client = boto_client(
        "mturk", endpoint_url=market.url, region="us-east-1", credentials=market.credentials
    )
    requester, loses = Requester(client), LosesTheResponse()
    hit_type_id = make_type(requester)
    client.meta.events.register("before-send.mturk.CreateHITWithHITType", loses)

    with pytest.raises(AlreadyDone) as caught:
        post(requester, hit_type_id)

    assert loses.lost == len(pauses) == 1
    assert [hit.hit_id for hit in requester.list_hits()] == [caught.value.existing_id]


def test_a_response_lost_for_good_leaves_the_effect_unknown(
    client: Any, requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)
    client.meta.events.register(
        "before-send.mturk.CreateAdditionalAssignmentsForHIT", LosesTheResponse()
    )

    with pytest.raises(Unavailable):
        requester.add_assignments(hit.hit_id, 3, "more")

    assert requester.get_hit(hit.hit_id).max_assignments == 5
    with pytest.raises(AlreadyDone):
        requester.add_assignments(hit.hit_id, 3, "more")


# Assignments and money


@pytest.mark.parametrize(
    ("answers", "pages"),
    [
        pytest.param(0, 1, id="no answer: one empty page"),
        pytest.param(9, 1, id="less than any server's page: no second call"),
        pytest.param(10, 2, id="a server's own page size: the empty page is asked for"),
        pytest.param(250, 4, id="100, 100, 50, empty", marks=pytest.mark.slow),
    ],
)
def test_assignments_are_read_to_the_end(
    market: Any,
    client: Any,
    requester: Requester,
    hit_type_id: str,
    answers: int,
    pages: int,
) -> None:
    hit = post(requester, hit_type_id, max_assignments=300)
    work(market, hit, answers)
    sent = calls(client)

    found = requester.assignments(hit.hit_id)

    assert [each.worker_id for each in found] == [f"AWORKER{n:03}" for n in range(answers)]
    assert sent == ["ListAssignmentsForHIT"] * pages


def test_an_assignment_is_read_as_it_was_submitted(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)
    accepted_at = market.clock.now()
    assignment_id = market.accept(hit.hit_id, "AWORKER")
    market.advance(minutes=2)
    market.engine.submit(assignment_id, "AWORKER", {"breed": "Norfolk terrier"})

    found = requester.get_assignment(assignment_id)

    assert requester.assignments(hit.hit_id) == [found]
    assert (found.hit_id, found.worker_id) == (hit.hit_id, "AWORKER")
    assert found.status is AssignmentStatus.SUBMITTED
    assert found.accepted_at == accepted_at
    assert found.submitted_at == accepted_at + timedelta(minutes=2)
    assert found.auto_approval_at == found.submitted_at + timedelta(days=3)
    assert found.answer is not None
    assert "<FreeText>Norfolk terrier</FreeText>" in found.answer


def test_an_assignment_in_a_workers_hands_is_wrong_state(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    hit = post(requester, hit_type_id)
    assignment_id = market.accept(hit.hit_id, "AWORKER")

    with pytest.raises(WrongState):
        requester.get_assignment(assignment_id)
    assert requester.assignments(hit.hit_id) == []


def test_an_assignment_is_judged_once(market: Any, requester: Requester, hit_type_id: str) -> None:
    hit = post(requester, hit_type_id)
    work(market, hit, 2)
    first, second = (each.assignment_id for each in requester.assignments(hit.hit_id))

    requester.approve(first, "thank you")
    requester.reject(second, "the answer names no breed")

    statuses = [each.status for each in requester.assignments(hit.hit_id)]
    assert statuses == [AssignmentStatus.APPROVED, AssignmentStatus.REJECTED]
    for judged in (first, second):
        with pytest.raises(WrongState, match="status of: Submitted"):
            requester.approve(judged)
        with pytest.raises(WrongState, match="status of: Submitted"):
            requester.reject(judged, "again")


def test_money_is_held_for_open_assignments_and_released_by_expiry(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    """Two assignments at 0.05, each with the least fee of 0.01, hold 0.12."""
    before = requester.balance()
    hit = post(requester, hit_type_id)
    assert requester.balance() == before - Decimal("0.12")

    work(market, hit, 1)
    requester.approve(requester.assignments(hit.hit_id)[0].assignment_id)
    requester.expire(hit.hit_id)
    assert requester.balance() == before - Decimal("0.06")


def test_a_bonus_is_paid_once_for_a_token(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    """A bonus of 0.50 costs a fee of 0.10."""
    hit = post(requester, hit_type_id)
    work(market, hit, 1)
    (found,) = requester.assignments(hit.hit_id)
    before = requester.balance()
    bonus = (found.worker_id, found.assignment_id, Decimal("0.50"), "thorough", "b")

    requester.bonus(*bonus)
    with pytest.raises(AlreadyDone):
        requester.bonus(*bonus)

    assert requester.balance() == before - Decimal("0.60")


def test_more_than_the_account_holds_is_out_of_funds(
    requester: Requester, hit_type_id: str
) -> None:
    with pytest.raises(OutOfFunds):
        post(requester, hit_type_id, max_assignments=1_000_000)

    assert list(requester.list_hits()) == []


# What does not exist, and who may not ask


ON_WHAT_DOES_NOT_EXIST: tuple[Callable[[Requester], object], ...] = (
    lambda requester: requester.get_hit(UNKNOWN),
    lambda requester: requester.assignments(UNKNOWN),
    lambda requester: requester.add_assignments(UNKNOWN, 1, "t"),
    lambda requester: requester.expire(UNKNOWN),
    lambda requester: requester.mark_reviewing(UNKNOWN),
    lambda requester: requester.dispose(UNKNOWN),
    lambda requester: requester.get_assignment(UNKNOWN),
    lambda requester: requester.approve(UNKNOWN),
    lambda requester: post(requester, UNKNOWN),
    lambda requester: requester.set_active(UNKNOWN, True),
)


def test_what_does_not_exist_is_gone(requester: Requester) -> None:
    for call in ON_WHAT_DOES_NOT_EXIST:
        with pytest.raises(Gone):
            call(requester)


def test_an_unknown_key_is_not_authorized(market: Any) -> None:
    stranger = Credentials(access_key_id="AKIASTRANGER", secret_access_key="none")
    requester = connect(endpoint_url=market.url, credentials=stranger)

    with pytest.raises(NotAuthorized):
        requester.balance()


def test_a_question_that_is_no_xml_is_refused(requester: Requester, hit_type_id: str) -> None:
    with pytest.raises(Refused):
        post(requester, hit_type_id, question="Which breed?")


# An endpoint in trouble


@pytest.mark.parametrize(
    ("status", "document", "expected"),
    [
        (400, {"__type": "ThrottlingException", "message": "Rate exceeded"}, Throttled),
        (500, {"__type": "ServiceFault", "Message": "…"}, Unavailable),
        (
            400,
            {
                "__type": "RequestError",
                "Message": "This operation can be called with a status of: null (1)",
                "TurkErrorCode": "AWS.MechanicalTurk.InvalidAssignmentState",
            },
            NotYet,
        ),
    ],
)
def test_an_endpoint_in_trouble_is_told_from_one_that_refuses(
    client: Any,
    requester: Requester,
    status: int,
    document: dict[str, str],
    expected: type[MTurkError],
) -> None:
    client.meta.events.register("before-send.mturk", answering(status, document))

    with pytest.raises(expected):
        requester.approve(UNKNOWN)


def test_throttling_in_the_middle_of_a_list_is_throttled(
    client: Any, requester: Requester, hit_type_id: str
) -> None:
    post(requester, hit_type_id)
    hits = requester.list_hits()
    next(hits)
    document = {"__type": "ThrottlingException", "message": "Rate exceeded"}
    client.meta.events.register("before-send.mturk.ListHITs", answering(400, document))

    with pytest.raises(Throttled, match="ListHITs: Rate exceeded"):
        next(hits)


def test_a_web_server_that_is_no_mturk_is_named(client: Any, requester: Requester) -> None:
    client.meta.events.register("before-send.mturk", answering(200, {"hello": "world"}))

    with pytest.raises(MTurkError, match="the endpoint does not speak MTurk's API"):
        requester.assignments(UNKNOWN)


def test_connect_serves_many_threads_and_retries_adaptively_up_to_six_times(market: Any) -> None:
    client = boto_client(
        "mturk",
        endpoint_url=market.url,
        region="us-east-1",
        credentials=market.credentials,
        max_pool_connections=8,
    )
    requester = Requester(client)
    hit_type_id = make_type(requester)

    with ThreadPoolExecutor(8) as pool:
        posted = list(pool.map(lambda n: post(requester, hit_type_id, f"t{n}"), range(16)))

    assert len({hit.hit_id for hit in posted}) == 16
    assert client.meta.config.max_pool_connections == 8
    assert client.meta.config.retries == {"mode": "adaptive", "total_max_attempts": 6}


# Notifications


def notified(market: Any) -> list[tuple[str, str, str]]:
    """Every event that the marketplace is to send: what, over which transport, and where to."""
    with market.engine.look() as tx:
        rows = tx.connection.execute(select(outbox).order_by(outbox.c.id))
        return [(row.event_type, row.transport, row.destination) for row in rows]


def test_needed_events_go_to_the_destination(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    requester.notify(hit_type_id, destination=QUEUE_URL, transport="SQS", events=NEEDED_EVENTS)

    hit = post(requester, hit_type_id, max_assignments=1)
    work(market, hit, 1)

    assert notified(market) == [
        ("AssignmentSubmitted", "SQS", QUEUE_URL),
        ("HITReviewable", "SQS", QUEUE_URL),
    ]


def test_new_notification_settings_replace_the_old(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    requester.notify(hit_type_id, destination=QUEUE_URL, transport="SQS", events=NEEDED_EVENTS)
    created = [EventType.HIT_CREATED]
    requester.notify(hit_type_id, destination=TOPIC_ARN, transport="SNS", events=created)

    work(market, post(requester, hit_type_id), 1)

    assert notified(market) == [("HITCreated", "SNS", TOPIC_ARN)]


def test_inactive_settings_hold_events_back_until_active(
    market: Any, requester: Requester, hit_type_id: str
) -> None:
    created = [EventType.HIT_CREATED]
    requester.notify(
        hit_type_id, destination=QUEUE_URL, transport="SQS", events=created, active=False
    )
    post(requester, hit_type_id, "unheard")
    requester.set_active(hit_type_id, True)
    post(requester, hit_type_id, "heard")
    requester.set_active(hit_type_id, False)
    post(requester, hit_type_id, "unheard again")

    assert notified(market) == [("HITCreated", "SQS", QUEUE_URL)]


def test_nothing_can_be_activated_before_it_was_set(requester: Requester, hit_type_id: str) -> None:
    with pytest.raises(Refused):
        requester.set_active(hit_type_id, True)


def test_a_test_event_needs_no_subscription(
    market: Any, requester: Requester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.notify.transports.Sqs.send", lambda *_: [True])
    requester.send_test_event(QUEUE_URL, "SQS", EventType.PING)

    assert notified(market) == [("Ping", "SQS", QUEUE_URL)]


@pytest.mark.parametrize("destination", ["hitline-notifications", QUEUE_URL + ".fifo"])
def test_a_destination_that_mturk_cannot_use_is_refused(
    requester: Requester, hit_type_id: str, destination: str
) -> None:
    with pytest.raises(Refused):
        requester.notify(
            hit_type_id, destination=destination, transport="SQS", events=NEEDED_EVENTS
        )
