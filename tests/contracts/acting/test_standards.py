"""Standards: who fails known items is warned, stopped and blocked, step by step, and back again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from hitline.acting import sanctioning
from hitline.errors import Unavailable
from hitline.model import AssignmentStatus, ItemState
from hitline.pipeline import Pipeline
from hitline.policies import Approve, Known, Step, VoteLead
from hitline.standing import Evidence
from hitline.store import provisional, sanctions
from hitline.store import schema as ours
from marketplace.errors import CannotAccept
from tests.contracts.acting.lab import Killed, Lab, Mortal, MortalStore, stage
from tests.contracts.acting.spammed import GOOD, SPAMMER, Crowd, asking, blocks


@pytest.fixture
def open_crowd(open_lab: Callable[..., Lab]) -> Callable[..., Crowd]:
    def call(pipeline: Pipeline | None = None) -> Crowd:
        return Crowd(open_lab(pipeline or asking()))

    return call


@pytest.fixture
def crowd(open_crowd: Callable[..., Crowd]) -> Crowd:
    return open_crowd()


@pytest.fixture
def stopped(crowd: Crowd) -> Crowd:
    """The spammer was warned after four known items and stopped after seven."""
    crowd.work(known=4)
    assert crowd.steps() == ["warn"]
    crowd.work(known=3)
    assert crowd.steps() == ["warn", "stop"]
    return crowd


def test_a_spammer_among_six_workers_is_warned_and_stopped_within_the_stage(
    open_crowd: Callable[..., Crowd],
) -> None:
    crowd = open_crowd(asking(known=Known(rate="50%")))
    crowd.ask("gold0", "gold1", gold="yes")
    crowd.answer()
    for _ in range(6):
        crowd.work(known=1, plain=2)

    assert crowd.steps() == ["warn", "stop"]
    assert crowd.mail()[0] == "About"
    assert not any(crowd.sanctions(worker) for worker in GOOD)
    crowd.ask("one more")
    (hit,) = [hit for hit in crowd.lab.hits() if crowd.lab.hit(hit)["HITStatus"] == "Assignable"]
    with pytest.raises(CannotAccept):
        crowd.lab.market.accept(hit, SPAMMER)
    assert crowd.try_to_answer(hit, GOOD[0])


def test_each_step_is_kept_with_what_it_rests_on(stopped: Crowd) -> None:
    warned, away = stopped.sanctions()

    assert (warned.by, warned.done, away.done) == ("standards", True, True)
    assert warned.evidence["known"] == 4
    assert warned.evidence["right"] == 0
    assert warned.evidence["high"] == pytest.approx(0.4507, abs=1e-4)  # 1 - 0.05 ** (1 / 5)
    assert [item["right"] for item in warned.evidence["items"]] == [False] * 4
    assert away.evidence["known"] == 7
    assert "0 of 7 known answers right: surely less accurate than 70%" in away.reason
    assert stopped.alerts() == [SPAMMER]


def test_looking_again_takes_no_step_twice(stopped: Crowd) -> None:
    for _ in range(3):
        stopped.judge()
        stopped.lab.sweep()

    assert stopped.steps() == ["warn", "stop"]
    assert stopped.mail().count("About") == 1


def test_who_was_warned_has_some_known_items_to_do_better(crowd: Crowd) -> None:
    crowd.work(known=9)
    crowd.judge()

    assert crowd.steps() == ["warn"]


def test_answers_of_who_is_stopped_count_no_more_and_labels_on_them_are_asked_again(
    crowd: Crowd,
) -> None:
    crowd.ask("mistaken")
    (hit,) = crowd.lab.hits()
    crowd.try_to_answer(hit, SPAMMER)
    crowd.try_to_answer(hit, GOOD[0], "no")
    crowd.lab.run()
    assert crowd.lab.state("mistaken") == (ItemState.SETTLED, "no")
    crowd.work(known=4)
    crowd.work(known=3)

    assert crowd.steps()[-1] == "stop"
    assert crowd.why_not() == {"stopped"}
    crowd.answer()
    assert crowd.lab.state("mistaken") == (ItemState.SETTLED, "yes")


def test_a_final_label_that_rested_on_them_stays_and_is_listed(
    open_crowd: Callable[..., Crowd],
) -> None:
    crowd = open_crowd(asking(redundancy=VoteLead(start=3, lead=1, most=3)))
    crowd.ask("mistaken")
    (hit,) = crowd.lab.hits()
    for worker, label in ((SPAMMER, "no"), ("ASECOND", "no"), (GOOD[0], "yes")):
        crowd.try_to_answer(hit, worker, label)
    crowd.lab.run()
    with crowd.lab.store.writing() as connection:
        connection.execute(update(ours.items).values(final=True))
    for worker in (SPAMMER, "ASECOND"):
        sanctioning.take(crowd.lab.hitline, "lab", "ask", worker, Step.STOP, "by hand")

    assert crowd.lab.state("mistaken") == (ItemState.SETTLED, "no")
    with crowd.lab.store.reading() as connection:
        flips = provisional.would_flip(connection, "lab")
    assert flips == {crowd.lab.item("mistaken").id: "yes"}


def test_what_they_still_had_in_hand_is_paid_and_not_counted(crowd: Crowd) -> None:
    crowd.work(known=4)
    crowd.ask("late")
    held = crowd.lab.hits()[-1]
    assignment = crowd.lab.market.accept(held, SPAMMER)
    crowd.take(Step.STOP)
    crowd.lab.market.engine.submit(assignment, SPAMMER, {"answer": "no"})
    crowd.lab.run()
    crowd.answer()

    assert crowd.lab.state("late") == (ItemState.SETTLED, "yes")
    assert crowd.why_not() == {"stopped"}
    crowd.lab.finish()
    about = ours.assignments.c.assignment_id == assignment
    assert crowd.lab.cell(ours.assignments.c.status, about) == AssignmentStatus.APPROVED
    crowd.lab.audit()


def test_undo_gives_everything_back(stopped: Crowd) -> None:
    undone = stopped.undo()

    assert [one.step for one in undone] == [Step.WARN, Step.STOP]
    assert stopped.why_not() == {None}
    assert [word for word in stopped.mail() if word in ("About", "Taken")] == ["About", "Taken"]
    assert stopped.alerts() == []
    assert all(one.undone_why == "a mistake of ours" for one in stopped.sanctions())
    stopped.ask("one more")
    assert stopped.try_to_answer(stopped.lab.hits()[-1], SPAMMER)
    assert stopped.undo() == []


def test_after_undo_only_new_evidence_counts_and_it_begins_with_the_mildest_step(
    stopped: Crowd,
) -> None:
    stopped.undo()
    assert stopped.judge()[SPAMMER].fresh == Evidence()
    assert stopped.steps() == ["warn", "stop"]

    stopped.work(known=3)
    assert stopped.steps() == ["warn", "stop"]
    stopped.work(known=1)
    assert stopped.steps() == ["warn", "stop", "warn"]
    assert stopped.sanctions()[-1].evidence["known"] == 4


def test_a_warning_that_cannot_be_delivered_yet_is_sent_once_they_are_paid(
    open_crowd: Callable[..., Crowd],
) -> None:
    crowd = open_crowd(asking(pay=Approve(within="2d")))
    for number in range(4):
        crowd.ask(f"gold{number}", gold="yes")
        crowd.try_to_answer(crowd.lab.hits()[-1], SPAMMER)
    crowd.lab.run()
    crowd.judge()
    (warned,) = crowd.sanctions()
    assert not warned.done
    assert "could not be delivered yet" in str(warned.problem)
    assert crowd.mail() == []

    crowd.lab.market.advance(days=2)
    crowd.lab.sweep()
    crowd.lab.market.advance(minutes=2)
    crowd.lab.sweep()
    assert crowd.mail() == ["About"]
    assert crowd.sanctions()[0].done


def test_a_step_that_the_endpoint_does_not_hear_of_is_tried_again(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise Unavailable("CreateWorkerBlock", "no answer")

    crowd.work(known=1)
    with monkeypatch.context() as patch:
        patch.setattr(crowd.lab.requester, "block", away)
        crowd.take(Step.BLOCK)
    (block,) = crowd.sanctions()
    assert (block.done, block.problem) == (False, "CreateWorkerBlock: no answer")
    assert crowd.why_not() == {"stopped"}

    crowd.lab.market.advance(seconds=61)
    crowd.lab.sweep()
    assert crowd.sanctions()[0].done
    assert blocks(crowd.lab) == [SPAMMER]


def test_a_block_is_lifted_by_undo(crowd: Crowd) -> None:
    crowd.work(known=1)
    crowd.take(Step.BLOCK)
    assert blocks(crowd.lab) == [SPAMMER]
    crowd.undo()

    assert blocks(crowd.lab) == []


def test_a_block_stays_while_another_stage_has_one(open_crowd: Callable[..., Crowd]) -> None:
    two = Pipeline("lab", stages=[stage("ask"), stage("then")])
    crowd = open_crowd(two)
    crowd.ask("a")
    crowd.answer()
    crowd.take(Step.BLOCK)
    sanctioning.take(crowd.lab.hitline, "lab", "then", SPAMMER, Step.BLOCK, "by hand")
    crowd.undo()
    assert blocks(crowd.lab) == [SPAMMER]

    sanctioning.undo(crowd.lab.hitline, "lab", "then", SPAMMER, "a mistake")
    assert blocks(crowd.lab) == []


def test_a_step_that_stands_is_not_taken_again_by_hand(crowd: Crowd) -> None:
    crowd.work(known=1)

    assert crowd.take(Step.NOTE) is not None
    assert crowd.take(Step.NOTE) is None


def test_without_standards_nothing_follows(open_crowd: Callable[..., Crowd]) -> None:
    crowd = open_crowd(asking(standards=None))
    crowd.work(known=8)
    found = crowd.judge()

    assert crowd.sanctions() == []
    assert found[SPAMMER].evidence == Evidence(known=8, right=0)
    assert found[GOOD[0]].evidence.right == found[GOOD[0]].evidence.known > 0
    assert found[SPAMMER].seconds is not None


@pytest.mark.slow
@pytest.mark.parametrize("step", [Step.STOP, Step.BLOCK])
def test_a_step_and_its_undoing_are_finished_wherever_the_process_died(
    open_crowd: Callable[..., Crowd], step: Step
) -> None:
    crowd = open_crowd(asking(standards=None))
    lab = crowd.lab
    mortal = Mortal(lab.market.client)
    lab.reopen(MortalStore(lab.store, mortal))
    hitline, point, through = lab.hitline, 0, False
    while not through:
        worker = f"AWORKER{point}"
        crowd.ask(f"item{point}")
        crowd.try_to_answer(lab.hits()[-1], worker)
        lab.run()
        for act in (
            partial(sanctioning.take, hitline, "lab", "ask", worker, step, "by hand"),
            partial(sanctioning.undo, hitline, "lab", "ask", worker, "a mistake"),
        ):
            mortal.left = point
            try:
                act()
            except Killed:
                act()  # the person asks again
            through, mortal.left = mortal.left is not None, None
            lab.market.advance(seconds=61)
            sanctioning.catch_up(hitline)
            (one,) = crowd.sanctions(worker)
            taken = one.undone_at is None
            assert crowd.why_not(worker) == ({"stopped"} if taken else {None})
            if step is Step.BLOCK:
                assert (worker in blocks(lab)) is taken
            else:
                held = lab.count(
                    ours.grants, ours.grants.c.worker_id == worker, ours.grants.c.granted.is_(True)
                )
                assert held == taken
            with lab.store.reading() as connection:
                assert sanctions.stages_with_unfinished(connection) == []
            assert lab.count(ours.intents, ours.intents.c.wall_done_at.is_(None)) == 0
        point += 1
    assert point > 5
