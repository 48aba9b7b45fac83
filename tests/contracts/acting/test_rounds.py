"""One item's ways from its first HIT to its end, at a real marketplace.

A HIT pays 5 cents (rungs: 5, 10, 15), of which MTurk's fee is a fifth and a cent at least; so an
assignment costs 6, 12 and 18 cents. It is open for an hour, and an assignment lasts ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hitline.acting import claiming, effects, rounds
from hitline.acting.rounds import Errand
from hitline.errors import StoreError
from hitline.model import Door, ItemState
from hitline.pipeline import Pipeline
from hitline.policies import VoteLead
from hitline.store import schema
from tests.contracts.acting.lab import Lab, cents, stage

SETTLED_YES = (ItemState.SETTLED, "yes")
OpenLab = Callable[..., Lab]


def test_two_equal_answers_settle_pay_and_close(lab: Lab) -> None:
    """Published, answered twice alike: settled, approved, Reviewing; disposed after the grace."""
    lab.launch("a")
    (hit,) = lab.hits()
    assert lab.reserved() == cents(12)

    lab.answer(hit, "yes", "yes")
    lab.run()

    assert lab.state("a") == SETTLED_YES
    assert lab.market.status(hit) == "Reviewing"
    assert lab.spent() == cents(12)
    lab.finish()
    lab.audit()

    lab.market.advance(days=29)
    lab.sweep()
    assert lab.market.status(hit) == "Reviewing"
    lab.market.advance(days=1)
    lab.sweep()
    assert lab.market.status(hit) == "Disposed"
    lab.audit()


def test_disagreement_buys_what_a_lead_of_two_needs_on_the_same_hit(lab: Lab) -> None:
    """1 : 1 needs two more; 3 : 1 settles, at four times six cents."""
    lab.launch("a")
    (hit,) = lab.hits()

    lab.answer(hit, "yes", "no")
    lab.run()
    assert lab.hit(hit)["MaxAssignments"] == 4
    assert lab.reserved() == cents(24)

    lab.answer(hit, "yes", "yes", by="B")
    lab.finish()
    assert lab.hits() == [hit]
    assert lab.state("a") == SETTLED_YES
    assert lab.spent() == cents(24)
    lab.audit()


def test_an_extended_hit_lives_long_enough_for_its_new_slots(lab: Lab) -> None:
    """Filled five minutes before its expiry, it is prolonged by a lifetime from now."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.market.advance(minutes=55)
    lab.answer(hit, "yes", "no")
    now = lab.market.clock.now()
    lab.run()

    left = lab.hit(hit)["Expiration"] - now
    assert 3600 <= left.total_seconds() <= 3605
    assert lab.market.status(hit) == "Assignable"


