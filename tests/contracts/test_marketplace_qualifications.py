"""Who holds a qualification and who asks for one, as requesters see it."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.engine import messages, qualification_requests
from tests.contracts.qualifying import TEST, answers, create, other_client

NOT_GRANTED = {
    "code": "RequestError",
    "turk": "AWS.MechanicalTurk.QualificationDoesNotExist",
    "message": "You requested a Qualification that does not exist.",
}
REVOKED = {
    "code": "RequestError",
    "turk": "AWS.MechanicalTurk.InvalidQualificationState",
    "message": "This operation can be called with a status of: Granted",
}
DECIDED = {
    "code": "RequestError",
    "turk": "AWS.MechanicalTurk.InvalidQualificationRequestState",
    "message": "This operation can be called with a status of: Submitted",
}


@pytest.fixture
def type_id(market: Any) -> str:
    for number in range(1, 6):
        market.engine.register_worker(f"A{number}")
    return str(create(market.client)["QualificationTypeId"])


def score(market: Any, type_id: str, worker: str = "A1") -> dict[str, Any]:
    found = market.client.get_qualification_score(QualificationTypeId=type_id, WorkerId=worker)
    return dict(found["Qualification"])


def ask(market: Any, type_id: str, worker: str) -> None:
    with market.engine.act() as tx:
        qualification_requests.request(tx, worker, type_id)


def requests(client: Any, **given: Any) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_qualification_requests").paginate(**given)
    return [found for page in pages for found in page["QualificationRequests"]]


def inbox(market: Any, worker: str = "A1") -> list[str]:
    with market.engine.look() as tx:
        return [message.body for message in messages.inbox_of_worker(tx, worker)]


def test_an_assigned_qualification_is_held_with_its_value(market: Any, type_id: str) -> None:
    given = {"QualificationTypeId": type_id, "WorkerId": "A1"}
    market.client.associate_qualification_with_worker(**given)
    assert score(market, type_id) == {
        **given,
        "GrantTime": market.clock.now(),
        "IntegerValue": 1,
        "Status": "Granted",
    }
    market.advance(seconds=5)
    market.client.associate_qualification_with_worker(**given, IntegerValue=-80)
    found = score(market, type_id)
    assert (found["IntegerValue"], found["GrantTime"]) == (-80, market.clock.now())


def test_a_revoked_qualification_can_be_granted_again(market: Any, type_id: str) -> None:
    client, given = market.client, {"QualificationTypeId": type_id, "WorkerId": "A1"}
    revoke = client.disassociate_qualification_from_worker
    assert market.refusal(client.get_qualification_score, **given) == NOT_GRANTED
    assert market.refusal(revoke, **given) == NOT_GRANTED
    client.associate_qualification_with_worker(**given, IntegerValue=3)
    revoke(**given, Reason="Sold the cat")
    assert market.refusal(client.get_qualification_score, **given) == REVOKED
    assert market.refusal(revoke, **given) == REVOKED
    client.associate_qualification_with_worker(**given)
    assert score(market, type_id)["IntegerValue"] == 1


@pytest.mark.parametrize("type_id", ["00000000000000000071", "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"])
def test_the_systems_own_scores_are_nobodys_to_look_up(market: Any, type_id: str) -> None:
    """As it was seen for the locale."""
    given = {"QualificationTypeId": type_id, "WorkerId": "A1"}
    assert market.refusal(market.client.get_qualification_score, **given) == NOT_GRANTED


def test_an_unknown_worker_cannot_be_given_a_qualification(market: Any, type_id: str) -> None:
    given = {"QualificationTypeId": type_id, "WorkerId": "A9"}
    assert market.refusal(market.client.associate_qualification_with_worker, **given) == {
        "code": "ParameterValidationError",
        "turk": None,
        "message": 'The value "A9" is not valid for the parameter WorkerId.',
    }
    assert market.refusal(market.client.get_qualification_score, **given) == NOT_GRANTED


def test_holders_and_those_who_lost_it_are_listed_apart(market: Any, type_id: str) -> None:
    workers = [f"A{number}" for number in range(1, 6)]
    for value, worker in enumerate(workers):
        market.client.associate_qualification_with_worker(
            QualificationTypeId=type_id, WorkerId=worker, IntegerValue=value
        )
    for worker in ("A2", "A4"):
        market.client.disassociate_qualification_from_worker(
            QualificationTypeId=type_id, WorkerId=worker
        )
    listed = market.client.get_paginator("list_workers_with_qualification_type").paginate

    def found(**given: Any) -> list[tuple[str, int, str]]:
        pages = listed(QualificationTypeId=type_id, MaxResults=2, **given)
        rows = [row for page in pages for row in page["Qualifications"]]
        return [(row["WorkerId"], row["IntegerValue"], row["Status"]) for row in rows]

    granted = [("A1", 0, "Granted"), ("A3", 2, "Granted"), ("A5", 4, "Granted")]
    assert found() == granted
    assert found(Status="Granted") == granted
    assert found(Status="Revoked") == [("A2", 1, "Revoked"), ("A4", 3, "Revoked")]


def test_what_was_granted_outlives_the_deletion_of_its_type(market: Any, type_id: str) -> None:
    """It might be needed for HITs; it can still be revoked, but not granted."""
    client, given = market.client, {"QualificationTypeId": type_id, "WorkerId": "A1"}
    client.associate_qualification_with_worker(**given)
    client.delete_qualification_type(QualificationTypeId=type_id)
    assert score(market, type_id)["Status"] == "Granted"
    error = market.refusal(client.associate_qualification_with_worker, **given)
    assert error["turk"] == "AWS.MechanicalTurk.InvalidQualificationTypeState"
    client.disassociate_qualification_from_worker(**given)


def test_pending_requests_are_listed_by_time_of_submission(market: Any, type_id: str) -> None:
    """Those for all of the requester's types, unless one is named."""
    second = create(market.client, "Dogs")["QualificationTypeId"]
    foreign = create(other_client(market))["QualificationTypeId"]
    for worker, kind in (("A1", type_id), ("A2", second), ("A3", foreign), ("A4", type_id)):
        market.advance(seconds=1)
        ask(market, kind, worker)
    found = requests(market.client, PaginationConfig={"PageSize": 1})
    assert [(one["WorkerId"], one["QualificationTypeId"]) for one in found] == [
        ("A1", type_id),
        ("A2", second),
        ("A4", type_id),
    ]
    assert found[2]["SubmitTime"] == market.clock.now()
    assert found[2].keys() == {
        "QualificationRequestId",
        "QualificationTypeId",
        "WorkerId",
        "SubmitTime",
    }
    assert requests(market.client, QualificationTypeId=type_id) == [found[0], found[2]]


