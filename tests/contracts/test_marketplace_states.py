"""Every operation on a HIT or an assignment, in every state that it can be in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

STATE_TEXT = (
    "This HIT is currently in the state '{}'.  This operation can be called with a status of: {}"
)
WRONG_HIT = "AWS.MechanicalTurk.InvalidHITState"
WRONG_WORK = "AWS.MechanicalTurk.InvalidAssignmentState"
NO_WORK = "AWS.MechanicalTurk.AssignmentDoesNotExist"


def fresh(market: Any) -> str:
    return str(market.create_hit(MaxAssignments=2)["HITId"])


def full_and_held(market: Any) -> str:
    hit_id = str(market.create_hit()["HITId"])
    market.accept(hit_id, "A1")
    return hit_id


def expired_and_held(market: Any) -> str:
    hit_id = fresh(market)
    market.accept(hit_id, "A1")
    market.client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0)
    return hit_id


def unjudged(market: Any) -> str:
    hit_id = str(market.create_hit()["HITId"])
    market.submit(hit_id, "A1")
    return hit_id


def expired_unjudged(market: Any) -> str:
    hit_id = fresh(market)
    market.submit(hit_id, "A1")
    market.client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0)
    return hit_id


def never_taken(market: Any) -> str:
    hit_id = fresh(market)
    market.client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0)
    return hit_id


def reviewing(market: Any) -> str:
    hit_id = never_taken(market)
    market.client.update_hit_review_status(HITId=hit_id)
    return hit_id


def disposed(market: Any) -> str:
    hit_id = never_taken(market)
    market.client.delete_hit(HITId=hit_id)
    return hit_id


def operations(market: Any, hit_id: str) -> dict[str, Callable[[], Any]]:
    client, now = market.client, market.clock.now()
    other = client.create_hit_type(
        Title="t", Description="d", Reward="0.05", AssignmentDurationInSeconds=60
    )["HITTypeId"]
    return {
        "delete": lambda: client.delete_hit(HITId=hit_id),
        "mark": lambda: client.update_hit_review_status(HITId=hit_id, Revert=False),
        "unmark": lambda: client.update_hit_review_status(HITId=hit_id, Revert=True),
        "extend": lambda: client.create_additional_assignments_for_hit(
            HITId=hit_id, NumberOfAdditionalAssignments=1
        ),
        "prolong": lambda: client.update_expiration_for_hit(
            HITId=hit_id, ExpireAt=now + timedelta(hours=2)
        ),
        "expire": lambda: client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0),
        "retype": lambda: client.update_hit_type_of_hit(HITId=hit_id, HITTypeId=other),
        "list": lambda: client.list_assignments_for_hit(HITId=hit_id),
    }


# The state before, then after each operation; "-" is a refusal, and leaves the state as it was.
HEADER = ["delete", "mark", "unmark", "extend", "prolong", "expire", "retype", "list"]
A, U, R, W, D, X = "Assignable", "Unassignable", "Reviewable", "Reviewing", "Disposed", "-"
TABLE = [
    (fresh, A, [X, X, X, A, A, R, A, A]),
    (full_and_held, U, [X, X, X, A, U, U, X, U]),
    (expired_and_held, U, [X, X, X, U, A, U, X, U]),
    (unjudged, R, [X, W, X, A, R, R, X, R]),
    (expired_unjudged, R, [X, W, X, R, A, R, X, R]),
    (never_taken, R, [D, W, X, R, A, R, R, R]),
    (reviewing, W, [D, X, R, W, A, W, W, W]),
    (disposed, D, [X, X, X, X, X, X, X, X]),
]
CASES = [
    pytest.param(make, before, operation, after, id=f"{make.__name__}-{operation}")
    for make, before, row in TABLE
    for operation, after in zip(HEADER, row, strict=True)
]


@pytest.mark.parametrize(("make", "before", "operation", "after"), CASES)
def test_what_an_operation_makes_of_a_hit(
    market: Any, make: Callable[[Any], str], before: str, operation: str, after: str
) -> None:
    hit_id = make(market)
    assert market.status(hit_id) == before
    call = operations(market, hit_id)[operation]
    if after == X:
        error = market.refusal(call)
        expected = {
            "delete": STATE_TEXT.format(before, "Reviewing, Reviewable"),
            "mark": STATE_TEXT.format(before, "Reviewable"),
            "unmark": STATE_TEXT.format(before, "Reviewing"),
            "list": f"Hit {hit_id} does not exist.",
        }.get(operation, error["message"])
        assert error["message"] == expected
        assert error["code"] == "RequestError"
        assert error["turk"] == (
            "AWS.MechanicalTurk.HITDoesNotExist" if operation == "list" else WRONG_HIT
        )
        assert market.status(hit_id) == before
    else:
        call()
        assert market.status(hit_id) == after


def test_the_same_type_again_changes_nothing(market: Any) -> None:
    hit = market.create_hit()
    market.client.update_hit_type_of_hit(HITId=hit["HITId"], HITTypeId=hit["HITTypeId"])
    assert market.client.get_hit(HITId=hit["HITId"])["HIT"] == hit


def work_on(market: Any, state: str) -> str:
    """An assignment in a state, by A1."""
    hit_id = market.create_hit(AutoApprovalDelayInSeconds=3600)["HITId"]
    if state in ("held", "returned"):
        held = str(market.accept(hit_id, "A1"))
        if state == "returned":
            market.engine.give_back(held, "A1")
        return held
    submitted = str(market.submit(hit_id, "A1"))
    if state == "approved":
        market.client.approve_assignment(AssignmentId=submitted)
    elif state == "auto-approved":
        market.advance(hours=1)
    elif state in ("rejected", "deleted"):
        market.client.reject_assignment(AssignmentId=submitted, RequesterFeedback="")
    if state == "deleted":
        market.client.delete_hit(HITId=hit_id)
    return submitted


ONLY_SUBMITTED = (WRONG_WORK, "This operation can be called with a status of: Submitted")
UNSEEN = (
    WRONG_WORK,
    "This operation can be called with a status of: Reviewable,Approved,Rejected",
)
GONE = (NO_WORK, "Assignment {} does not exist.")
WORK = {
    "get": ("get_assignment", {}),
    "approve": ("approve_assignment", {}),
    "override": ("approve_assignment", {"OverrideRejection": True}),
    "reject": ("reject_assignment", {"RequesterFeedback": "no"}),
    "bonus": ("send_bonus", {"WorkerId": "A1", "BonusAmount": "0.10", "Reason": "thanks"}),
    "bonuses": ("list_bonus_payments", {}),
}
WORK_TABLE = [
    # get, approve, override, reject, bonus, bonuses
    ("held", [UNSEEN, ONLY_SUBMITTED, ONLY_SUBMITTED, ONLY_SUBMITTED, GONE, UNSEEN]),
    ("returned", [GONE, GONE, GONE, GONE, GONE, GONE]),
    ("submitted", [None, None, None, None, None, None]),
    ("approved", [None, ONLY_SUBMITTED, ONLY_SUBMITTED, ONLY_SUBMITTED, None, None]),
    ("auto-approved", [None, ONLY_SUBMITTED, ONLY_SUBMITTED, ONLY_SUBMITTED, None, None]),
    ("rejected", [None, ONLY_SUBMITTED, None, ONLY_SUBMITTED, None, None]),
    ("deleted", [GONE, GONE, GONE, GONE, GONE, GONE]),
]
WORK_CASES = [
    pytest.param(state, operation, refusal, id=f"{state}-{operation}")
    for state, row in WORK_TABLE
    for operation, refusal in zip(WORK, row, strict=True)
]


@pytest.mark.parametrize(("state", "operation", "refusal"), WORK_CASES)
def test_what_an_operation_makes_of_an_assignment(
    market: Any, state: str, operation: str, refusal: tuple[str, str] | None
) -> None:
    assignment_id = work_on(market, state)
    name, parameters = WORK[operation]
    call = getattr(market.client, name)
    given: dict[str, Any] = {"AssignmentId": assignment_id, **parameters}
    if refusal is None:
        call(**given)
    else:
        turk, message = refusal
        assert market.refusal(call, **given) == {
            "code": "RequestError",
            "turk": turk,
            "message": message.format(assignment_id),
        }


@pytest.mark.parametrize(
    ("last_act", "days"),
    [
        # The HIT is an hour old when it expires; the submission comes ten minutes later.
        ("expiry", 120 + 1 / 24),
        ("submission", 120 + 1 / 24 + 10 / 1440),
        ("extension", 121 + 1 / 24),
    ],
)
def test_an_idle_hit_is_disposed_of_120_days_after_its_last_act(
    market: Any, last_act: str, days: float
) -> None:
    hit_id = market.create_hit(AssignmentDurationInSeconds=3600, MaxAssignments=2)["HITId"]
    start = market.clock.now()
    if last_act == "submission":
        market.advance(minutes=50)
        held = market.accept(hit_id, "A1")
        market.advance(minutes=20)
        market.engine.submit(held, "A1", {})
    if last_act == "extension":
        market.advance(hours=25)
        market.client.create_additional_assignments_for_hit(
            HITId=hit_id, NumberOfAdditionalAssignments=1
        )
    due = start + timedelta(days=days)
    market.clock.advance(due - market.clock.now() - timedelta(seconds=1))
    assert market.status(hit_id) == "Reviewable"
    market.advance(seconds=2)
    assert market.status(hit_id) == "Disposed"
