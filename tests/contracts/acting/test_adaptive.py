"""A stage whose rule has a model of the workers, against a marketplace, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from hitline.acting import claiming, rounds
from hitline.model import Door, ItemState
from hitline.mturk.client import Requester
from hitline.pipeline import Link, NewItem, Pipeline, Settled
from hitline.policies import Adaptive
from hitline.store import open_store, upgrade
from hitline.store import schema as ours
from hitline.verdicts import Wait
from tests.contracts.acting.lab import Lab, stage
from tests.contracts.store.conftest import made_database

RULE = Adaptive(start=2, confidence=0.9, lead=1, most=5)
ALONE = Pipeline("lab", stages=[stage("ask", redundancy=RULE)])

Open = Callable[[Pipeline], Lab]


def on(settled: Settled) -> NewItem:
    return NewItem(input=settled.input)


def chained(rule: Adaptive) -> Pipeline:
    """Labels of the first stage are final: the second asks about what they say."""
    return Pipeline(
        "lab",
        stages=[stage("ask", redundancy=rule), stage("then")],
        links=[Link(source="ask", target="then", rule=on)],
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def open_on(
    request: pytest.FixtureRequest, tmp_path: Path, require: Any, open_market: Callable[..., Any]
) -> Iterator[Open]:
    with made_database(request.param, tmp_path, require) as url:
        upgrade(url)
        store = open_store(url)

        def call(pipeline: Pipeline) -> Lab:
            market = open_market()
            return Lab(
                market=market,
                store=store,
                pipeline=pipeline,
                requester=Requester(market.client),
            )

        yield call
        store.dispose()


def verdicts(lab: Lab, key: str) -> list[tuple[str, float | None, str | None]]:
    """(kind, confidence, model) of what was decided about an item, in order."""
    columns = ours.verdicts.c.kind, ours.verdicts.c.confidence, ours.verdicts.c.model
    query = select(*columns).where(ours.verdicts.c.item_id == lab.item(key).id)
    with lab.store.reading() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def agree(lab: Lab, count: int, answers: int = 2) -> None:
    """So many items of the first stage are answered alike by workers who answer them all."""
    keys = [f"plain{number}" for number in range(count)]
    lab.launch(*keys)
    for number, hit in enumerate(lab.hits()):
        lab.answer(hit, *["yes" if number % 2 else "no"] * answers)
    lab.run()


def test_the_model_settles_what_workers_agree_on_and_asks_again_where_they_do_not(
    open_on: Open,
) -> None:
    lab = open_on(ALONE)
    lab.launch("a", "b", "c", "d")
    a, b, c, d = lab.hits()
    lab.answer(a, "yes", "yes")
    lab.answer(b, "no", "no")
    lab.answer(c, "yes", "yes")
    lab.answer(d, "yes", "no")
    lab.run()

    assert [lab.state(key) for key in "abc"] == [
        (ItemState.SETTLED, "yes"),
        (ItemState.SETTLED, "no"),
        (ItemState.SETTLED, "yes"),
    ]
    assert lab.state("d")[0] is ItemState.OPEN
    assert lab.hit(d)["MaxAssignments"] == 3

    lab.answer(d, "no", by="B")
    lab.run()
    lab.finish()
    assert lab.state("d") == (ItemState.SETTLED, "no")
    assert lab.item("d").agreement == pytest.approx(2 / 3)
    lab.audit()


def test_a_verdict_keeps_its_confidence_and_the_version_of_the_model(open_on: Open) -> None:
    lab = open_on(ALONE)
    agree(lab, 4)
    first, last = (verdicts(lab, key)[-1] for key in ("plain0", "plain3"))

    assert first[0] == last[0] == "settle"
    assert first[1] is not None
    assert 0.6 < first[1] < 0.99
    # Four items of two answers were looked at as one chunk.
    assert first[2] == last[2]
    assert str(first[2]).startswith("8-")
    assert f"{first[1]:.0%} sure, 2 votes ahead (no 2)" in lab.reason("plain0")


def test_the_same_answers_give_the_same_labels_in_whatever_order_events_come(
    open_on: Open,
) -> None:
    lab = open_on(ALONE)
    lab.launch("a", "b", "c")
    for hit, labels in zip(lab.hits(), (["yes", "yes"], ["no", "yes"], ["no", "no"]), strict=True):
        lab.answer(hit, *labels)
    bodies = lab.sent()
    Random(4).shuffle(bodies)
    lab.deliver([*bodies, *bodies[:3]])
    lab.run()

    assert [lab.state(key)[1] for key in "abc"] == ["yes", None, "no"]
    assert lab.hit(lab.hits()[1])["MaxAssignments"] == 3


def test_a_known_answer_tells_of_the_workers_and_does_not_settle_its_own_item(
    open_on: Open,
) -> None:
    lab = open_on(ALONE)
    lab.prepare()
    lab.add("known", golds={"": "no"})
    lab.add("a", "b", "c")
    lab.drive_all()
    for hit in lab.hits():
        lab.answer(hit, "yes", "yes")
    lab.run()

    assert lab.state("known") == (ItemState.SETTLED, "yes")


def test_where_labels_are_final_answers_beyond_the_average_come_out_of_savings(
    open_on: Open,
) -> None:
    lab = open_on(chained(Adaptive(start=2, confidence=0.9, lead=1, most=5, average=2)))
    lab.launch("a", "b")
    a, b = lab.hits()
    lab.answer(a, "yes", "no")
    lab.answer(b, "yes", "no")
    lab.run()

    # Nobody saved anything: both settle with the two answers they may have.
    assert {lab.state(key)[0] for key in "ab"} == {ItemState.SETTLED}
    assert "no answers left over" in lab.reason("a")


def test_what_earlier_items_saved_buys_one_item_a_further_answer_and_not_two(
    open_on: Open,
) -> None:
    lab = open_on(chained(Adaptive(start=3, confidence=0.8, lead=3, most=6, average=4)))
    agree(lab, 2, answers=3)  # saves 2 x 0.96
    assert {lab.state(f"plain{number}")[0] for number in range(2)} == {ItemState.SETTLED}
    before = set(lab.hits())
    lab.add("a", "b")
    lab.drive_all()
    split = [hit for hit in lab.hits() if hit not in before]
    for hit in split:
        lab.answer(hit, "yes", "no", "yes")
    lab.run()
    assert [lab.hit(hit)["MaxAssignments"] for hit in split] == [4, 4]

    for hit in split:
        lab.answer(hit, "no", by="B")
    lab.run()
    assert sorted(lab.hit(hit)["MaxAssignments"] for hit in split) == [4, 5]
    states = {lab.state(key)[0] for key in "ab"}
    assert states == {ItemState.OPEN, ItemState.SETTLED}

    (further,) = [hit for hit in split if lab.hit(hit)["MaxAssignments"] == 5]
    # A look in between takes nothing away from what was asked for.
    (waiting,) = [key for key in "ab" if lab.state(key)[0] is ItemState.OPEN]
    leased = claiming.claim(
        lab.hitline, Door.EVALUATE, "lab", "ask", "a look", only=[lab.item(waiting).id]
    )
    (looked,) = rounds.look(lab.hitline, leased)
    assert isinstance(looked.verdict, Wait)
    lab.outlive_leases()
    lab.answer(further, "no", by="C")
    lab.run()
    assert {lab.state(key)[0] for key in "ab"} == {ItemState.SETTLED}
