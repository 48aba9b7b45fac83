"""Asking chosen items again: fresh, kept or read again; what came from them is made anew."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import update

from hitline.acting import controlling, redoing
from hitline.errors import HitlineError
from hitline.fields import Choice
from hitline.model import ItemState
from hitline.pipeline import Link, NewItem, Pipeline, Settled
from hitline.policies import NoRaise, Staff, VoteLead
from hitline.store import lineage
from hitline.store import schema as ours
from hitline.store.redone import Wish
from tests.contracts.acting.lab import Lab, stage

OpenLab = Callable[..., Lab]
PAIR = VoteLead(start=2, lead=2, most=4)


def on(settled: Settled) -> NewItem:
    return NewItem(input=settled.input)


CHAINED = Pipeline(
    "lab",
    stages=[stage("ask", redundancy=PAIR), stage("then", redundancy=PAIR)],
    links=[Link(source="ask", target="then", rule=on)],
)


def settle(lab: Lab, label: str = "yes", by: str = "A") -> None:
    """Two workers agree on every HIT that is out."""
    for hit in lab.hits():
        if lab.market.status(hit) == "Assignable":
            lab.answer(hit, label, label, by=by)
    lab.run()


def redo(lab: Lab, **wish: object) -> redoing.Redone:
    return redoing.redo(lab.hitline, "lab", Wish(**wish))  # type: ignore[arg-type]


def test_an_item_is_asked_again_from_the_start_on_a_new_hit(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=PAIR)]))
    lab.launch("a", "b")
    settle(lab)
    lab.finish()

    done = redo(lab, keys=["a"])
    assert (done.items, done.withdrawn, done.busy) == (1, 0, ())
    assert lab.state("a") == (ItemState.NEW, None)
    lab.drive_all()
    settle(lab, "no", by="B")
    lab.finish()

    assert lab.state("a") == (ItemState.SETTLED, "no")
    assert lab.state("b") == (ItemState.SETTLED, "yes")
    assert len(lab.hits()) == 3
    assert lab.not_counted() == ["asked again", "asked again"]
    assert "asked again by hand; 2 answers set aside" in str(
        lab.cell(ours.verdicts.c.why, ours.verdicts.c.kind == "redo")
    )
    lab.audit()


def test_to_redo_twice_asks_once(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=PAIR)]))
    lab.launch("a")
    settle(lab)

    redo(lab, keys=["a"])
    lab.drive_all()
    again = redo(lab, keys=["a"])
    lab.drive_all()

    assert again.items == 0
    assert len(lab.hits()) == 2


def test_what_came_from_it_is_withdrawn_paid_and_made_anew(open_lab: OpenLab) -> None:
    lab = open_lab(CHAINED)
    lab.launch("a")
    settle(lab)
    first = lab.items("then")[0]
    lab.answer(lab.hits()[1], "yes")
    lab.run()

    done = redo(lab, keys=["a"], stage="ask")
    assert (done.items, done.withdrawn) == (1, 1)
    lab.drive_all()
    settle(lab, by="B")
    settle(lab, by="B")
    lab.finish()

    assert [item.state for item in lab.items("then")] == [ItemState.DROPPED, ItemState.SETTLED]
    assert lab.items("then")[1].id != first.id
    # Five cents and a cent's fee for each of 2 + 1 + 2 + 2 answers.
    assert lab.spent() == Decimal("0.42")
    lab.audit()


def test_a_child_alone_is_asked_again_and_its_parent_stays(open_lab: OpenLab) -> None:
    lab = open_lab(CHAINED)
    lab.launch("a")
    settle(lab)
    settle(lab)

    done = redo(lab, stage="then", keys=["a"])

    assert (done.items, done.withdrawn) == (1, 0)
    assert lab.state("a", "ask") == (ItemState.SETTLED, "yes")
    assert lab.state("a", "then") == (ItemState.NEW, None)


def test_of_a_chosen_item_and_its_chosen_child_only_the_parent_is_asked(
    open_lab: OpenLab,
) -> None:
    lab = open_lab(CHAINED)
    lab.launch("a")
    settle(lab)
    settle(lab)

    done = redo(lab, keys=["a"])

    assert (done.items, done.withdrawn) == (1, 1)


def test_one_workers_answers_are_set_aside_and_the_others_kept(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=PAIR)]))
    lab.launch("a", "b")
    a, b = lab.hits()
    lab.answer(a, "yes", "yes")
    lab.answer(b, "yes", "yes", by="B")
    lab.run()

    done = redo(lab, worker="AWORKER2")
    lab.drive_all()

    assert done.items == 1
    assert lab.state("b") == (ItemState.SETTLED, "yes")
    assert lab.hit(lab.hits()[2])["MaxAssignments"] == 1
    assert redo(lab, worker="AWORKER2").items == 0


def test_items_of_a_version_are_asked_under_the_newest(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=PAIR)]))
    lab.launch("a")
    settle(lab)
    lab.pipeline = Pipeline("lab", stages=[stage("ask", redundancy=PAIR, reward="0.07")])
    lab.prepare()

    assert redo(lab, version=2).items == 0
    assert redo(lab, version=1).items == 1
    lab.drive_all()

    assert lab.hit(lab.hits()[1])["Reward"] == "0.07"
    assert lab.item("a").version == 2


def test_a_final_item_that_would_flip_is_judged_anew_by_the_answers_that_there_are(
    open_lab: OpenLab,
) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=PAIR)]))
    lab.launch("a", "b")
    settle(lab)
    with lab.store.writing() as connection:
        lineage.make_final(connection, [lab.item("a").id])
        connection.execute(
            update(ours.items).where(ours.items.c.key == "a").values(label="no", would_flip="yes")
        )

    assert redo(lab, would_flip=True).items == 1
    lab.drive_all()

    assert lab.state("a") == (ItemState.SETTLED, "yes")
    assert len(lab.hits()) == 2


def test_answers_that_could_not_be_read_are_read_again_with_corrected_labels(
    open_lab: OpenLab,
) -> None:
    broken = stage("ask", redundancy=PAIR, answer=Choice("answer", ["Yes!", "No!"]))
    lab = open_lab(Pipeline("lab", stages=[broken]))
    lab.launch("a")
    for by in "AB":
        lab.answer(lab.hits()[-1], "yes", "yes", by=by)
        lab.run()
    assert lab.state("a")[0] is ItemState.HELD
    assert redo(lab, keys=["b"]).items == 0

    lab.pipeline = Pipeline("lab", stages=[stage("ask", redundancy=PAIR)])
    lab.prepare()
    assert redo(lab, unreadable=True).items == 1
    lab.drive_all()

    assert lab.state("a") == (ItemState.SETTLED, "yes")
    assert lab.not_counted() == []
    lab.finish()
    lab.audit()


def test_an_item_held_for_a_broken_form_is_asked_anew_once_the_form_is_mended(
    open_lab: OpenLab,
) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=PAIR)]))
    lab.launch("a")
    for by in "AB":
        lab.answer(lab.hits()[-1], "oops", "oops", by=by)
        lab.run()
    assert lab.state("a")[0] is ItemState.HELD

    redo(lab, unreadable=True)
    lab.drive_all()
    assert lab.state("a")[0] is ItemState.OPEN
    settle(lab, by="C")

    assert lab.state("a") == (ItemState.SETTLED, "yes")


def test_an_item_handed_to_staff_is_asked_again_from_the_first_reward(open_lab: OpenLab) -> None:
    lab = open_lab(
        Pipeline("lab", stages=[stage("ask", redundancy=PAIR, expiry=NoRaise(then=Staff()))])
    )
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes")
    lab.run()
    lab.market.advance(hours=1, minutes=11)
    lab.run()
    lab.sweep()
    assert lab.state("a")[0] is ItemState.STAFF

    assert redo(lab, staff=True).items == 1
    lab.drive_all()

    assert lab.state("a")[0] is ItemState.OPEN
    assert lab.hit(lab.hits()[1])["MaxAssignments"] == 1
    lab.answer(lab.hits()[1], "yes", by="B")
    lab.run()
    assert lab.state("a") == (ItemState.SETTLED, "yes")


def test_an_item_that_a_run_works_on_is_named_and_left_alone(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=PAIR)]))
    lab.launch("a")
    settle(lab)
    with lab.store.writing() as connection:
        connection.execute(
            update(ours.items).values(
                lease_owner="a run", wall_lease_until=lab.hitline.clock.wall()
            )
        )

    done = redo(lab, keys=["a"])

    assert (done.items, done.busy) == (0, ("a",))
    assert lab.state("a") == (ItemState.SETTLED, "yes")


def test_what_it_can_cost_is_told_before(open_lab: OpenLab) -> None:
    lab = open_lab(CHAINED)
    lab.launch("a")
    settle(lab)
    settle(lab)

    planned = redoing.plan(lab.hitline, "lab", Wish(keys=["a"], stage="ask"))

    # Four answers at fifteen cents and a fifth of it as fee, in each stage.
    assert (planned.most, planned.again_below) == (Decimal("0.72"), Decimal("0.72"))
    assert planned.withdrawn == {lab.item("a", "then").id}


def test_a_stopped_stage_is_not_asked_again(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=PAIR)]))
    lab.launch("a")
    settle(lab)
    controlling.stop(lab.hitline, "lab")

    with pytest.raises(HitlineError, match=r'is stopped .* "hitline resume lab"'):
        redo(lab, keys=["a"])


def test_to_choose_nothing_is_refused(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask")]))

    with pytest.raises(HitlineError, match="say which items"):
        redo(lab, stage="ask")
    with pytest.raises(HitlineError, match="counted from 1"):
        redo(lab, version=0)
