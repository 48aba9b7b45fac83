"""The wire: targets, credentials, bodies, and breaches of the service's model."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest


def breach(value: str, path: str, rule: str) -> str:
    shown = value if value == "null" else f"'{value}'"
    return (
        f"1 validation error detected: Value {shown} at '{path}' failed to satisfy constraint: "
        f"Member must {rule}"
    )


def test_a_result_is_json_11_with_a_request_id(market: Any) -> None:
    """Void operations answer an empty object; times are seconds since 1970."""
    response = market.post("GetAccountBalance")
    assert response.json() == {"AvailableBalance": "100.00"}
    assert response.headers["content-type"] == "application/x-amz-json-1.1"
    assert re.fullmatch(r"[0-9a-f-]{36}", response.headers["x-amzn-requestid"])
    assert "date" in response.headers
    hit = market.create_hit()
    wire = market.post("GetHIT", {"HITId": hit["HITId"]}).json()["HIT"]
    assert wire["CreationTime"] == 1_767_607_200
    assert wire["Expiration"] == 1_767_610_800
    expire = market.post("UpdateExpirationForHIT", {"HITId": hit["HITId"], "ExpireAt": 0})
    assert expire.content == b"{}"


@pytest.mark.parametrize(("sandbox", "stamp"), [(False, ""), (True, " s")])
def test_refusals_end_in_the_time_in_milliseconds(
    open_market: Callable[..., Any], sandbox: bool, stamp: str
) -> None:
    market = open_market(sandbox=sandbox)
    response = market.post("GetHIT", {"HITId": "3A"})
    assert response.status_code == 400
    assert response.json() == {
        "__type": "RequestError",
        "Message": f"Hit 3A does not exist. (1767607200000{stamp})",
        "TurkErrorCode": "AWS.MechanicalTurk.HITDoesNotExist",
    }


@pytest.mark.parametrize(
    ("operation", "headers"),
    [
        ("LaunchRocket", {}),
        (None, {}),
        (None, {"X-Amz-Target": "GetHIT"}),
        (None, {"X-Amz-Target": "MTurkRequesterServiceV20140815.GetHIT"}),
    ],
)
def test_what_is_not_there_is_an_unknown_operation(
    market: Any, operation: str | None, headers: dict[str, str]
) -> None:
    response = market.post(operation, headers=headers)
    assert response.status_code == 400
    assert response.json() == {"__type": "UnknownOperationException"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"x"',
        b"\xff",
        b"[" * 100_000,
        b'{"HITId": "3A", "Unknown": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"HITId": "3A", "Unknown": ' + b'{"a":' * 900 + b"1" + b"}" * 901,
        b'{"HITId": "3A", "Unknown": ' + b"9" * 100_000 + b"}",
        b'{"HITId": 1e999}',
        b'{"HITId": NaN}',
        b'{"HITId": 7}',
        b'{"HITId": ["3A"]}',
        b'{"HITId": "3A\\ud800"}',
    ],
)
def test_a_body_that_is_not_the_operations_is_a_serialization_error(
    market: Any, body: bytes
) -> None:
    response = market.post("GetHIT", body)
    assert response.status_code == 400
    assert response.json()["__type"] == "SerializationException"


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("ListHITs", {"MaxResults": "10"}),
        ("ListHITs", {"MaxResults": 1.5}),
        ("ListHITs", {"MaxResults": 10**4000}),
        ("ListHITs", {"MaxResults": True}),
        ("ListHITs", {"MaxResults": 2**31}),
        ("UpdateHITReviewStatus", {"HITId": "3A", "Revert": "no"}),
        ("UpdateExpirationForHIT", {"HITId": "3A", "ExpireAt": "soon"}),
        ("UpdateExpirationForHIT", {"HITId": "3A", "ExpireAt": 1e300}),
        ("UpdateExpirationForHIT", {"HITId": "3A", "ExpireAt": 10**4000}),
    ],
)
def test_a_wrong_type_is_a_serialization_error(
    market: Any, operation: str, parameters: dict[str, Any]
) -> None:
    assert market.post(operation, parameters).json()["__type"] == "SerializationException"


def test_a_body_beyond_any_request_is_refused(market: Any) -> None:
    response = market.post("CreateHIT", b" " * (2 << 20))
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("operation", "parameters", "message"),
    [
        ("GetHIT", {}, breach("null", "hITId", "not be null")),
        (
            "GetHIT",
            {"HITId": "lower case"},
            breach("lower case", "hITId", "satisfy regular expression pattern: ^[A-Z0-9]+$"),
        ),
        (
            "GetHIT",
            {"HITId": "3A\n"},
            breach("3A\n", "hITId", "satisfy regular expression pattern: ^[A-Z0-9]+$"),
        ),
        (
            "GetHIT",
            {"HITId": "3" * 65},
            breach("3" * 65, "hITId", "have length less than or equal to 64"),
        ),
        (
            "ListHITs",
            {"MaxResults": 101},
            breach("101", "maxResults", "have value less than or equal to 100"),
        ),
        (
            "ListHITs",
            {"MaxResults": 0},
            breach("0", "maxResults", "have value greater than or equal to 1"),
        ),
        (
            "ListReviewableHITs",
            {"Status": "Done"},
            breach("Done", "status", "satisfy enum value set: [Reviewable, Reviewing]"),
        ),
        (
            "CreateHITWithHITType",
            {"HITTypeId": "3A", "LifetimeInSeconds": 60, "UniqueRequestToken": "t" * 65},
            breach("t" * 65, "uniqueRequestToken", "have length less than or equal to 64"),
        ),
        (
            "CreateHITWithHITType",
            {"HITTypeId": "3A", "LifetimeInSeconds": 60, "UniqueRequestToken": ""},
            breach("", "uniqueRequestToken", "have length greater than or equal to 1"),
        ),
        (
            "CreateHITType",
            {"Title": "t", "Description": "d", "AssignmentDurationInSeconds": 60, "Reward": "abc"},
            breach("abc", "reward", r"satisfy regular expression pattern: ^[0-9]+(\.)?[0-9]{0,2}$"),
        ),
        (
            "RejectAssignment",
            {"AssignmentId": "3A", "RequesterFeedback": None},
            breach("null", "requesterFeedback", "not be null"),
        ),
        (
            "SendBonus",
            {"WorkerId": "A1", "AssignmentId": "3A", "Reason": "x", "BonusAmount": "0.9752"},
            breach(
                "0.9752",
                "bonusAmount",
                r"satisfy regular expression pattern: ^[0-9]+(\.)?[0-9]{0,2}$",
            ),
        ),
        (
            "ListAssignmentsForHIT",
            {"HITId": "3A", "AssignmentStatuses": ["Accepted"]},
            breach(
                "Accepted",
                "assignmentStatuses.1.member",
                "satisfy enum value set: [Submitted, Approved, Rejected]",
            ),
        ),
    ],
)
def test_a_breach_of_the_model_is_a_validation_error(
    market: Any, operation: str, parameters: dict[str, Any], message: str
) -> None:
    """botocore sends all of these; AWS's framework names value, member and rule, and no time."""
    response = market.post(operation, parameters)
    assert response.status_code == 400
    assert response.json() == {"__type": "ValidationException", "message": message}


def test_all_breaches_are_told_at_once(market: Any) -> None:
    message = market.post("SendBonus", {"WorkerId": "B1", "BonusAmount": "1"}).json()["message"]
    assert message == (
        "3 validation errors detected: Value 'B1' at 'workerId' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^A[A-Z0-9]+$; Value null at "
        "'assignmentId' failed to satisfy constraint: Member must not be null; Value null at "
        "'reason' failed to satisfy constraint: Member must not be null"
    )


def test_our_own_mistakes_are_service_faults(market: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP 500, which clients try again; no detail leaks."""

    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setitem(_operations(), "GetAccountBalance", fail)
    response = market.post("GetAccountBalance")
    assert response.status_code == 500
    assert response.json()["__type"] == "ServiceFault"
    assert "secret" not in response.text


def test_the_operator_asks_whether_it_is_up(market: Any) -> None:
    assert httpx.get(f"{market.url}/-/health").json() == {
        "status": "ok",
        "now": "2026-01-05T10:00:00+00:00",
    }


def _operations() -> dict[str, Any]:
    from marketplace.api import app

    return app.OPERATIONS
