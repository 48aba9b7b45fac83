"""Reviewing: what a person decides about single submissions, each once in effect."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from hitline.acting import auditing, reviewing
from hitline.errors import HitlineError, InvalidDefinition, MTurkError
from hitline.model import AssignmentStatus
from hitline.pipeline import Pipeline
from hitline.policies import Fixed, RejectFailedKnown, VoteLead
from hitline.store import schema
from tests.contracts.acting.lab import Killed, Lab, Mortal, MortalStore, stage
from tests.contracts.acting.test_crashes import answer_lost

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


@pytest.fixture
def answered(open_lab: Open) -> Lab:
    """One has answered of the two who are asked first, which is known to us."""
    lab = lab_with(open_lab, redundancy=Fixed(answers=3))
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes")
    lab.run()
    return lab


def test_a_person_approves_before_the_rule_does(answered: Lab) -> None:
    (one,) = ids(answered)

    assert reviewing.approve(answered.hitline, one) is APPROVED
    assert reviewing.approve(answered.hitline, one) is APPROVED

    assert answered.spent() == Decimal("0.06")
    assert statuses(answered) == ["Approved"]


def test_a_submission_that_was_not_read_yet_is_read_first(open_lab: Open) -> None:
    lab = lab_with(open_lab)
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes")

    assert reviewing.approve(lab.hitline, ids(lab)[0]) is APPROVED
    assert lab.count(schema.answers) == 1


def test_a_rejected_submissions_money_is_free_at_once(answered: Lab) -> None:
    """Two at 0.06 were reserved: of three answers two are asked for first."""
    assert answered.reserved() == Decimal("0.12")

    assert reviewing.reject(answered.hitline, ids(answered)[0], "Not read.") is REJECTED

    assert (answered.reserved(), answered.spent()) == (Decimal("0.06"), Decimal("0.00"))


def test_a_rejection_without_a_reason_is_refused(answered: Lab) -> None:
    with pytest.raises(InvalidDefinition, match="feedback: is empty"):
        reviewing.reject(answered.hitline, ids(answered)[0], " ")

    assert statuses(answered) == ["Submitted"]


def test_what_is_approved_is_not_rejected_any_more(answered: Lab) -> None:
    (one,) = ids(answered)
    answered.requester.approve(one)

    assert reviewing.reject(answered.hitline, one, "Not read.") is APPROVED
    assert answered.spent() == Decimal("0.06")


def test_a_rejection_is_taken_back_paid_and_counts_again(answered: Lab) -> None:
    (one,) = ids(answered)
    reviewing.reject(answered.hitline, one, "Not read.")
    assert answered.not_counted() == ["rejected"]

    assert reviewing.override(answered.hitline, one) is APPROVED
    assert reviewing.override(answered.hitline, one) is APPROVED

    assert answered.not_counted() == []
    assert (answered.reserved(), answered.spent()) == (Decimal("0.06"), Decimal("0.06"))
    answered.answer(answered.hits()[0], "yes", by="B")
    answered.finish()
    answered.audit()


def test_taken_back_after_its_hit_was_closed_it_is_paid_too(open_lab: Open) -> None:
    lab = lab_with(open_lab, redundancy=TWO)
    lab.launch("one")
    lab.answer(lab.hits()[0], "yes", "yes")
    lab.deliver()
    first = ids(lab)[0]
    reviewing.reject(lab.hitline, first, "Not read.")
    lab.run()
    lab.answer(lab.hits()[-1], "yes", by="B")
    lab.finish()
    lab.audit()

    reviewing.override(lab.hitline, first)
    lab.finish()

    assert statuses(lab).count("Approved") == 3
    assert lab.spent() == Decimal("0.18")
    lab.audit()
    assert auditing.audit(lab.hitline).differences == ()


def test_what_was_answered_again_meanwhile_counts_once(open_lab: Open) -> None:
    """Rejected, the worker answers the item again on a later HIT; then the rejection is undone."""
    lab = lab_with(open_lab, redundancy=Fixed(answers=2))
    lab.launch("one")
    hit = lab.hits()[0]
    lab.answer(hit, "yes", "yes")
    lab.deliver()
    first = ids(lab)[0]
    reviewing.reject(lab.hitline, first, "Not read.")
    lab.run()
    lab.answer(lab.hits()[-1], "no", by="C")
    with lab.store.writing() as connection:  # as if the same person had come back
        connection.execute(
            schema.answers.update()
            .where(schema.answers.c.assignment_id != first)
            .values(worker_id="AWORKER1")
        )

    reviewing.override(lab.hitline, first)

    assert lab.not_counted() == ["rejected"]


def test_there_is_no_money_for_taking_a_rejection_back(open_lab: Open) -> None:
    """0.12 are reserved of 0.12; once one is rejected, its 0.06 go to another HIT's answer."""
    lab = open_lab(
        Pipeline("lab", stages=[stage("ask", redundancy=Fixed(answers=1))], budget="0.12")
    )
    lab.launch("one", "two")
    lab.answer(lab.hits()[0], "yes")
    lab.deliver()
    first = ids(lab)[0]
    reviewing.reject(lab.hitline, first, "Not read.")
    lab.run()  # asked of another
    assert lab.reserved() == Decimal("0.12")

    with pytest.raises(HitlineError, match=r"has 0\.00 left, and this reserves 0.06"):
        reviewing.override(lab.hitline, first)

    assert lab.requester.get_assignment(first).status is REJECTED


