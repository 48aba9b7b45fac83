"""The staff queue: worked through HITs that only staff see, or by a file."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hitline.acting import controlling, qualifying, staffing
from hitline.acting.restoring import restore_all
from hitline.errors import HitlineError, InvalidItems
from hitline.model import ItemState
from hitline.pipeline import Gather, Link, NewItem, Pipeline
from hitline.policies import NoRaise, Staff, VoteLead
from hitline.stafffile import read_labels
from hitline.store import schema as ours
from marketplace.errors import CannotAccept
from tests.contracts.acting.lab import Lab, stage

OpenLab = Callable[..., Lab]
ONE = VoteLead(start=1, lead=1, most=1)


def paid(**staff: Any) -> Pipeline:
    """Nobody comes, and staff are asked for 2 cents."""
    then = Staff(**{"reward": "0.02", **staff})
    return Pipeline("lab", stages=[stage("ask", redundancy=ONE, expiry=NoRaise(then=then))])


def unpaid(*more: Any, links: Any = ()) -> Pipeline:
    ask = stage("ask", redundancy=ONE, expiry=NoRaise(then=Staff()))
    return Pipeline("lab", stages=[ask, *more], links=links)


def nobody_comes(lab: Lab, *keys: str) -> None:
    lab.launch(*keys)
    lab.market.advance(hours=2)
    lab.run()
    lab.sweep()


def name_staff(lab: Lab, worker: str) -> None:
    lab.market.engine.register_worker(worker)
    qualifying.grant(lab.hitline, qualifying.STAFF, "lab", qualifying.WHOLE, worker)


def take_over(lab: Lab, tmp_path: Path, *lines: str) -> int:
    file = tmp_path / "queue.csv"
    file.write_text("\n".join(["item,label", *lines]) + "\n")
    return staffing.take_over(lab.hitline, lab.pipeline, read_labels(file), file)


# HITs


def test_what_nobody_answers_is_asked_of_staff_and_their_word_is_final(open_lab: OpenLab) -> None:
    lab = open_lab(paid())
    nobody_comes(lab, "a")
    _, for_staff = lab.hits()
    with pytest.raises(CannotAccept):
        lab.market.accept(for_staff, "ASTRANGER")
    name_staff(lab, "ASTAFFWORKER1")
    lab.answer(for_staff, "no", by="ASTAFF")
    lab.finish()

    assert lab.state("a") == (ItemState.SETTLED, "no")
    assert lab.reason("a") == "staff said so (no 1)"
    assert lab.item("a").final
    assert lab.spent() == Decimal("0.03")
    lab.audit()


def test_a_hit_for_staff_is_neither_closed_nor_doubled_while_it_is_out(open_lab: OpenLab) -> None:
    lab = open_lab(paid())
    nobody_comes(lab, "a")
    for _ in range(3):
        lab.run()
        lab.sweep()

    assert len(lab.hits()) == 2
    assert lab.market.status(lab.hits()[1]) == "Assignable"
    assert lab.state("a")[0] is ItemState.STAFF
    assert lab.verdicts("a") == ["post", "giveup", "post"]


def test_staff_who_do_not_come_are_asked_again(open_lab: OpenLab) -> None:
    lab = open_lab(paid(lifetime="1d"))
    nobody_comes(lab, "a")
    lab.market.advance(days=2)
    lab.finish()

    assert len(lab.hits()) == 3
    name_staff(lab, "ASTAFFWORKER1")
    lab.answer(lab.hits()[-1], "yes", by="ASTAFF")
    lab.finish()
    assert lab.state("a") == (ItemState.SETTLED, "yes")
    lab.audit()


def test_a_stage_for_which_there_is_no_money_keeps_its_items_in_the_queue(
    open_lab: OpenLab,
) -> None:
    lab = open_lab(
        Pipeline(
            "lab",
            stages=[stage("ask", redundancy=ONE, expiry=NoRaise(then=Staff(reward="5.00")))],
            budget="1.00",
        )
    )
    nobody_comes(lab, "a")

    assert lab.state("a") == (ItemState.STAFF, None)
    assert "budget" in lab.reason("a")
    assert len(lab.hits()) == 1


def test_staff_are_asked_again_once_a_stopped_stage_is_resumed(open_lab: OpenLab) -> None:
    lab = open_lab(paid())
    nobody_comes(lab, "a")
    controlling.stop(lab.hitline, "lab")
    lab.finish()
    assert lab.state("a")[0] is ItemState.STAFF
    assert lab.market.status(lab.hits()[-1]) == "Reviewable"

    controlling.resume(lab.hitline, "lab")
    lab.run()
    assert lab.market.status(lab.hits()[-1]) == "Assignable"
    assert len(lab.hits()) == 3


def test_a_hit_for_staff_whose_row_was_lost_comes_back_as_one_for_staff(
    open_lab: OpenLab,
) -> None:
    lab = open_lab(paid())
    nobody_comes(lab, "a")
    lab.lose(ours.hit_items, ours.hits)
    assert restore_all(lab.hitline) == 2
    name_staff(lab, "ASTAFFWORKER1")
    lab.answer(lab.hits()[-1], "no", by="ASTAFF")
    lab.finish()

    assert lab.state("a") == (ItemState.SETTLED, "no")
    assert len(lab.hits()) == 2


def test_a_person_is_told_once_that_items_wait(open_lab: OpenLab, tmp_path: Path) -> None:
    lab = open_lab(unpaid())
    nobody_comes(lab, "a", "b")
    assert lab.count(ours.alerts, ours.alerts.c.kind == "staff-queue") == 1

    take_over(lab, tmp_path, *(f"{lab.item(key).id},yes" for key in "ab"))
    lab.finish()
    assert lab.count(ours.alerts, ours.alerts.c.wall_over_at.is_(None)) == 0


# Files


def test_labels_from_a_file_settle_and_lead_on(open_lab: OpenLab, tmp_path: Path) -> None:
    link = Link(source="ask", target="next", rule=lambda done: NewItem(input=done.input))
    lab = open_lab(unpaid(stage("next"), links=[link]))
    nobody_comes(lab, "a", "b")

    assert take_over(lab, tmp_path, f"{lab.item('a').id},no", f"{lab.item('b').id},") == 1
    lab.finish()

    assert lab.state("a", "ask") == (ItemState.SETTLED, "no")
    assert lab.reason("a") == "staff said so (queue.csv)"
    assert lab.state("b", "ask") == (ItemState.STAFF, None)
    assert [item.key for item in lab.items("next")] == ["a"]


def test_a_file_with_a_mistake_changes_nothing_and_names_line_and_column(
    open_lab: OpenLab, tmp_path: Path
) -> None:
    lab = open_lab(unpaid())
    nobody_comes(lab, "a", "b")
    lab.add("c")
    a, b, c = (lab.item(key).id for key in "abc")

    with pytest.raises(InvalidItems) as refused:
        take_over(lab, tmp_path, f"{a},yes", f"{b},maybe", f"{c},yes", "nobody,yes")

    told = str(refused.value)
    assert "line 3, column label" in told
    assert "maybe" in told
    assert f"line 4, column item: '{c}' is not in the staff queue: it is new" in told
    assert "line 5, column item: 'nobody' is no item of lab" in told
    assert lab.count(ours.staff_labels) == 0
    lab.finish()
    assert lab.state("a")[0] is ItemState.STAFF


def test_a_file_settles_what_staff_are_asked_by_a_hit_which_then_ends(
    open_lab: OpenLab, tmp_path: Path
) -> None:
    lab = open_lab(paid())
    nobody_comes(lab, "a")
    take_over(lab, tmp_path, f"{lab.item('a').id},yes")
    lab.finish()

    assert lab.state("a") == (ItemState.SETTLED, "yes")
    assert lab.market.status(lab.hits()[-1]) == "Reviewing"
    lab.audit()


# Fan-in


def gathering() -> Pipeline:
    """Two children of an item, of which nobody answers any, are gathered."""
    child = stage("child", redundancy=ONE, expiry=NoRaise(then=Staff()))
    ask = stage("ask", redundancy=ONE)
    return Pipeline(
        "lab",
        stages=[ask, child, stage("pick", redundancy=ONE)],
        links=[
            Link(
                source="ask",
                target="child",
                rule=lambda done: [NewItem(input=done.input), NewItem(input=done.input)],
            ),
            Gather(
                parent="ask",
                source="child",
                target="pick",
                rule=lambda parent, children: NewItem(
                    input={"text": " ".join(child.label for child in children)}
                ),
            ),
        ],
    )


def test_what_gathers_waits_for_staff_and_gets_their_labels(
    open_lab: OpenLab, tmp_path: Path
) -> None:
    lab = open_lab(gathering())
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes")
    lab.run()
    lab.answer(lab.hits()[1], "no")
    lab.run()
    lab.market.advance(hours=2)
    lab.finish()
    assert lab.items("pick") == []

    (waiting,) = (item for item in lab.items("child") if item.state is ItemState.STAFF)
    take_over(lab, tmp_path, f"{waiting.id},yes")
    lab.finish()
    (pick,) = lab.items("pick")
    assert sorted(pick.input["text"].split()) == ["no", "yes"]


def test_what_gathers_goes_on_without_what_staff_give_up(open_lab: OpenLab) -> None:
    lab = open_lab(gathering())
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes")
    lab.run()
    lab.answer(lab.hits()[1], "no")
    lab.market.advance(hours=2)
    lab.finish()

    (waiting,) = (item for item in lab.items("child") if item.state is ItemState.STAFF)
    assert staffing.give_up(lab.hitline, lab.pipeline, [waiting.key]) == 1
    lab.finish()
    (pick,) = lab.items("pick")
    assert pick.input["text"] == "no"


def test_only_what_is_in_the_queue_can_be_given_up(open_lab: OpenLab) -> None:
    lab = open_lab(unpaid())
    lab.launch("a")

    with pytest.raises(HitlineError, match='no item "a" of lab is in the staff queue'):
        staffing.give_up(lab.hitline, lab.pipeline, ["a"])
