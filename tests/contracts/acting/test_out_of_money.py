"""Items for which there is no money, in the budget or in the account.

A HIT pays 5 cents (rungs: 5, 10, 15), of which MTurk's fee is a fifth and a cent at least; so an
assignment costs 6, 12 and 18 cents. It is open for an hour, and an assignment lasts ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from hitline.model import ItemState
from hitline.pipeline import Pipeline
from hitline.policies import RaiseReward
from marketplace.engine import account, requesters
from tests.contracts.acting.lab import Lab, cents, stage

OpenLab = Callable[..., Lab]


def deposit(lab: Lab, amount: str) -> None:
    with lab.market.engine.act() as tx:
        account.deposit(tx, requesters.named(tx, "lab").requester_id, Decimal(amount))


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
