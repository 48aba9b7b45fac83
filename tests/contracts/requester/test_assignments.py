"""Assignments and money at the marketplace."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hitline.errors import (
    AlreadyDone,
    OutOfFunds,
    WrongState,
)
from hitline.model import AssignmentStatus
from hitline.mturk.client import Requester
from tests.contracts.requester.asking import (
    calls,
    post,
    work,
)


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
