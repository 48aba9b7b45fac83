"""Judging: when a submission is approved, and what a stage's rule rejects."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from hitline.acting import judging, reviewing
from hitline.model import AssignmentStatus, ItemState
from hitline.pipeline import Pipeline
from hitline.policies import Approve, Fixed, RejectFailedKnown, VoteLead
from tests.contracts.acting.lab import Lab, stage

APPROVED, REJECTED = AssignmentStatus.APPROVED, AssignmentStatus.REJECTED
RULE = RejectFailedKnown(at_least=2, below="60%", feedback="Please read the question.")
TWO = VoteLead(start=2, lead=2, most=4)

Open = Callable[..., Lab]


def lab_with(open_lab: Open, **changes: Any) -> Lab:
    return open_lab(Pipeline("lab", stages=[stage("ask", **changes)], budget="20.00"))


def statuses(lab: Lab) -> list[str]:
    """Of all submissions at the endpoint, in the order in which they came."""
    return [one.status.value for hit in lab.hits() for one in lab.requester.assignments(hit)]


def ids(lab: Lab) -> list[str]:
    return [one.assignment_id for hit in lab.hits() for one in lab.requester.assignments(hit)]


# When


def test_on_submission_a_worker_is_paid_before_the_item_is_settled(open_lab: Open) -> None:
    lab = lab_with(open_lab, pay=Approve(on="submission"))
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes")

    lab.run()

    assert lab.state("one") == (ItemState.OPEN, None)
    assert statuses(lab) == ["Approved"]
    assert lab.spent() == Decimal("0.06")


def test_after_a_delay_from_submission_the_sweep_finds_what_is_due(open_lab: Open) -> None:
    lab = lab_with(open_lab, pay=Approve(on="submission", after="2h"))
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes", "yes")
    lab.run()
    assert lab.state("one") == (ItemState.SETTLED, "yes")
    assert (lab.reserved(), lab.market.status(lab.hits()[0])) == (Decimal("0.12"), "Reviewable")
    lab.market.advance(minutes=110)
    lab.sweep()
    assert statuses(lab) == ["Submitted", "Submitted"]

    lab.market.advance(minutes=10)
    lab.sweep()

    assert statuses(lab) == ["Approved", "Approved"]
    assert lab.market.status(lab.hits()[0]) == "Reviewing"
    lab.audit()


def test_after_a_delay_from_settlement_the_sweep_finds_what_is_due(open_lab: Open) -> None:
    lab = lab_with(open_lab, pay=Approve(after="2h"))
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes")
    lab.market.advance(minutes=30)
    lab.answer(lab.hits()[0], "yes", by="B")
    lab.run()
    lab.market.advance(minutes=110)
    assert "finished, not closed" not in lab.sweep().marked
    assert statuses(lab) == ["Submitted", "Submitted"]

    lab.market.advance(minutes=10)
    lab.sweep()

    assert statuses(lab) == ["Approved", "Approved"]
    lab.audit()


def test_what_never_settles_is_judged_within_48_hours(open_lab: Open) -> None:
    lab = lab_with(open_lab, lifetime="30d")
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes")
    lab.run()
    lab.market.advance(hours=46, minutes=50)
    lab.sweep()
    assert statuses(lab) == ["Submitted"]

    lab.market.advance(minutes=10)
    lab.sweep()

    assert lab.state("one") == (ItemState.OPEN, None)
    assert statuses(lab) == ["Approved"]


def test_the_endpoint_itself_approves_where_nobody_of_ours_did(open_lab: Open) -> None:
    """The promise holds though everything of ours is away; the money is entered afterwards."""
    lab = lab_with(open_lab)
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes", "yes")
    lab.market.advance(hours=48)
    assert statuses(lab) == ["Approved", "Approved"]

    lab.finish()

    assert lab.spent() == Decimal("0.12")
    lab.audit()


# What is rejected by a rule


def with_known(open_lab: Open, *keys: str, **changes: Any) -> Lab:
    """Items whose answer is known to be yes, each asked of two people."""
    attributes: dict[str, Any] = {"pay": Approve(reject=RULE), "redundancy": Fixed(answers=2)}
    lab = lab_with(open_lab, **{**attributes, **changes})
    lab.prepare()
    lab.add(*keys, golds={"ask": "yes"})
    lab.drive_all()
    return lab


def test_nothing_is_rejected_unless_the_stage_says_so(open_lab: Open) -> None:
    lab = with_known(open_lab, "one", "two", "three", pay=Approve())
    for hit in lab.hits():
        lab.answer(hit, "no", "yes")

    lab.finish()

    assert set(statuses(lab)) == {"Approved"}
    lab.audit()


def test_who_fails_known_questions_often_is_rejected_and_told_which(open_lab: Open) -> None:
    """AWORKER1 fails both of two; AWORKER2 answers them right."""
    lab = with_known(open_lab, "one", "two")
    for hit in lab.hits():
        lab.answer(hit, "no", "yes")

    lab.finish()

    assert statuses(lab) == ["Rejected", "Approved"] * 2
    found = lab.market.client.get_assignment(AssignmentId=ids(lab)[0])["Assignment"]
    assert found["RequesterFeedback"] == (
        'Please read the question. Answered wrong, though the answer is known: "one". Of such '
        "questions you answered 0 of 2 right; 60% is asked for."
    )
    assert lab.spent() == Decimal("0.12")
    lab.audit()


def test_one_failed_known_question_rejects_nobody(open_lab: Open) -> None:
    lab = with_known(open_lab, "one")
    lab.answer(lab.hits()[0], "no", "yes")

    lab.finish()

    assert statuses(lab) == ["Approved", "Approved"]


def test_an_answer_that_failed_nothing_is_paid_whoever_gave_it(open_lab: Open) -> None:
    """Wrong, wrong, right: the third is approved though only a third of all were right."""
    lab = with_known(open_lab, "one", "two", "three")
    for hit, label in zip(lab.hits(), ["no", "no", "yes"], strict=True):
        lab.answer(hit, label, "yes")

    lab.finish()

    assert statuses(lab)[::2] == ["Rejected", "Rejected", "Approved"]
    lab.audit()


def test_an_unreadable_answer_is_never_rejected(open_lab: Open) -> None:
    lab = with_known(open_lab, "one", "two")
    for hit in lab.hits():
        lab.answer(hit, "maybe", "yes")

    lab.finish()

    assert "Rejected" not in statuses(lab)


def test_what_cannot_be_rejected_is_approved(
    open_lab: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The endpoint does not take the feedback: everybody is judged all the same."""
    lab = with_known(open_lab, "one", "two")
    for hit in lab.hits():
        lab.answer(hit, "no", "yes")
    monkeypatch.setattr(RejectFailedKnown, "says", lambda *_: "x" * 1025)
    monkeypatch.setattr(judging, "check_feedback", lambda *_: None)

    lab.finish()

    assert set(statuses(lab)) == {"Approved"}
    lab.audit()


