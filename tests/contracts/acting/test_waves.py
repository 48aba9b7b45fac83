"""Items are asked in waves: what a budget begins, it finishes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from hitline.model import Item, ItemState
from hitline.pipeline import Link, NewItem, Pipeline, Settled
from hitline.store import alerts, commitments, items
from hitline.store import schema as ours
from hitline.tokens import item_id
from marketplace.store import schema as theirs
from tests.contracts.acting.lab import Lab, stage

OpenLab = Callable[..., Lab]


def launch(lab: Lab, count: int) -> None:
    lab.launch(*(f"item-{number:02}" for number in range(count)))


def answer_all(lab: Lab, sure: float = 0.85, seed: int = 0) -> None:
    """A crowd that agrees more or less answers whatever is offered, until nothing is any more."""
    chance = random.Random(seed)
    worker = 0
    while places := offered(lab):
        for hit_id in places:
            worker += 1
            label = "yes" if chance.random() < sure else "no"
            lab.market.submit(hit_id, f"AWORKER{worker}", answer=label)
        lab.run()
        within_caps(lab)


def offered(lab: Lab) -> list[str]:
    """The HITs that workers may take, each as often as somebody may."""
    with lab.market.engine.look() as tx:
        hits = tx.connection.execute(
            select(theirs.hits).where(theirs.hits.c.status == "Assignable")
        )
        return [
            row.hit_id
            for row in hits
            for _ in range(row.max_assignments - row.submitted - row.approved - row.held)
        ]


def within_caps(lab: Lab) -> None:
    with lab.store.reading() as connection:
        committed = commitments.committed(connection, "lab")
    assert lab.pipeline.cap is None or committed <= lab.pipeline.cap


def states(lab: Lab, stage: str = "ask") -> Counter[str]:
    return Counter(item.state for item in lab.items(stage))


def half_asked(lab: Lab) -> int:
    """Items that somebody was paid for and that have no end."""
    asked = ours.items.c.id.in_(ours.hit_items.select().with_only_columns(ours.hit_items.c.item_id))
    open_ = ours.items.c.state.in_([ItemState.OPEN, ItemState.HELD])
    return lab.count(ours.items, asked, open_)


def test_a_budget_for_fifteen_of_forty_settles_about_fifteen_and_leaves_none_half_asked(
    open_lab: OpenLab,
) -> None:
    """An item takes about three answers at 0.06, so 2.70 are the price of fifteen."""
    lab = open_lab(Pipeline("lab", stages=[stage("ask")], budget="2.70"))
    launch(lab, 40)
    answer_all(lab)
    lab.finish()

    found = states(lab)
    assert 11 <= found[ItemState.SETTLED] <= 16
    assert found[ItemState.SETTLED] + found[ItemState.HELD] == 40
    assert half_asked(lab) == 0
    assert lab.spent() <= Decimal("2.70")
    lab.audit()


def test_without_a_budget_everything_is_asked_at_once(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask")]))
    launch(lab, 40)
    assert states(lab) == {ItemState.OPEN: 40}


def test_what_waits_says_so_and_is_nobodys_business(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask")], budget="2.70"))
    launch(lab, 40)

    assert lab.reason("item-39") == (
        "waits for its wave: the budget of lab (2.70) is kept for what is open"
    )
    with lab.store.reading() as connection:
        assert alerts.standing(connection) == []


def test_what_is_left_over_says_which_cap_is_in_the_way_and_somebody_hears_of_it(
    open_lab: OpenLab,
) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask")], budget="0.60"))
    launch(lab, 6)
    answer_all(lab)
    lab.finish()

    reason = lab.reason("item-05")
    assert reason.startswith("the budget of lab (0.60) has ")
    assert reason.endswith('"hitline budget lab --total AMOUNT" raises it')
    with lab.store.reading() as connection:
        told = alerts.standing(connection)
    assert [(alert.kind, alert.stage) for alert in told] == [("item-held", "ask")]


def test_downstream_stages_are_paid_for_before_new_items_begin(open_lab: OpenLab) -> None:
    """Each item leads to a dearer one: 0.36 from end to end, so 4.32 are the price of twelve."""

    def go_on(settled: Settled) -> NewItem:
        return NewItem(input=settled.input)

    pipeline = Pipeline(
        "lab",
        stages=[stage("ask"), stage("check", reward="0.10", expiry=stage("x").expiry)],
        links=[Link(source="ask", target="check", rule=go_on)],
        budget="4.32",
    )
    lab = open_lab(pipeline)
    launch(lab, 20)
    answer_all(lab, sure=1.0)
    lab.finish()

    asked, checked = states(lab), states(lab, "check")
    assert asked[ItemState.SETTLED] == checked[ItemState.SETTLED]
    assert 7 <= checked[ItemState.SETTLED] <= 12
    assert checked.total() == checked[ItemState.SETTLED]
    lab.audit()


def test_what_waits_in_a_stage_that_was_taken_out_keeps_nothing_else_from_going_on(
    open_lab: OpenLab,
) -> None:
    """Its rows stay, for the HITs that were posted; the sweep and the other stages go on."""
    both = Pipeline("lab", stages=[stage("ask"), stage("check")], budget="2.70")
    lab = open_lab(both)
    launch(lab, 2)
    old = Item(
        id=item_id("lab", "check", "old"),
        pipeline="lab",
        stage="check",
        key="old",
        input={"text": "old"},
        parent_id=lab.item("item-00").id,
    )
    with lab.store.writing() as connection:
        items.add(lab.store, connection, [old], lab.market.clock.now())
        items.held(connection, old.id, "the budget is spent", for_money=True)
    lab.pipeline = Pipeline("lab", stages=[stage("ask")], budget="2.70")

    lab.add("late")
    lab.sweep()
    assert lab.state("late") == (ItemState.OPEN, None)
    answer_all(lab, sure=1.0)
    lab.finish()
    assert states(lab)[ItemState.SETTLED] == 3
    assert states(lab, "check") == {ItemState.HELD: 1}


def test_a_daily_budget_paces_and_goes_on_the_next_day(open_lab: OpenLab) -> None:
    """0.60 a day are five items of two answers that agree."""
    lab = open_lab(Pipeline("lab", stages=[stage("ask")], daily_budget="0.60"))
    launch(lab, 12)
    settled: list[Any] = []
    for _ in range(5):
        answer_all(lab, sure=1.0)
        settled.append(states(lab)[ItemState.SETTLED])
        lab.market.advance(seconds=24 * 3600)
        lab.sweep()

    assert settled[0] <= 5
    assert settled[-1] == 12
    assert all(later - before <= 5 for before, later in pairwise(settled))
