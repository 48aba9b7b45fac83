"""A stage of each kind of answer, from a worker's form to the label and what is made of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from hitline.fields import Boxes, Choice, MultiChoice, Number, Text
from hitline.model import ItemState
from hitline.pipeline import Link, NewItem, Pipeline, Settled
from hitline.policies import Agree, Fixed, Overlap, StandardError, VoteLead
from hitline.reporting.progress import progress
from hitline.reporting.results import results
from hitline.store import schema as ours
from tests.contracts.acting.lab import Lab, stage

Open = Callable[..., Lab]


def alone(**changes: Any) -> Pipeline:
    return Pipeline("lab", stages=[stage("ask", **changes)])


def crowd_form(**answers: Any) -> dict[str, str]:
    """What a crowd-form posts: all its fields as one JSON text."""
    return {"taskAnswers": json.dumps([answers])}


def submit(lab: Lab, worker: str, **answers: str) -> None:
    """A worker answers the newest HIT, and hitline acts on it."""
    lab.market.submit(lab.hits()[-1], worker, **answers)
    lab.market.advance(seconds=1)


def agreement(lab: Lab, key: str = "a") -> float:
    return float(lab.cell(ours.items.c.agreement, ours.items.c.key == key))


def test_numbers_are_asked_for_until_the_error_is_small_enough(open_lab: Open) -> None:
    lab = open_lab(
        alone(
            answer=Number("hours", least=0, most=24, step="0.5"),
            redundancy=StandardError(at_most=1.0, start=2, most=5),
        )
    )
    lab.launch("a")
    submit(lab, "AW1", hours="6")
    submit(lab, "AW2", hours="10.0")
    lab.run()

    # Mean 8, standard error 2: eight in all would halve it, and half of the missing six are asked.
    assert lab.hit(lab.hits()[0])["MaxAssignments"] == 5
    submit(lab, "AW3", **crowd_form(hours=8))
    submit(lab, "AW4", hours="late")
    submit(lab, "AW5", hours="8.5")
    lab.finish()

    assert lab.state("a") == (ItemState.SETTLED, "8.125")
    assert "standard error 0.826 of 4 answers (6, 8, 8.5, 10)" in lab.reason("a")
    assert agreement(lab) == pytest.approx(1 - (2.125 + 0.125 + 0.375 + 1.875) / 4 / 12)
    lab.audit()


def test_several_choices_settle_when_each_labels_vote_does(open_lab: Open) -> None:
    lab = open_lab(
        alone(
            answer=MultiChoice("topics", ["price", "size", "colour"], least=0),
            redundancy=VoteLead(start=2, lead=2, most=5),
        )
    )
    lab.launch("a")
    submit(lab, "AW1", **crowd_form(topics={"price": True, "size": False, "colour": False}))
    submit(lab, "AW2", topics="colour|price")
    lab.run()
    submit(lab, "AW3", **{"topics.price": "true"})
    submit(lab, "AW4", **crowd_form(topics={"labels": ["price"]}))
    lab.finish()

    assert lab.state("a") == (ItemState.SETTLED, '["price"]')
    assert lab.reason("a") == "the vote on each label is decided (price 4, colour 1 of 4)"
    assert agreement(lab) == (1 + 1 / 2 + 1 + 1) / 4
    lab.audit()


def test_texts_settle_when_two_wrote_the_same_words(open_lab: Open) -> None:
    lab = open_lab(alone(answer=Text("heard"), redundancy=Agree(start=2, equal=2, most=5)))
    lab.launch("a")
    submit(lab, "AW1", heard="The cat sat on the mat.")
    submit(lab, "AW2", heard="the bat sat on the mat")
    lab.run()
    submit(lab, "AW3", heard=" the cat  sat on the mat\r\n")
    lab.finish()

    state, label = lab.state("a")
    assert state is ItemState.SETTLED
    assert label is not None
    assert label.split() == ["The", "cat", "sat", "on", "the", "mat."]
    assert lab.verdicts("a") == ["post", "extend", "settle"]
    lab.audit()


def test_boxes_settle_on_what_most_drew(open_lab: Open) -> None:
    lab = open_lab(
        alone(answer=Boxes("things", ["cat", "dog"]), redundancy=Overlap(start=3, agree=0.8))
    )
    lab.launch("a")
    cat = {"label": "cat", "left": 10, "top": 20, "width": 100, "height": 50}
    dog = {"label": "dog", "left": 200, "top": 20, "width": 100, "height": 50}
    picture = {"height": 200, "width": 400}
    drawn = [cat, dog], [{**cat, "left": 12}, dog], [{**cat, "left": 14}, dog]
    for number, boxes in enumerate(drawn, 1):
        sent = {"boundingBoxes": boxes, "inputImageProperties": picture}
        submit(lab, f"AW{number}", **crowd_form(things=sent))
    lab.finish()

    state, label = lab.state("a")
    assert state is ItemState.SETTLED
    assert json.loads(str(label)) == [{**cat, "left": 12}, dog]
    lab.audit()


TWO = [Choice("topic", ["billing", "delivery"]), Number("minutes", least=0, most=60)]


def next_of(settled: Settled) -> NewItem:
    """A rule reads typed values."""
    minutes: float = settled.values["minutes"]
    return NewItem(input={"text": f"{settled.values['topic']} {minutes * 2:g}"})


def test_two_fields_settle_when_both_do_and_a_chain_rule_gets_their_values(open_lab: Open) -> None:
    first = stage(
        "ask",
        answer=TWO,
        redundancy={
            "topic": VoteLead(start=2, lead=2, most=5),
            "minutes": StandardError(at_most=2, start=2, most=5),
        },
    )
    link = Link(source="ask", target="then", rule=next_of)
    lab = open_lab(Pipeline("lab", stages=[first, stage("then")], links=[link]))
    lab.launch("a")
    submit(lab, "AW1", topic="billing", minutes="10")
    submit(lab, "AW2", topic="delivery", minutes="12")
    lab.run()
    assert lab.state("a") == (ItemState.OPEN, None)

    submit(lab, "AW3", topic="billing", minutes="")
    submit(lab, "AW4", topic="billing", minutes="11")
    lab.run()
    lab.finish()
    submit(lab, "AW5", topic="billing", minutes="11")
    lab.finish()

    assert lab.state("a", "ask") == (ItemState.SETTLED, '{"minutes":11.0,"topic":"billing"}')
    assert lab.item("a", "then").input["text"] == "billing 22"
    assert lab.not_counted() == ["unreadable"]
    assert "topic: 2 votes ahead (billing 3, delivery 1); minutes: " in lab.reason("a")


def test_one_rule_may_do_for_all_fields(open_lab: Open) -> None:
    lab = open_lab(alone(answer=TWO, redundancy=Fixed(answers=3)))
    lab.launch("a")
    for number, minutes in enumerate(("10", "20", "30"), 1):
        submit(lab, f"AW{number}", topic="billing", minutes=minutes)
    lab.finish()

    assert lab.state("a") == (ItemState.SETTLED, '{"minutes":20.0,"topic":"billing"}')
    lab.audit()


def test_known_numbers_are_met_within_the_tolerance(open_lab: Open) -> None:
    lab = open_lab(
        alone(answer=Number("hours", tolerance=1.0), redundancy=Fixed(answers=1)),
    )
    lab.launch("a", golds={"ask": "8.50"})
    submit(lab, "AW1", hours="9")
    lab.finish()

    assert lab.item("a").gold == "8.5"
    with lab.store.reading() as connection:
        (counts,) = progress(connection, lab.pipeline).stages
        (row,) = results(connection, "lab")
    assert (counts.gold_items, counts.gold_settled, counts.gold_right) == (1, 1, 1)
    assert (row.label, row.counted) == ("9", 1)


def test_what_is_no_answer_of_its_kind_is_kept_with_the_reason_and_paid(open_lab: Open) -> None:
    lab = open_lab(alone(answer=Boxes("things", ["cat"]), redundancy=Fixed(answers=1)))
    lab.launch("a")
    submit(lab, "AW1", things='[{"label": "cat", "left": -1, "top": 0, "width": 1e9}]')
    lab.run()
    submit(lab, "AW2", things="[]")
    lab.finish()

    assert lab.state("a") == (ItemState.SETTLED, "[]")
    with lab.store.reading() as connection:
        problems = list(connection.scalars(select(ours.answers.c.problem)))
    assert any("is no box" in str(problem) for problem in problems)
    lab.audit()