def test_a_label_that_stood_on_rejected_answers_is_taken_back(open_lab: Open) -> None:
    """Two say no and settle it; a person rejects both before they are paid; others are asked."""
    lab = lab_with(open_lab, redundancy=Fixed(answers=2), pay=Approve(after="1h"))
    lab.launch("one")
    lab.answer(lab.hits()[0], "no", "no")
    lab.run()
    assert lab.state("one") == (ItemState.SETTLED, "no")

    for bad in ids(lab):
        reviewing.reject(lab.hitline, bad, "Not read.")
    lab.run()
    assert lab.state("one") == (ItemState.OPEN, None)
    lab.answer(lab.hits()[-1], "yes", "yes", by="B")
    lab.run()

    assert lab.state("one") == (ItemState.SETTLED, "yes")
    lab.market.advance(hours=2)
    lab.finish()
    lab.audit()


def test_rejected_answers_do_not_count_and_the_item_is_asked_on(open_lab: Open) -> None:
    lab = lab_with(open_lab, redundancy=VoteLead(start=3, lead=2, most=5))
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes", "no")
    lab.run()

    reviewing.reject(lab.hitline, ids(lab)[1], "The answer was not read.")
    lab.answer(lab.hits()[0], "yes", by="B")
    lab.finish()

    assert lab.state("one") == (ItemState.SETTLED, "yes")
    assert lab.not_counted() == ["rejected"]
    assert lab.item("one").agreement == 1.0
    lab.audit()