def test_an_extension_that_was_decided_long_ago_prolongs_from_now(lab: Lab) -> None:
    """Its chunk took over an hour: what was decided as the HIT's end has passed, or nearly."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes", "no")
    lab.market.advance(minutes=55)
    lab.deliver()
    chunk = claiming.claim(lab.hitline, Door.AGGREGATE, "lab", "ask", "a run")
    orders = rounds.sort_out(rounds.look(lab.hitline, chunk))
    lab.market.advance(minutes=59, seconds=30)
    now = lab.market.clock.now()

    errand = Errand(door=Door.AGGREGATE, flow_run="a run")
    (told,) = effects.extend(lab.hitline, orders.extend, errand)

    assert told.outcome == "2 more on the same HIT"
    assert 3600 <= (lab.hit(hit)["Expiration"] - now).total_seconds() <= 3605


def test_an_item_settles_with_its_deciding_answer_and_the_late_one_is_paid_not_counted(
    open_lab: OpenLab,
) -> None:
    """Three asked, two agree: nobody else may begin; who had begun is paid and kept apart."""
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=VoteLead(start=3))]))
    lab.launch("a")
    (hit,) = lab.hits()
    held = lab.market.accept(hit, "LATE")
    lab.answer(hit, "yes", "yes")
    lab.run()
    assert lab.state("a") == SETTLED_YES
    assert lab.market.status(hit) == "Unassignable"

    lab.market.engine.submit(held, "LATE", {"answer": "no"})
    lab.run()

    assert lab.state("a") == SETTLED_YES
    assert lab.not_counted() == ["late"]
    assert lab.market.status(hit) == "Reviewing"
    assert lab.spent() == cents(18)
    lab.finish()
    lab.audit()


def test_a_worker_who_answers_twice_is_paid_twice_and_counted_once(lab: Lab) -> None:
    """A new HIT does not know who did the first: another answer is bought for the second one."""
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes", by="SAME")
    lab.market.advance(hours=1)
    lab.run()
    second = lab.hits()[1]

    lab.answer(second, "yes", by="SAME")
    lab.run()
    assert lab.state("a") == (ItemState.OPEN, None)
    assert lab.not_counted() == ["answered before"]
    assert lab.hit(second)["MaxAssignments"] == 2

    lab.answer(second, "yes", by="OTHER")
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.spent() == cents(6 + 12 + 12)
    lab.audit()


def test_what_nobody_can_read_is_kept_paid_and_not_bought_again(open_lab: OpenLab) -> None:
    """Three unreadable answers stop an item: its form is broken. They are paid in two days."""
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=VoteLead(start=3))]))
    lab.launch("a")
    (hit,) = lab.hits()
    for worker in ("A1", "A2", "A3"):
        lab.market.submit(hit, worker, other="yes")
    lab.run()

    assert lab.state("a") == (ItemState.HELD, None)
    assert "3 answers could not be read" in lab.reason("a")
    assert lab.not_counted() == ["unreadable"] * 3
    assert lab.count(schema.answers, schema.answers.c.problem.is_(None)) == 0
    assert lab.hit(hit)["MaxAssignments"] == 3

    lab.sweep()
    assert lab.spent() == 0
    lab.market.advance(hours=48)
    lab.finish()
    assert lab.spent() == cents(18)
    lab.audit()


def test_one_unreadable_answer_is_replaced(lab: Lab) -> None:
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes")
    lab.market.submit(hit, "SPAM", answer="perhaps")
    lab.run()
    assert lab.hit(hit)["MaxAssignments"] == 3

    lab.answer(hit, "yes", by="B")
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.not_counted() == ["unreadable"]
    lab.audit()


def test_who_was_rejected_by_hand_is_not_counted_nor_paid(lab: Lab) -> None:
    """Somebody rejects a submission in the console before hitline reads it."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes", "no")
    (_, second) = lab.requester.assignments(hit)
    lab.requester.reject(second.assignment_id, "no")
    lab.run()
    assert lab.hit(hit)["MaxAssignments"] == 3

    lab.answer(hit, "yes", by="B")
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.spent() == cents(12)
    lab.audit()


def test_what_the_endpoint_approved_itself_is_in_the_ledger(open_lab: OpenLab) -> None:
    """Approved on submission, before hitline ever saw it."""
    lab = open_lab(Pipeline("lab", stages=[stage("ask", auto_approval="0s")]))
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes", "yes")
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.spent() == cents(12)
    lab.audit()


def test_a_hit_that_vanished_is_told_and_replaced(lab: Lab) -> None:
    """Disposed of behind our back: its item is asked about again, and the vanished money freed."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.requester.expire(hit)
    lab.requester.dispose(hit)
    lab.market.advance(hours=1)
    lab.run()
    assert len(lab.hits()) == 2
    lab.answer(lab.hits()[1], "yes", "yes")
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    lab.audit()


def test_items_that_are_known_by_key_are_not_published_twice(lab: Lab) -> None:
    lab.launch("a", "b")
    lab.launch("b", "c")
    assert len(lab.hits()) == 3


def test_a_missing_hit_type_says_what_to_run(lab: Lab) -> None:
    """The stage was edited, and its new version was never prepared."""
    lab.launch("a")
    lab.lose(schema.hit_types)
    lab.market.advance(hours=1)
    with pytest.raises(StoreError, match='has no HIT type for rung 1; run "hitline run lab" again'):
        lab.run()

    lab.prepare()
    lab.outlive_leases()
    lab.finish()
    assert lab.hit(lab.hits()[0])["Reward"] == "0.10"
