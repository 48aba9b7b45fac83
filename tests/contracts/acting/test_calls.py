"""What a HIT costs in calls: at most four from its posting until its label is stored."""

from __future__ import annotations

import pytest

from hitline.model import ItemState
from tests.contracts.acting.lab import Lab

POST, LOOK = "CreateHITWithHITType", "ListAssignmentsForHIT"
SETTLED_YES = (ItemState.SETTLED, "yes")


@pytest.fixture
def calls(lab: Lab) -> list[str]:
    """The operations called, in order, once the stage is prepared."""
    lab.prepare()
    made: list[str] = []

    def note(event_name: str, **_: object) -> None:
        made.append(event_name.rpartition(".")[2])

    lab.market.client.meta.events.register("before-send.mturk", note)
    return made


def post(lab: Lab) -> str:
    lab.add("a")
    lab.drive_all()
    (hit,) = lab.hits()
    return hit


def test_answers_that_come_together_cost_a_post_and_a_look(lab: Lab, calls: list[str]) -> None:
    """Then each answer is approved, and the HIT marked Reviewing; a month later it is disposed."""
    hit = post(lab)
    lab.answer(hit, "yes", "yes")
    lab.run()
    assert lab.state("a") == SETTLED_YES
    assert calls[:2] == [POST, LOOK]
    assert sorted(calls[2:]) == ["ApproveAssignment", "ApproveAssignment", "UpdateHITReviewStatus"]

    del calls[:]
    lab.market.advance(days=30)
    lab.sweep()
    assert calls.count("DeleteHIT") == 1
    assert {*calls} <= {"DeleteHIT", "ListReviewableHITs", LOOK}


def test_answers_that_come_one_by_one_cost_a_post_and_a_look_each(
    lab: Lab, calls: list[str]
) -> None:
    hit = post(lab)
    lab.answer(hit, "yes")
    lab.run()
    lab.answer(hit, "yes", by="B")
    lab.run()
    assert lab.state("a") == SETTLED_YES
    assert calls[:3] == [POST, LOOK, LOOK]
    assert LOOK not in calls[3:]
