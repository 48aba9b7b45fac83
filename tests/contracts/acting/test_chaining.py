"""What one stage settles, the next asks about: items that follow, in the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hitline.acting import staffing
from hitline.model import ItemState
from hitline.pipeline import Gather, Link, NewItem, Pipeline, Settled
from hitline.policies import NoRaise, VoteLead
from hitline.store import schema
from tests.contracts.acting.lab import Lab, stage

OpenLab = Callable[..., Lab]
TEXT = schema.items.c.input


def settle_all(lab: Lab, label: str = "yes") -> None:
    """Two workers agree on every HIT that is out."""
    for hit in lab.hits():
        if lab.market.status(hit) == "Assignable":
            lab.answer(hit, label, label)
    lab.run()


def texts(lab: Lab, stage_name: str) -> list[str]:
    return [item.input["text"] for item in lab.items(stage_name)]


def halves(settled: Settled) -> list[NewItem]:
    """An item's text, cut in two."""
    return [NewItem(input={"text": f"{settled.input['text']} {part}"}) for part in ("1", "2")]


def joined(parent: Settled, parts: Sequence[Settled]) -> NewItem:
    said = ", ".join(f"{part.input['text']}: {part.label}" for part in parts)
    return NewItem(input={"text": f"{parent.key} [{said}]"})


FAN = Pipeline(
    "lab",
    stages=[stage("find", expiry=NoRaise()), stage("fix", expiry=NoRaise()), stage("check")],
    links=[
        Link(source="find", target="fix", rule=halves),
        Gather(parent="find", source="fix", target="check", rule=joined),
    ],
)


def test_fan_out_and_fan_in(open_lab: OpenLab) -> None:
    """One item makes two, and those, both settled, one again; known answers travel along."""
    lab = open_lab(FAN)
    lab.launch("a", golds={"check": "yes"})
    settle_all(lab)
    assert texts(lab, "fix") == ["text a 1", "text a 2"]
    assert [item.key for item in lab.items("fix")] == ["a", "a.2"]

    first, second = lab.hits()[1:]
    lab.answer(second, "no", "no")
    lab.run()
    assert lab.items("check") == []
    lab.answer(first, "yes", "yes")
    lab.run()
    assert texts(lab, "check") == ["a [text a 1: yes, text a 2: no]"]

    settle_all(lab)
    (check,) = lab.items("check")
    assert (check.label, check.gold, check.root_id) == ("yes", "yes", lab.item("a", "find").id)
    lab.finish()
    assert len(lab.hits()) == 4
    lab.audit()


def test_fan_in_waits_for_staff_and_leaves_out_what_they_give_up(open_lab: OpenLab) -> None:
    """One child goes to staff when its hour is over; given up, the other is gathered alone."""
    lab = open_lab(FAN)
    lab.launch("a")
    settle_all(lab)
    lab.answer(lab.hits()[1], "yes", "yes")
    lab.run()
    lab.market.advance(hours=1)
    lab.run()
    assert [item.state for item in lab.items("fix")] == [ItemState.SETTLED, ItemState.STAFF]
    assert texts(lab, "check") == []

    staffing.give_up(lab.hitline, lab.pipeline, ["a.2"])
    lab.run()
    assert texts(lab, "check") == ["a [text a 1: yes]"]


def test_two_children_that_finish_in_one_chunk_are_gathered_once(open_lab: OpenLab) -> None:
    lab = open_lab(FAN)
    lab.launch("a", "b")
    settle_all(lab)
    settle_all(lab)
    assert sorted(texts(lab, "check")) == [
        "a [text a 1: yes, text a 2: yes]",
        "b [text b 1: yes, text b 2: yes]",
    ]


def test_a_loop_ends_after_its_rounds(open_lab: OpenLab) -> None:
    """Asked, and asked again while the answer is no, twice at most."""

    def again(settled: Settled) -> NewItem | None:
        text = {"text": settled.input["text"] + "+"}
        return NewItem(input=text) if settled.label == "no" else None

    loop = Link(source="ask", target="ask", rule=again, rounds=2)
    lab = open_lab(Pipeline("lab", stages=[stage("ask")], links=[loop]))
    lab.launch("a", "b")
    lab.answer(lab.hits()[0], "no", "no")
    lab.answer(lab.hits()[1], "yes", "yes")
    lab.run()
    for _ in range(3):
        settle_all(lab, "no")
    assert texts(lab, "ask") == ["text a", "text b", "text a+", "text a++"]
    assert [item.round for item in lab.items("ask")] == [0, 0, 1, 2]
    lab.finish()
    lab.audit()


def test_a_failing_rule_loses_nothing_and_is_tried_again_once_it_is_mended(
    open_lab: OpenLab,
) -> None:
    """The label is stored and its workers are paid; what follows is made by the sweep."""

    def broken(settled: Settled) -> NewItem:
        raise KeyError("colour")

    stages = [stage("ask"), stage("next")]
    lab = open_lab(
        Pipeline("lab", stages=stages, links=[Link(source="ask", target="next", rule=broken)])
    )
    lab.launch("a")
    settle_all(lab)
    assert lab.state("a") == (ItemState.SETTLED, "yes")
    assert lab.items("next") == []
    problem = str(lab.cell(schema.items.c.problem, schema.items.c.key == "a"))
    assert problem.startswith("the chain rule ask → next raised KeyError: 'colour' (item a)")
    lab.sweep()
    assert lab.items("next") == []

    lab.pipeline = Pipeline(
        "lab",
        stages=stages,
        links=[Link(source="ask", target="next", rule=lambda done: NewItem(input=done.input))],
    )
    lab.sweep()
    lab.sweep()
    assert texts(lab, "next") == ["text a"]
    assert lab.cell(schema.items.c.problem, schema.items.c.key == "a") is None
    settle_all(lab)
    lab.finish()
    lab.audit()


def test_a_stage_that_was_added_and_not_launched_keeps_no_label_from_being_stored(
    open_lab: OpenLab,
) -> None:
    """The pipeline was edited while items were out."""
    lab = open_lab()
    lab.launch("a")
    lab.pipeline = Pipeline(
        "lab",
        stages=[stage("ask"), stage("new")],
        links=[Link(source="ask", target="new", rule=lambda done: NewItem(input=done.input))],
    )
    settle_all(lab)
    assert lab.state("a") == (ItemState.SETTLED, "yes")
    problem = str(lab.cell(schema.items.c.problem, schema.items.c.key == "a"))
    assert 'run "hitline run lab" again' in problem

    lab.prepare()
    lab.sweep()
    assert texts(lab, "new") == ["text a"]


def test_the_policy_that_an_item_was_published_under_stays_with_it(open_lab: OpenLab) -> None:
    """Edited to one answer: who is out needs two, who comes later one."""
    lab = open_lab()
    lab.launch("a")
    lab.pipeline = Pipeline(
        "lab", stages=[stage("ask", redundancy=VoteLead(start=1, lead=1), reward="0.07")]
    )
    lab.launch("b")
    first, second = lab.hits()
    assert lab.hit(second)["MaxAssignments"] == 1
    lab.answer(first, "yes")
    lab.answer(second, "yes")
    lab.run()
    assert lab.state("a") == (ItemState.OPEN, None)
    assert lab.state("b") == (ItemState.SETTLED, "yes")
    lab.market.advance(hours=1)
    lab.run()
    assert lab.hit(lab.hits()[2])["Reward"] == "0.10"
