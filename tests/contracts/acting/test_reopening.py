"""Settled labels that are not believed any more: reopened, or reported where they are final."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from hitline.acting import controlling, refitting, reopening
from hitline.acting.reopening import Reconsidered
from hitline.model import ItemState
from hitline.pipeline import Gather, Link, NewItem, Pipeline, Settled
from hitline.policies import Adaptive, VoteLead
from hitline.store import lineage, models, provisional
from hitline.store import schema as ours
from tests.contracts.acting.lab import Lab, stage

RULE = Adaptive(start=2, confidence=0.6, lead=1, most=5)
OpenLab = Callable[..., Lab]


def on(settled: Settled) -> NewItem:
    return NewItem(input=settled.input)


def chained(rule: Adaptive | VoteLead = RULE) -> Pipeline:
    return Pipeline(
        "lab",
        stages=[stage("ask", redundancy=rule), stage("then")],
        links=[Link(source="ask", target="then", rule=on)],
    )


ALONE = Pipeline("lab", stages=[stage("ask", redundancy=RULE)])


def first_labels(lab: Lab, *keys: str) -> None:
    """Each item is settled as yes by A1 and A2."""
    lab.launch(*keys)
    for hit in lab.hits():
        lab.answer(hit, "yes", "yes")
    lab.run()
    assert {lab.state(key) for key in keys} == {(ItemState.SETTLED, "yes")}


def be_wrong(lab: Lab) -> None:
    """A1 and A2 say the contrary of forty known answers, of either label."""
    for label, said in (("no", "yes"), ("yes", "no")):
        before = set(lab.hits())
        lab.add(*(f"known {label} {number}" for number in range(20)), golds={"": label})
        lab.drive_all()
        for hit in sorted(set(lab.hits()) - before):
            lab.answer(hit, said, said)
    lab.run()


def reconsider(lab: Lab, **about: Any) -> Reconsidered:
    return reopening.reconsider(lab.hitline, "lab", "ask", "a test", **about)


def would_flip(lab: Lab) -> dict[str, str]:
    with lab.store.reading() as connection:
        return provisional.would_flip(connection, "lab")


def pause_then(lab: Lab) -> None:
    controlling.pause(lab.hitline, "lab", "then")


def doubt(lab: Lab, key: str = "a") -> None:
    """The label of an item is another one than what its answers say."""
    with lab.store.writing() as connection:
        connection.execute(update(ours.items).where(ours.items.c.key == key).values(label="no"))


def test_a_label_that_the_model_doubts_is_taken_back_and_settled_anew(open_lab: OpenLab) -> None:
    lab = open_lab(ALONE)
    first_labels(lab, "a", "b")
    doubt(lab)

    came = reconsider(lab)

    assert came.reopened == (lab.item("a").id,)
    assert lab.state("a") == (ItemState.OPEN, None)
    assert lab.verdicts("a")[-1] == "reopen"
    assert "a test: the model is" in lab.reason("a")
    lab.drive_all()
    assert lab.state("a") == (ItemState.SETTLED, "yes")
    assert lab.state("b") == (ItemState.SETTLED, "yes")
    lab.finish()
    lab.audit()


def test_to_reconsider_twice_is_to_reconsider_once(open_lab: OpenLab) -> None:
    lab = open_lab(ALONE)
    first_labels(lab, "a", "b")
    doubt(lab)

    reconsider(lab)
    again = reconsider(lab)

    assert again.reopened == ()
    assert lab.verdicts("a").count("reopen") == 1


def test_a_label_that_the_model_agrees_with_stands(open_lab: OpenLab) -> None:
    lab = open_lab(ALONE)
    first_labels(lab, "a", "b")

    came = reconsider(lab)

    assert came == Reconsidered(looked_at=2)


def test_what_known_answers_show_of_workers_reopens_what_they_said(open_lab: OpenLab) -> None:
    lab = open_lab(ALONE)
    first_labels(lab, "a", "b")
    be_wrong(lab)

    came = reconsider(lab)

    assert set(came.reopened) >= {lab.item("a").id, lab.item("b").id}
    lab.drive_all()
    # The votes do not agree with the model yet, so others are asked.
    assert lab.state("a") == (ItemState.OPEN, None)
    assert lab.verdicts("a")[-1] == "post"


def test_an_item_that_something_is_built_on_stays_and_is_reported(open_lab: OpenLab) -> None:
    lab = open_lab(chained())
    first_labels(lab, "a", "b")
    assert lab.items("then")[0].state is ItemState.OPEN
    assert lab.item("a", "ask").final
    doubt(lab)

    came = reconsider(lab)

    assert came.reopened == ()
    assert came.would_flip == (lab.item("a", "ask").id,)
    assert would_flip(lab) == {lab.item("a", "ask").id: "yes"}
    assert lab.state("a") == (ItemState.SETTLED, "no")


def test_what_is_reported_is_taken_off_the_list_once_it_would_not_flip(open_lab: OpenLab) -> None:
    lab = open_lab(chained())
    first_labels(lab, "a", "b")
    doubt(lab)
    reconsider(lab)
    with lab.store.writing() as connection:
        connection.execute(update(ours.items).values(label="yes"))

    reconsider(lab)

    assert would_flip(lab) == {}


def test_a_child_that_nobody_was_asked_about_is_withdrawn_and_made_anew(open_lab: OpenLab) -> None:
    lab = open_lab(chained())
    lab.prepare()
    pause_then(lab)
    first_labels(lab, "a", "b")
    assert {item.state for item in lab.items("then")} == {ItemState.HELD}
    assert not lab.item("a", "ask").final
    doubt(lab)

    assert reconsider(lab).reopened == (lab.item("a", "ask").id,)
    lab.drive_all()

    withdrawn, other, anew = lab.items("then")
    assert (withdrawn.key, withdrawn.state) == ("a", ItemState.DROPPED)
    assert (anew.key, anew.state) == ("a", ItemState.HELD)
    assert other.key == "b"
    assert anew.id != withdrawn.id


def test_what_was_gathered_and_not_asked_is_gathered_anew(open_lab: OpenLab) -> None:
    def halves(settled: Settled) -> list[NewItem]:
        return [NewItem(input={"text": f"{settled.key} {part}"}) for part in ("1", "2")]

    def joined(parent: Settled, parts: Sequence[Settled]) -> NewItem:
        return NewItem(input={"text": "+".join(part.label for part in parts)})

    lab = open_lab(
        Pipeline(
            "lab",
            stages=[stage("find"), stage("ask", redundancy=RULE), stage("then")],
            links=[
                Link(source="find", target="ask", rule=halves),
                Gather(parent="find", source="ask", target="then", rule=joined),
            ],
        )
    )
    lab.prepare()
    pause_then(lab)
    lab.launch("a")
    for _ in range(2):
        for hit in lab.hits():
            if lab.market.status(hit) == "Assignable":
                lab.answer(hit, "yes", "yes")
        lab.run()
    assert [item.input["text"] for item in lab.items("then")] == ["yes+yes"]
    doubt(lab, "a.2")

    assert reconsider(lab).reopened == (lab.item("a.2", "ask").id,)
    lab.drive_all()

    assert [item.state for item in lab.items("then")] == [ItemState.DROPPED, ItemState.HELD]
    assert lab.item("a", "find").remade == 1


def test_an_item_is_not_reopened_for_ever(open_lab: OpenLab) -> None:
    lab = open_lab(ALONE)
    first_labels(lab, "a", "b")
    for _ in range(reopening.MOST):
        doubt(lab)
        assert len(reconsider(lab).reopened) == 1
        lab.drive_all()
    doubt(lab)

    came = reconsider(lab)

    assert came.reopened == ()
    assert came.would_flip == (lab.item("a").id,)


def test_an_item_that_a_run_works_on_is_left_alone(open_lab: OpenLab) -> None:
    lab = open_lab(ALONE)
    first_labels(lab, "a", "b")
    doubt(lab)
    with lab.store.writing() as connection:
        connection.execute(
            update(ours.items).values(
                lease_owner="a run", wall_lease_until=lab.hitline.clock.wall()
            )
        )

    came = reconsider(lab)

    assert came.busy == (lab.item("a").id,)
    assert lab.state("a") == (ItemState.SETTLED, "no")


def test_an_item_whose_answers_were_set_aside_is_asked_more_people(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=VoteLead(start=2, lead=2))]))
    first_labels(lab, "a")
    lab.finish()
    with lab.store.writing() as connection:
        connection.execute(
            update(ours.answers)
            .where(ours.answers.c.worker_id == "AWORKER1")
            .values(counted=False, why_not="stopped")
        )
    assert reconsider(lab).reopened == ()

    came = reconsider(lab, item_ids=[lab.item("a").id])
    lab.drive_all()

    assert came.reopened == (lab.item("a").id,)
    # Its HIT is closed and paid: more people are asked on another.
    assert len(lab.hits()) == 2
    lab.answer(lab.hits()[1], "yes", by="B")
    lab.run()
    lab.finish()
    assert lab.state("a") == (ItemState.SETTLED, "yes")
    lab.audit()


def test_an_answer_that_came_too_late_counts_once_its_item_is_open_again(
    open_lab: OpenLab,
) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", redundancy=VoteLead(start=3, lead=2))]))
    lab.launch("a")
    (hit,) = lab.hits()
    in_hand = lab.market.accept(hit, "CWORKER1")
    lab.answer(hit, "yes", "yes")
    lab.run()
    assert lab.state("a") == (ItemState.SETTLED, "yes")
    lab.market.engine.submit(in_hand, "CWORKER1", {"answer": "no"})
    lab.run()
    assert lab.not_counted() == ["late"]
    doubt(lab)

    came = reconsider(lab, item_ids=[lab.item("a").id])

    assert came.reopened == (lab.item("a").id,)
    assert lab.not_counted() == []


def test_an_exported_label_is_final(open_lab: OpenLab) -> None:
    lab = open_lab(ALONE)
    first_labels(lab, "a", "b")
    with lab.store.writing() as connection:
        assert lineage.make_final(connection, [lab.item("a").id, lab.item("b").id]) == 2
        assert lineage.make_final(connection, [lab.item("a").id]) == 0
    doubt(lab)

    assert reconsider(lab).would_flip == (lab.item("a").id,)


def test_a_refit_keeps_the_model_reopens_and_prunes_what_nothing_rests_on(
    open_lab: OpenLab,
) -> None:
    lab = open_lab(ALONE)
    lab.launch("a", "b")
    for hit in lab.hits():
        lab.answer(hit, "yes", by="A")
    lab.run()
    first = refitting.refit(lab.hitline, "lab", "ask")
    for hit in lab.hits():
        lab.answer(hit, "yes", by="B")
    lab.run()
    doubt(lab)
    second = refitting.refit(lab.hitline, "lab", "ask")

    assert first is not None
    assert second is not None
    assert (first.answers, second.answers) == (2, 4)
    assert [worker for worker, _, _ in second.workers] == ["AWORKER1", "BWORKER1"]
    assert second.reconsidered.reopened == (lab.item("a").id,)
    assert second.pruned == 1
    with lab.store.reading() as connection:
        assert models.load(connection, "lab", "ask", first.version) is None
        assert models.newest(connection, "lab", "ask") == second.version


def test_a_stage_that_nobody_answered_has_no_model(open_lab: OpenLab) -> None:
    lab = open_lab(ALONE)
    lab.launch("a")

    assert refitting.modelled(lab.hitline) == [("lab", "ask")]
    assert refitting.refit(lab.hitline, "lab", "ask") is None


def test_the_answers_weights_add_up_to_what_a_verdict_stated(open_lab: OpenLab) -> None:
    lab = open_lab(ALONE)
    first_labels(lab, "a", "b")
    with lab.store.reading() as connection:
        row = connection.execute(
            select(ours.verdicts).where(
                ours.verdicts.c.item_id == lab.item("a").id, ours.verdicts.c.kind == "settle"
            )
        ).one()
        grounds = models.load(connection, "lab", "ask", row.model)

    assert grounds is not None
    assert grounds.workers == ("AWORKER1", "AWORKER2")
    likely = grounds.posterior([("AWORKER1", "yes"), ("AWORKER2", "yes")])["yes"]
    assert float(grounds.calibration.stated(likely)) == pytest.approx(row.confidence)


def test_a_refit_states_anew_how_sure_each_label_is_by_now(open_lab: OpenLab) -> None:
    lab = open_lab(ALONE)
    first_labels(lab, "a", "b")
    confidence = ours.items.c.confidence
    at_first = lab.cell(confidence, ours.items.c.key == "a")
    with lab.store.writing() as connection:
        lineage.make_final(connection, [lab.item("a").id])
    lab.add("c", "d", "e")
    lab.drive_all()
    for hit in lab.hits()[2:]:
        lab.answer(hit, "no", "yes")
    lab.deliver()
    lab.drive_all()
    assert lab.cell(confidence, ours.items.c.key == "a") == at_first

    refitting.refit(lab.hitline, "lab", "ask")

    # Two who so often disagree are worth less than they seemed.
    assert lab.cell(confidence, ours.items.c.key == "a") < at_first
