"""The account: what is held, charged and released, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

NO_MONEY = "AWS.MechanicalTurk.InsufficientFunds"
TEXT = (
    "This Requester has insufficient funds in their account to complete this transaction. Please "
    "visit https://requester.mturk.com/prepayments/new to purchase Prepaid HITs."
)


@pytest.mark.parametrize(
    ("reward", "assignments", "held"),
    [
        ("0.05", 9, "0.54"),  # (0.05 + 0.01) x 9
        ("0.10", 10, "1.40"),  # (0.10 + 0.04) x 10: from ten on the fee doubles
        ("0.01", 1, "0.02"),  # a cent at least
        ("1", 2, "2.40"),
    ],
)
def test_posting_holds_reward_and_fee_of_every_assignment(
    market: Any, reward: str, assignments: int, held: str
) -> None:
    market.create_hit(Reward=reward, MaxAssignments=assignments)
    assert Decimal(market.balance()) == Decimal("100.00") - Decimal(held)


def test_an_assignments_money_is_held_until_it_is_judged_or_can_no_longer_come(
    market: Any,
) -> None:
    """Three at 0.12 each: one approved, one rejected, one slot never taken."""
    hit_id = market.create_hit(Reward="0.10", MaxAssignments=3)["HITId"]
    first, second = market.submit(hit_id, "A1"), market.accept(hit_id, "A2")
    assert market.balance() == "99.64"
    market.client.approve_assignment(AssignmentId=first)
    assert market.balance() == "99.64"
    market.client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0)
    assert market.balance() == "99.76"
    market.engine.submit(second, "A2", {})
    market.client.reject_assignment(AssignmentId=second, RequesterFeedback="no")
    assert market.balance() == "99.88"


def test_a_return_after_expiry_releases_its_money(market: Any) -> None:
    hit_id = market.create_hit(Reward="0.10")["HITId"]
    assignment_id = market.accept(hit_id, "A1")
    market.client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0)
    assert market.balance() == "99.88"
    market.engine.give_back(assignment_id, "A1")
    assert market.balance() == "100.00"


def test_auto_approval_charges(market: Any) -> None:
    hit_id = market.create_hit(Reward="0.10", AutoApprovalDelayInSeconds=60)["HITId"]
    market.submit(hit_id, "A1")
    market.advance(hours=2)
    assert market.balance() == "99.88"


def test_more_life_and_more_assignments_hold_more(market: Any) -> None:
    hit_id = market.create_hit(Reward="0.10")["HITId"]
    market.advance(hours=1)
    assert market.balance() == "100.00"
    market.client.update_expiration_for_hit(
        HITId=hit_id, ExpireAt=market.clock.now() + timedelta(hours=1)
    )
    assert market.balance() == "99.88"
    market.client.create_additional_assignments_for_hit(
        HITId=hit_id, NumberOfAdditionalAssignments=2
    )
    assert market.balance() == "99.64"


def test_without_funds_nothing_is_posted_extended_or_paid(market: Any) -> None:
    """A hundred dollars: one HIT at 83.34 would cost 100.01 with its fee, one at 50 leaves 40."""
    error = market.refusal(market.create_hit, Reward="83.34", UniqueRequestToken="t-1")
    assert error == {"code": "RequestError", "turk": NO_MONEY, "message": TEXT}
    assert market.client.list_hits()["HITs"] == []
    hit_id = market.create_hit(Reward="50", UniqueRequestToken="t-1")["HITId"]
    assert market.balance() == "40.00"
    assignment_id = market.submit(hit_id, "A1")
    refused = (
        (
            market.client.create_additional_assignments_for_hit,
            {"HITId": hit_id, "NumberOfAdditionalAssignments": 1},
        ),
        (
            market.client.send_bonus,
            {
                "WorkerId": "A1",
                "AssignmentId": assignment_id,
                "BonusAmount": "33.34",
                "Reason": "thanks",
            },
        ),
    )
    for call, parameters in refused:
        assert market.refusal(call, **parameters)["turk"] == NO_MONEY
    assert market.balance() == "40.00"


def test_an_override_is_a_fresh_charge_that_needs_funds(market: Any) -> None:
    hit_id = market.create_hit(Reward="50")["HITId"]
    assignment_id = market.submit(hit_id, "A1")
    market.client.reject_assignment(AssignmentId=assignment_id, RequesterFeedback="no")
    other = market.create_hit(Reward="50", Title="Another")["HITId"]
    approve = {"AssignmentId": assignment_id, "OverrideRejection": True}
    error = market.refusal(market.client.approve_assignment, **approve)
    assert error["turk"] == NO_MONEY
    market.client.update_expiration_for_hit(HITId=other, ExpireAt=0)
    market.client.approve_assignment(**approve)
    assert market.balance() == "40.00"


def test_a_type_change_holds_the_new_reward(market: Any) -> None:
    hit_id = market.create_hit(Reward="0.05")["HITId"]
    dearer = market.client.create_hit_type(
        Title="t", Description="d", Reward="0.10", AssignmentDurationInSeconds=60
    )["HITTypeId"]
    market.client.update_hit_type_of_hit(HITId=hit_id, HITTypeId=dearer)
    assert market.balance() == "99.88"


def test_fees_are_a_profile(open_market: Callable[..., Any]) -> None:
    market = open_market(fees="none")
    hit_id = market.create_hit(Reward="0.10", MaxAssignments=10)["HITId"]
    assert market.balance() == "99.00"
    market.client.send_bonus(
        WorkerId="A1",
        AssignmentId=market.submit(hit_id, "A1"),
        BonusAmount="1.00",
        Reason="thanks",
    )
    assert market.balance() == "98.00"


def test_masters_cost_five_per_cent_more(market: Any) -> None:
    market.create_hit(
        Reward="1.00",
        QualificationRequirements=[
            {"QualificationTypeId": "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH", "Comparator": "Exists"}
        ],
    )
    assert market.balance() == "98.75"


def test_a_bonus_is_paid_once_under_its_token(market: Any) -> None:
    """To the worker who submitted, rejected or not; 20 per cent and a cent at least on top."""
    hit_id = market.create_hit(Reward="0.10")["HITId"]
    assignment_id = market.submit(hit_id, "A1")
    market.client.reject_assignment(AssignmentId=assignment_id, RequesterFeedback="no")
    bonus = {"WorkerId": "A1", "AssignmentId": assignment_id, "Reason": "sorry"}
    send = market.client.send_bonus
    send(**bonus, BonusAmount="1.0", UniqueRequestToken="t-1")
    error = market.refusal(send, **bonus, BonusAmount="2.00", UniqueRequestToken="t-1")
    assert error["message"] == 'The idempotency token "t-1" has already been processed.'
    send(**bonus, BonusAmount="0.02")
    assert market.balance() == "98.77"
    for key in ({"HITId": hit_id}, {"AssignmentId": assignment_id}):
        page = market.client.list_bonus_payments(**key)
        payments = page["BonusPayments"]
        assert [payment["BonusAmount"] for payment in payments] == ["1.00", "0.02"]
        assert payments[0]["GrantTime"] == market.clock.now()
        assert payments[0]["Reason"] == "sorry"
        assert "NextToken" in page


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        (
            {"WorkerId": "A2"},
            "ParameterValidationError",
            'The value "A2" is not valid for the parameter WorkerId.',
        ),
        (
            {"BonusAmount": "0"},
            "ParameterValidationError",
            'The value "0" is not valid for the parameter BonusAmount.',
        ),
        (
            {"AssignmentId": "3NONE"},
            "RequestError",
            "Assignment 3NONE does not exist.",
        ),
    ],
)
def test_a_bonus_without_its_work_is_refused(
    market: Any, changed: dict[str, str], code: str, message: str
) -> None:
    assignment_id = market.submit(market.create_hit()["HITId"], "A1")
    bonus = {
        "WorkerId": "A1",
        "AssignmentId": assignment_id,
        "BonusAmount": "1.00",
        "Reason": "thanks",
    }
    error = market.refusal(market.client.send_bonus, **{**bonus, **changed})
    assert (error["code"], error["message"]) == (code, message)


@pytest.mark.parametrize("both", [True, False])
def test_bonuses_are_listed_for_exactly_one_thing(market: Any, both: bool) -> None:
    keys = {"HITId": "3A", "AssignmentId": "3B"} if both else {}
    error = market.refusal(market.client.list_bonus_payments, **keys)
    assert error["code"] == "ParameterValidationError"


def test_the_sandbox_has_no_money(open_market: Callable[..., Any]) -> None:
    """The balance never changes, and nothing is too dear."""
    market = open_market(sandbox=True)
    hit_id = market.create_hit(Reward="99999.00", MaxAssignments=1000)["HITId"]
    assignment_id = market.submit(hit_id, "A1")
    market.client.approve_assignment(AssignmentId=assignment_id)
    market.client.send_bonus(
        WorkerId="A1", AssignmentId=assignment_id, BonusAmount="5.00", Reason="thanks"
    )
    assert market.balance() == "10000.00"
    assert market.client.list_bonus_payments(HITId=hit_id)["NumResults"] == 1


def test_the_operator_sees_where_the_money_went(market: Any) -> None:
    """Two at 0.10 and a bonus of 1.00; the rest released."""
    import httpx

    hit_id = market.create_hit(Reward="0.10", MaxAssignments=3)["HITId"]
    for worker in ("A1", "A2"):
        assignment_id = market.submit(hit_id, worker)
        market.client.approve_assignment(AssignmentId=assignment_id)
    market.client.send_bonus(
        WorkerId="A2", AssignmentId=assignment_id, BonusAmount="1.00", Reason="thanks"
    )
    facts = httpx.get(f"{market.url}/-/facts").json()
    assert facts["account"] == {
        "opening": "100.00",
        "balance": "98.56",
        "liability": "0.12",
        "available": "98.44",
        "spent_rewards": "1.20",
        "spent_fees": "0.24",
    }
    assert facts["accounts"] == {"lab": facts["account"]}
    assert facts["hits"] == {"Assignable": 1}
    assert facts["now"] == "2026-01-05T10:00:00+00:00"