def test_after_thirty_days_a_rejection_stands(answered: Lab) -> None:
    (one,) = ids(answered)
    reviewing.reject(answered.hitline, one, "Not read.")
    answered.market.advance(days=31)

    with pytest.raises(HitlineError, match="more than 30 days ago"):
        reviewing.override(answered.hitline, one)


def test_what_was_not_rejected_is_not_overridden(answered: Lab) -> None:
    with pytest.raises(HitlineError, match="was not rejected"):
        reviewing.override(answered.hitline, ids(answered)[0])


def test_a_rejection_is_no_approval(answered: Lab) -> None:
    (one,) = ids(answered)
    reviewing.reject(answered.hitline, one, "Not read.")

    with pytest.raises(HitlineError, match="assignment override"):
        reviewing.approve(answered.hitline, one)


def test_an_unknown_assignment_is_named(lab: Lab) -> None:
    with pytest.raises(HitlineError, match="no submission '3NONE' is known"):
        reviewing.approve(lab.hitline, "3NONE")


def test_a_rejection_elsewhere_is_entered_when_it_is_seen(answered: Lab) -> None:
    """In the endpoint's own console, say."""
    (one,) = ids(answered)
    answered.requester.reject(one, "Not read.")
    answered.answer(answered.hits()[0], "yes", by="B")

    answered.run()
    answered.run()

    assert answered.not_counted() == ["rejected"]
    assert answered.reserved() == Decimal("0.12")
    assert answered.waiting() == []


@pytest.mark.slow
@pytest.mark.parametrize("death", [Killed, answer_lost], ids=["killed", "answer lost"])
@pytest.mark.parametrize("kind", ["reject", "override"])
def test_disturbed_between_any_two_steps_a_judgement_is_made_once(
    open_lab: Open, death: Any, kind: str
) -> None:
    """One submission after the other, each judgement disturbed one step later."""
    lab = lab_with(open_lab, redundancy=Fixed(answers=2), lifetime="1d")
    mortal = Mortal(lab.market.client, death)
    if death is Killed:
        lab.reopen(MortalStore(lab.store, mortal))
    lab.prepare()
    through, points = False, 0
    while not through:
        one = rejectable(lab, f"item-{points}")
        judge = partial(reviewing.reject, feedback="Not read.")
        if kind == "override":
            judge(lab.hitline, one)
            judge = partial(reviewing.override, feedback=None)
        mortal.left = points
        with suppress(Killed, MTurkError):
            judge(lab.hitline, one)
        through, mortal.left = mortal.left is not None, None
        lab.market.advance(minutes=2)
        lab.sweep()  # finishes what was begun
        assert lab.count(schema.intents, schema.intents.c.wall_done_at.is_(None)) == 0
        assert judge(lab.hitline, one) is (REJECTED if kind == "reject" else APPROVED)
        lab.run()
        finish_by(lab, "B", "C")
        lab.audit()
        points += 1
    assert points >= (4 if death is Killed else 3)


def rejectable(lab: Lab, key: str) -> str:
    """A submission to a new item, which needs another."""
    lab.add(key)
    lab.drive_all()
    one = str(lab.market.submit(lab.hits()[-1], "AWORKER", answer="yes"))
    lab.run()
    return one


def finish_by(lab: Lab, *others: str) -> None:
    """Others answer whatever is still asked."""
    for other in others:
        for hit in lab.hits():
            if lab.market.status(hit) == "Assignable":
                lab.answer(hit, "yes", by=other)
        lab.finish()
