"""One item's ways from its first HIT to its end, at a real marketplace.

A HIT pays 5 cents (rungs: 5, 10, 15), of which MTurk's fee is a fifth and a cent at least; so an
assignment costs 6, 12 and 18 cents. It is open for an hour, and an assignment lasts ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from hitline.acting import claiming, effects, rounds
from hitline.acting.rounds import Errand
from hitline.errors import StoreError
from hitline.model import Door, ItemState
from hitline.pipeline import Pipeline
from hitline.policies import RaiseReward, VoteLead
from hitline.store import schema
from marketplace.engine import account, requesters
from tests.contracts.acting.lab import Lab, stage

SETTLED_YES = (ItemState.SETTLED, "yes")
OpenLab = Callable[..., Lab]


def cents(count: int) -> Decimal:
    return Decimal(count) / 100


def deposit(lab: Lab, amount: str) -> None:
    with lab.market.engine.act() as tx:
        account.deposit(tx, requesters.named(tx, "lab").requester_id, Decimal(amount))


# Agreement


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


# Expiry


def test_a_hit_that_nobody_took_is_raised_in_place(lab: Lab) -> None:
    """The same HIT at the next rung's type, and the reserve with it."""
    lab.launch("a")
    (hit,) = lab.hits()
    first_type = lab.hit(hit)["HITTypeId"]
    lab.market.advance(hours=1)
    lab.run()

    assert lab.hits() == [hit]
    shown = lab.hit(hit)
    assert (shown["Reward"], shown["HITStatus"]) == ("0.10", "Assignable")
    assert shown["HITTypeId"] != first_type
    assert lab.reserved() == cents(24)
    assert lab.account()["liability"] == "0.24"

    lab.answer(hit, "yes", "yes")
    lab.finish()
    assert lab.spent() == cents(24)
    lab.audit()


def test_a_hit_that_was_returned_is_posted_anew(lab: Lab) -> None:
    """MTurk does not retype what anybody accepted once; the old HIT's money is set free."""
    lab.launch("a")
    (hit,) = lab.hits()
    assignment = lab.market.accept(hit, "AWORKER")
    lab.market.engine.give_back(assignment, "AWORKER")
    lab.market.advance(hours=1)
    lab.run()

    assert len(lab.hits()) == 2
    assert lab.hit(hit)["Reward"] == "0.05"
    shown = lab.hit(lab.hits()[1])
    assert (shown["Reward"], shown["MaxAssignments"]) == ("0.10", 2)
    assert lab.reserved() == cents(24)
    assert lab.account()["liability"] == "0.24"

    lab.answer(lab.hits()[1], "yes", "yes")
    lab.finish()
    assert [lab.market.status(each) for each in lab.hits()] == ["Reviewing", "Reviewing"]
    lab.audit()


def test_only_the_missing_answers_are_asked_for_again(lab: Lab) -> None:
    """One of two came: a new HIT for one, at the next reward."""
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes")
    lab.market.advance(hours=1)
    lab.run()

    shown = lab.hit(lab.hits()[1])
    assert (shown["Reward"], shown["MaxAssignments"]) == ("0.10", 1)
    assert lab.reserved() == cents(6 + 12)

    lab.answer(lab.hits()[1], "yes", by="B")
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.spent() == cents(6 + 12)
    lab.audit()


def test_work_held_over_the_expiry_is_waited_for_and_counted(lab: Lab) -> None:
    """The ladder begins when nobody works on the HIT any more."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes")
    lab.market.advance(minutes=58)
    held = lab.market.accept(hit, "SLOW")
    lab.market.advance(minutes=5)
    lab.run()
    assert lab.hits() == [hit]
    assert lab.verdicts("a")[-1] == "wait"

    lab.market.engine.submit(held, "SLOW", {"answer": "yes"})
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.hits() == [hit]
    lab.audit()


def test_held_work_that_never_comes_ends_with_its_deadline_even_if_no_event_tells(
    lab: Lab,
) -> None:
    lab.launch("a")
    (hit,) = lab.hits()
    lab.market.advance(minutes=59)
    lab.market.accept(hit, "GONE")
    lab.market.advance(minutes=2)
    lab.run()
    assert lab.hits() == [hit]

    lab.market.advance(minutes=10)  # the assignment is abandoned, and no event of it is delivered
    lab.sweep()
    assert len(lab.hits()) == 2


def test_a_hit_that_somebody_else_expired_is_not_waited_for(lab: Lab) -> None:
    """Expired in the console, long before our row says so: the event asks, the API tells."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes")
    lab.run()
    lab.requester.expire(hit)
    lab.run()
    assert len(lab.hits()) == 2


