"""Fees, the wall of nine and the sandbox, in every combination."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MASTERS = {False: "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH", True: "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"}
BEYOND = "AWS.MechanicalTurk.InvalidMaximumAssignmentsIncrease"
CONSTANT = ["10000.00"] * 5

# fees, wall, sandbox; the balance after posting nine at 0.50, asking for one more, one approval, a
# bonus of 0.07, and expiry; a hundred dollars before. Nine cost 0.60 each, ten 0.70.
TABLE = [
    # 100 - 5.40; refused; the same; 0.01 on the bonus; 8 x 0.60 released
    ("mturk", "on", False, ["94.60", "94.60", "94.60", "94.52", "99.32"]),
    # 100 - 5.40; 10 x 0.70 held; the same; 0.01 on the bonus; 9 x 0.70 released
    ("mturk", "off", False, ["94.60", "93.00", "93.00", "92.92", "99.22"]),
    ("none", "on", False, ["95.50", "95.50", "95.50", "95.43", "99.43"]),
    ("none", "off", False, ["95.50", "95.00", "95.00", "94.93", "99.43"]),
    ("mturk", "on", True, CONSTANT),
    ("mturk", "off", True, CONSTANT),
    ("none", "on", True, CONSTANT),
    ("none", "off", True, CONSTANT),
]


@pytest.mark.parametrize(("fees", "wall_of_nine", "sandbox", "balances"), TABLE)
def test_what_a_hit_costs_under_each_profile(
    open_market: Callable[..., Any],
    fees: str,
    wall_of_nine: str,
    sandbox: bool,
    balances: list[str],
) -> None:
    market = open_market(fees=fees, wall_of_nine=wall_of_nine, sandbox=sandbox)
    hit_id = market.create_hit(Reward="0.50", MaxAssignments=9)["HITId"]
    seen = [market.balance()]
    more = {"HITId": hit_id, "NumberOfAdditionalAssignments": 1}
    extend = market.client.create_additional_assignments_for_hit
    if wall_of_nine == "on":
        assert market.refusal(extend, **more)["turk"] == BEYOND
    else:
        extend(**more)
    seen.append(market.balance())
    assignment_id = market.submit(hit_id, "A1")
    market.client.approve_assignment(AssignmentId=assignment_id)
    seen.append(market.balance())
    market.client.send_bonus(
        AssignmentId=assignment_id, WorkerId="A1", BonusAmount="0.07", Reason="thanks"
    )
    seen.append(market.balance())
    market.client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0)
    seen.append(market.balance())
    assert seen == balances


@pytest.mark.parametrize(
    ("reward", "assignments", "masters", "held"),
    [
        # Half up, each assignment by itself: 0.52 x 0.20 = 0.104, 0.525 has no such reward.
        ("0.52", 1, False, "0.62"),
        ("0.53", 1, False, "0.64"),  # 0.106
        ("0.42", 1, True, "0.53"),  # 0.42 x 0.25 = 0.105, up
        ("0.05", 9, False, "0.54"),
        ("0.10", 10, False, "1.40"),
        ("0.10", 10, True, "1.50"),  # 0.10 x 0.45 = 0.045, up
        ("0.01", 1, False, "0.02"),
        ("0.00", 1, False, "0.01"),  # a cent at least, also on nothing
    ],
)
def test_what_posting_holds(
    market: Any, reward: str, assignments: int, masters: bool, held: str
) -> None:
    wanted = {"QualificationTypeId": MASTERS[False], "Comparator": "Exists"}
    market.create_hit(
        Reward=reward,
        MaxAssignments=assignments,
        QualificationRequirements=[wanted] if masters else [],
    )
    assert f"{100 - float(market.balance()):.2f}" == held


@pytest.mark.parametrize("ending", ["expire", "delete", "dispose"])
def test_what_was_held_and_never_spent_comes_back(market: Any, ending: str) -> None:
    hit_id = market.create_hit(Reward="1.00", MaxAssignments=3)["HITId"]
    assert market.balance() == "96.40"
    if ending == "dispose":
        market.advance(days=121)
    else:
        market.client.update_expiration_for_hit(HITId=hit_id, ExpireAt=0)
    if ending == "delete":
        market.client.delete_hit(HITId=hit_id)
    assert market.balance() == "100.00"
    assert market.status(hit_id) == ("Reviewable" if ending == "expire" else "Disposed")


@pytest.mark.parametrize(
    ("fees", "bonus", "charged"),
    [
        ("mturk", "0.01", "0.02"),
        ("mturk", "0.07", "0.08"),  # 0.014
        ("mturk", "0.08", "0.10"),  # 0.016
        ("mturk", "1.00", "1.20"),
        ("none", "1.00", "1.00"),
    ],
)
def test_what_a_bonus_costs(
    open_market: Callable[..., Any], fees: str, bonus: str, charged: str
) -> None:
    """Never the surcharge of large HITs."""
    market = open_market(fees=fees)
    hit_id = market.create_hit(Reward="0.10", MaxAssignments=10)["HITId"]
    assignment_id = market.submit(hit_id, "A1")
    before = float(market.balance())
    market.client.send_bonus(
        AssignmentId=assignment_id, WorkerId="A1", BonusAmount=bonus, Reason="thanks"
    )
    assert f"{before - float(market.balance()):.2f}" == charged