def test_every_page_of_requests_that_is_not_empty_has_a_token(market: Any, type_id: str) -> None:
    ask(market, type_id, "A1")
    page = market.client.list_qualification_requests()
    assert page["NumResults"] == 1
    last = market.client.list_qualification_requests(NextToken=page["NextToken"])
    assert (last["NumResults"], last["QualificationRequests"]) == (0, [])
    assert "NextToken" not in last


def test_a_request_after_a_test_shows_test_and_answers(market: Any) -> None:
    market.engine.register_worker("A1")
    created = create(market.client, Test=TEST, TestDurationInSeconds=60)
    with market.engine.act() as tx:
        qualification_requests.begin_test(tx, "A1", created["QualificationTypeId"])
    assert requests(market.client) == []  # it waits for the worker's answers
    market.advance(seconds=20)
    with market.engine.act() as tx:
        qualification_requests.request(tx, "A1", created["QualificationTypeId"], answers("yes"))
    [found] = requests(market.client)
    assert (found["Test"], found["Answer"]) == (TEST, answers("yes"))
    assert found["SubmitTime"] == market.clock.now()


@pytest.mark.parametrize(("given", "value"), [({}, 1), ({"IntegerValue": 88}, 88)])
def test_an_accepted_request_grants(
    market: Any, type_id: str, given: dict[str, Any], value: int
) -> None:
    ask(market, type_id, "A1")
    [found] = requests(market.client)
    request_id = found["QualificationRequestId"]
    market.client.associate_qualification_with_worker(
        QualificationTypeId=type_id, WorkerId="A1", IntegerValue=5
    )
    assert requests(market.client) == [found]  # an assignment leaves it pending
    market.client.accept_qualification_request(QualificationRequestId=request_id, **given)
    assert score(market, type_id)["IntegerValue"] == value
    assert requests(market.client) == []
    for call in (
        market.client.accept_qualification_request,
        market.client.reject_qualification_request,
    ):
        assert market.refusal(call, QualificationRequestId=request_id) == DECIDED


