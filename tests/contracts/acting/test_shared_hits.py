"""HITs that carry five items."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from hitline.model import ItemState
from hitline.pipeline import Pipeline
from hitline.store import schema
from tests.contracts.acting.lab import Lab, stage

OpenLab = Callable[..., Lab]
SETTLED_YES = (ItemState.SETTLED, "yes")


@pytest.fixture
def five(open_lab: OpenLab) -> Lab:
    return open_lab(Pipeline("lab", stages=[stage("ask", items_per_hit=5)]))


def submit(lab: Lab, hit: str, worker: str, *labels: str) -> None:
    """One worker's labels for the slots of a HIT; an empty one is left out."""
    said = {f"answer.{slot}": label for slot, label in enumerate(labels, 1) if label}
    lab.market.submit(hit, worker, **said)


def carried(lab: Lab, hit: str) -> str:
    """The keys of a HIT's items, in the order of their slots."""
    query = schema.hit_items.select().where(schema.hit_items.c.hit_id == hit).order_by("slot")
    with lab.store.reading() as connection:
        ids = [row.item_id for row in connection.execute(query)]
    keys = {item.id: item.key for item in lab.items("ask")}
    return "".join(keys[item_id] for item_id in ids)


def test_seven_items_make_a_full_hit_and_after_a_moment_one_for_the_rest(five: Lab) -> None:
    five.launch(*"abcdefg")
    assert [carried(five, hit) for hit in five.hits()] == ["abcde"]

    five.market.advance(seconds=6)
    five.drive_all()
    assert [carried(five, hit) for hit in five.hits()] == ["abcde", "fg"]
    assert five.reserved() == Decimal("0.24")  # two HITs, not seven


def test_each_slot_is_read_and_undecided_ones_are_regrouped(five: Lab) -> None:
    """a and b are agreed on; c, d of the first and f of the second HIT share a new one."""
    five.launch(*"abcdefghij")
    first, second = five.hits()
    submit(five, first, "A1", "yes", "no", "yes", "yes", "no")
    submit(five, first, "A2", "yes", "no", "no", "no", "no")
    submit(five, second, "A1", "yes", "no", "no", "no", "no")
    submit(five, second, "A2", "no", "no", "no", "no", "no")
    five.run()
    assert [five.state(key)[1] for key in "abcde"] == ["yes", "no", None, None, "no"]

    five.market.advance(seconds=6)
    five.drive_all()
    third = five.hits()[2]
    assert carried(five, third) == "cdf"
    assert five.hit(third)["MaxAssignments"] == 2

    submit(five, third, "B1", "yes", "no", "yes")
    submit(five, third, "B2", "yes", "no", "yes")
    five.finish()
    assert [five.state(key)[1] for key in "cdf"] == ["yes", "no", "yes"]
    assert five.spent() == Decimal("0.36")  # six assignments
    five.audit()


def test_a_slot_that_was_left_out_spoils_only_its_item(five: Lab) -> None:
    five.launch(*"abcde")
    (hit,) = five.hits()
    submit(five, hit, "A1", "yes", "yes", "", "yes", "yes")
    submit(five, hit, "A2", "yes", "yes", "yes", "yes", "yes")
    five.run()
    assert [five.state(key) for key in "abde"] == [SETTLED_YES] * 4
    assert five.state("c") == (ItemState.OPEN, None)
    assert five.not_counted() == ["unreadable"]

    five.market.advance(seconds=6)
    five.drive_all()
    shown = five.hit(five.hits()[1])
    assert shown["MaxAssignments"] == 1
    five.market.submit(five.hits()[1], "B1", answer="yes")
    five.finish()
    assert five.state("c") == SETTLED_YES
    five.audit()


def test_a_shared_hit_that_nobody_took_is_raised_once_for_all(five: Lab) -> None:
    five.launch(*"abcde")
    (hit,) = five.hits()
    five.market.advance(hours=1)
    five.run()
    assert five.hits() == [hit]
    assert five.hit(hit)["Reward"] == "0.10"
    assert five.reserved() == Decimal("0.24")
    assert {item.state for item in five.items("ask")} == {ItemState.OPEN}

    for worker in ("A1", "A2"):
        submit(five, hit, worker, *["yes"] * 5)
    five.finish()
    five.audit()


def test_a_shared_hit_that_one_did_is_posted_anew_for_one(five: Lab) -> None:
    five.launch(*"abcde")
    submit(five, five.hits()[0], "A1", *["yes"] * 5)
    five.market.advance(hours=1)
    five.run()
    five.market.advance(seconds=6)
    five.drive_all()
    second = five.hits()[1]
    assert carried(five, second) == "abcde"
    assert (five.hit(second)["Reward"], five.hit(second)["MaxAssignments"]) == ("0.10", 1)
    submit(five, second, "B1", *["yes"] * 5)
    five.finish()
    assert five.spent() == Decimal("0.18")
    five.audit()


def test_over_the_budget_all_items_of_the_hit_are_held(open_lab: OpenLab) -> None:
    """Of a raise as of a post: none is left open without anybody to ask."""
    pipeline = Pipeline("lab", stages=[stage("ask", items_per_hit=5)])
    lab = open_lab(pipeline)
    lab.launch(*"abcde")
    lab.pipeline = Pipeline("lab", stages=pipeline.stages, budget="0.20")
    lab.prepare()
    lab.market.advance(hours=1)
    lab.run()
    assert {item.state for item in lab.items("ask")} == {ItemState.HELD}
    assert lab.reserved() == 0

    lab.pipeline = Pipeline("lab", stages=pipeline.stages, budget="0.24")
    lab.prepare()
    lab.sweep()
    assert {item.state for item in lab.items("ask")} == {ItemState.OPEN}
    assert lab.hit(lab.hits()[0])["Reward"] == "0.10"


def test_the_hit_is_closed_when_the_last_of_its_items_is_finished(five: Lab) -> None:
    """Who answered is paid within two days all the same."""
    five.launch(*"abcde")
    (first,) = five.hits()
    submit(five, first, "A1", "yes", "yes", "yes", "yes", "no")
    submit(five, first, "A2", "yes", "yes", "yes", "yes", "yes")
    five.run()
    assert five.market.status(first) == "Reviewable"
    assert five.spent() == 0

    five.market.advance(hours=48)
    five.sweep()
    assert five.spent() == Decimal("0.12")
    assert five.market.status(first) == "Reviewable"