@pytest.mark.parametrize(
    ("answers", "end"),
    [
        (["yes"], SETTLED_YES),
        (["yes", "no"], (ItemState.STAFF, None)),
        ([], (ItemState.STAFF, None)),
    ],
    ids=["a clear lead settles", "a tie goes to staff", "no answer goes to staff"],
)
def test_the_ladder_ends(lab: Lab, answers: list[str], end: tuple[ItemState, str | None]) -> None:
    """Nobody comes for the last reward either."""
    lab.launch("a")
    lab.answer(lab.hits()[0], *answers)
    lab.run()
    for _ in range(3):
        lab.market.advance(hours=1, seconds=30)
        lab.run()
    assert lab.state("a") == end
    assert lab.hit(lab.hits()[-1])["Reward"] == "0.15"
    lab.finish()
    assert lab.spent() == cents(6 * len(answers))
    lab.audit()


# Money that is not there


def test_an_item_over_the_budget_is_held_until_the_budget_is_raised(open_lab: OpenLab) -> None:
    ask = stage("ask")
    lab = open_lab(Pipeline("lab", stages=[ask], budget="0.20"))
    lab.launch("a", "b")
    assert len(lab.hits()) == 1
    assert lab.state("b") == (ItemState.HELD, None)
    waits = "waits for its wave: the budget of lab (0.20) is kept for what is open"
    assert lab.reason("b") == waits
    lab.sweep()
    assert lab.state("b") == (ItemState.HELD, None)
    assert lab.verdicts("b") == ["post"]  # looked at again, and nothing new to tell

    lab.pipeline = Pipeline("lab", stages=[ask], budget="1.50")
    lab.prepare()
    lab.sweep()
    assert lab.state("b") == (ItemState.OPEN, None)
    for hit in lab.hits():
        lab.answer(hit, "yes", "yes")
    lab.finish()
    assert lab.spent() == cents(24)
    lab.audit()


def test_the_budget_gets_back_what_an_expired_hit_cannot_spend(open_lab: OpenLab) -> None:
    """30 cents: 12 for the first HIT; returned and expired, 24 for the next one."""
    lab = open_lab(Pipeline("lab", stages=[stage("ask")], budget="0.30"))
    lab.launch("a")
    assignment = lab.market.accept(lab.hits()[0], "AWORKER")
    lab.market.engine.give_back(assignment, "AWORKER")
    lab.market.advance(hours=1)
    lab.run()
    assert lab.state("a") == (ItemState.OPEN, None)
    assert lab.reserved() == cents(24)


def test_without_funds_an_item_is_held_with_nothing_reserved(open_lab: OpenLab) -> None:
    """Two times 72 dollars are more than the 100 deposited."""
    costly = stage("ask", reward="60.00", expiry=RaiseReward(by="10%", most="60.00"))
    lab = open_lab(Pipeline("lab", stages=[costly]))
    lab.launch("a")
    assert lab.state("a") == (ItemState.HELD, None)
    assert lab.reason("a") == "the account has not enough funds"
    assert lab.reserved() == 0
    assert lab.hits() == []

    deposit(lab, "44.00")
    lab.sweep()
    assert lab.reserved() == 144
    lab.answer(lab.hits()[0], "yes", "yes")
    lab.finish()
    lab.audit()


def test_without_funds_for_more_answers_what_is_reserved_stays_as_it_was(
    open_lab: OpenLab,
) -> None:
    """2 x 36 dollars are out, 2 x 36 more are not there; asked for again, the HIT has four."""
    costly = stage("ask", reward="30.00", expiry=RaiseReward(by="10%", most="30.00"))
    lab = open_lab(Pipeline("lab", stages=[costly]))
    lab.launch("a")
    (hit,) = lab.hits()
    lab.market.advance(minutes=50)  # so that its life has to be prolonged, too
    lab.answer(hit, "yes", "no")
    lab.run()
    assert lab.state("a") == (ItemState.HELD, None)
    assert lab.reserved() == 72

    deposit(lab, "50.00")
    lab.market.advance(seconds=20)
    lab.finish()
    assert lab.state("a") == (ItemState.OPEN, None)
    assert lab.hit(hit)["MaxAssignments"] == 4
    assert lab.reserved() == 144
    lab.answer(hit, "yes", "yes", by="B")
    lab.finish()
    lab.audit()


def test_without_funds_for_a_raise_no_rung_is_skipped(open_lab: OpenLab) -> None:
    """From 5 cents to 50 dollars: not payable, held at its first type; payable, offered at 50."""
    steep = stage("ask", expiry=RaiseReward(by="49.95", most="99.00", times=2))
    lab = open_lab(Pipeline("lab", stages=[steep]))
    lab.launch("a")
    (hit,) = lab.hits()
    lab.market.advance(hours=1)
    lab.run()
    assert lab.state("a") == (ItemState.HELD, None)
    assert lab.hit(hit)["Reward"] == "0.05"
    assert lab.reserved() == 0

    deposit(lab, "50.00")
    lab.sweep()
    shown = lab.hit(hit)
    assert (shown["Reward"], shown["HITStatus"]) == ("50.00", "Assignable")
    assert lab.reserved() == 120
    lab.answer(hit, "yes", "yes")
    lab.finish()
    lab.audit()


# What is not there


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