def test_a_rejected_request_leaves_what_the_worker_holds(market: Any, type_id: str) -> None:
    ask(market, type_id, "A1")
    market.client.associate_qualification_with_worker(
        QualificationTypeId=type_id, WorkerId="A1", IntegerValue=5
    )
    [found] = requests(market.client)
    market.client.reject_qualification_request(
        QualificationRequestId=found["QualificationRequestId"], Reason="Not enough cats"
    )
    assert score(market, type_id)["IntegerValue"] == 5
    assert requests(market.client) == []
    assert "Not enough cats" in inbox(market)[0]


def test_requests_for_others_types_do_not_exist(market: Any) -> None:
    market.engine.register_worker("A1")
    other = other_client(market)
    ask(market, create(other)["QualificationTypeId"], "A1")
    [found] = requests(other)
    for request_id in (found["QualificationRequestId"], "none at all"):
        for call in (
            market.client.accept_qualification_request,
            market.client.reject_qualification_request,
        ):
            assert market.refusal(call, QualificationRequestId=request_id) == {
                "code": "RequestError",
                "turk": "AWS.MechanicalTurk.QualificationRequestDoesNotExist",
                "message": f"QualificationRequest {request_id} does not exist.",
            }


def test_deleting_a_type_rejects_its_pending_requests(market: Any, type_id: str) -> None:
    ask(market, type_id, "A1")
    [found] = requests(market.client)
    market.client.delete_qualification_type(QualificationTypeId=type_id)
    assert requests(market.client) == []
    accept = market.client.accept_qualification_request
    request_id = found["QualificationRequestId"]
    assert market.refusal(accept, QualificationRequestId=request_id) == DECIDED


def test_workers_are_told_unless_the_requester_does_not_want_it(market: Any, type_id: str) -> None:
    given = {"QualificationTypeId": type_id, "WorkerId": "A1"}
    market.client.associate_qualification_with_worker(**given, SendNotification=False)
    assert inbox(market) == []
    market.client.associate_qualification_with_worker(**given, IntegerValue=7)
    market.client.disassociate_qualification_from_worker(**given, Reason="Sold the cat")
    assert inbox(market) == [
        "You no longer have the qualification “Cats”. The reason given: Sold the cat",
        "You now have the qualification “Cats” with the value 7.",
    ]


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("disassociate_qualification_from_worker", {"WorkerId": "A1"}),
        ("reject_qualification_request", {"QualificationRequestId": "3X"}),
    ],
)
def test_a_reason_has_a_limit(
    market: Any, type_id: str, operation: str, members: dict[str, str]
) -> None:
    if "WorkerId" in members:
        members = {**members, "QualificationTypeId": type_id}
    error = market.refusal(getattr(market.client, operation), **members, Reason="x" * 1025)
    assert error["message"] == f'The value "{"x" * 1025}" is not valid for the parameter Reason.'
