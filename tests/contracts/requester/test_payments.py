"""The requester's judgements and bonuses against the marketplace, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hitline.errors import AlreadyDone, Gone, MTurkError, Refused, WrongState
from hitline.model import AssignmentStatus, BonusPayment
from hitline.mturk.client import Requester
from hitline.mturk.records import bonus_from

UNKNOWN = "3UNKNOWN" + "0" * 22
HALF = Decimal("0.50")


@pytest.fixture
def requester(market: Any) -> Requester:
    return Requester(market.client)


@pytest.fixture
def submitted(market: Any) -> tuple[str, str]:
    """A HIT for three answers, and the assignment that AWORKER submitted on it."""
    hit_id = market.create_hit(MaxAssignments=3)["HITId"]
    return hit_id, market.submit(hit_id, "AWORKER", breed="terrier")


def test_a_rejection_is_overridden_once_and_paid(
    requester: Requester, submitted: tuple[str, str]
) -> None:
    """0.05 and a fee of 0.01, which the rejection had freed."""
    _, assignment_id = submitted
    requester.reject(assignment_id, "the answer names no breed")
    before = requester.balance()

    requester.override(assignment_id, "it does, with our apologies")

    assert requester.get_assignment(assignment_id).status is AssignmentStatus.APPROVED
    assert requester.balance() == before - Decimal("0.06")
    with pytest.raises(WrongState):
        requester.override(assignment_id)


def test_a_rejection_stands_after_thirty_days(
    market: Any, requester: Requester, submitted: tuple[str, str]
) -> None:
    _, assignment_id = submitted
    requester.reject(assignment_id, "the answer names no breed")
    market.advance(days=31)

    with pytest.raises(WrongState):
        requester.override(assignment_id)


def test_bonuses_are_listed_for_an_assignment_and_for_its_hit(
    market: Any, requester: Requester, submitted: tuple[str, str]
) -> None:
    hit_id, assignment_id = submitted
    other = market.submit(hit_id, "AOTHER", breed="poodle")
    requester.bonus("AWORKER", assignment_id, HALF, "thorough", "one")
    market.advance(minutes=1)
    requester.bonus("AOTHER", other, HALF, "quick", "two")

    found = list(requester.list_bonuses(assignment_id=assignment_id))

    assert found == [
        BonusPayment(
            worker_id="AWORKER",
            assignment_id=assignment_id,
            amount=HALF,
            reason="thorough",
            granted_at=market.clock.now() - timedelta(minutes=1),
        )
    ]
    both = [bonus.reason for bonus in requester.list_bonuses(hit_id=hit_id)]
    assert both == ["thorough", "quick"]


def test_more_bonuses_than_a_page_holds_are_all_listed(
    requester: Requester, submitted: tuple[str, str]
) -> None:
    _, assignment_id = submitted
    for number in range(101):
        requester.bonus("AWORKER", assignment_id, Decimal("0.01"), f"{number}", f"t{number}")

    found = [int(bonus.reason) for bonus in requester.list_bonuses(assignment_id=assignment_id)]

    assert found == list(range(101))


def test_a_token_is_forgotten_after_a_day(
    market: Any, requester: Requester, submitted: tuple[str, str]
) -> None:
    """Which is why a bonus is looked for before it is sent anew."""
    _, assignment_id = submitted
    bonus = ("AWORKER", assignment_id, HALF, "thorough", "one")
    requester.bonus(*bonus)
    market.advance(hours=23)
    with pytest.raises(AlreadyDone):
        requester.bonus(*bonus)
    market.advance(hours=2)

    requester.bonus(*bonus)

    assert len(list(requester.list_bonuses(assignment_id=assignment_id))) == 2


def test_a_bonus_for_what_somebody_else_submitted_is_refused(
    market: Any, requester: Requester, submitted: tuple[str, str]
) -> None:
    _, assignment_id = submitted
    market.engine.register_worker("AOTHER")

    with pytest.raises(Refused):
        requester.bonus("AOTHER", assignment_id, HALF, "thorough", "one")


def test_a_bonus_of_half_a_cent_never_leaves(
    requester: Requester, submitted: tuple[str, str]
) -> None:
    _, assignment_id = submitted

    with pytest.raises(Refused, match="not a whole number of cents"):
        requester.bonus("AWORKER", assignment_id, Decimal("0.005"), "thorough", "one")


def test_what_does_not_exist_is_gone(requester: Requester) -> None:
    for call in (
        lambda: requester.reject(UNKNOWN, "no"),
        lambda: requester.override(UNKNOWN),
        lambda: requester.bonus("AWORKER", UNKNOWN, HALF, "thorough", "one"),
        lambda: list(requester.list_bonuses(assignment_id=UNKNOWN)),
        lambda: list(requester.list_bonuses(hit_id=UNKNOWN)),
    ):
        with pytest.raises(Gone):
            call()


def test_a_bonus_without_an_amount_cannot_be_read() -> None:
    with pytest.raises(MTurkError, match="lacks 'BonusAmount'"):
        bonus_from({"AssignmentId": "3A", "WorkerId": "AWORKER"})
