"""What people give back stops a stage; who is left decides whether a dearer rung is worth it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hitline.acting import controlling
from hitline.model import ItemState
from hitline.pipeline import Pipeline
from hitline.policies import NoRaise, RaiseReward, Rewards, SettleBest, StopOnReturns, VoteLead
from hitline.store import schema as ours
from tests.contracts.acting.lab import Lab, stage
from tests.contracts.qualifying import create, requires

OpenLab = Callable[..., Lab]


def give_back(lab: Lab, hit_id: str, times: int, by: str = "ARETURNER") -> None:
    for number in range(times):
        worker = f"{by}{number}"
        lab.market.engine.give_back(lab.market.accept(hit_id, worker), worker)
        lab.market.advance(seconds=1)


def stopped(lab: Lab) -> int:
    """How often the stage was stopped, and a person told."""
    return lab.count(ours.alerts, ours.alerts.c.kind == "stage-stopped")


@pytest.fixture
def delicate(open_lab: OpenLab) -> Lab:
    """Four outcomes are enough to tell."""
    ask = stage("ask", returns=StopOnReturns(share=0.5, least=4))
    lab = open_lab(Pipeline("lab", stages=[ask]))
    lab.launch("a")
    return lab


def test_a_stage_that_people_give_back_is_paused_and_pays_no_more(delicate: Lab) -> None:
    give_back(delicate, delicate.hits()[0], 4)
    delicate.market.advance(hours=2)
    delicate.run()

    assert stopped(delicate) == 1
    assert delicate.state("a") == (ItemState.HELD, None)
    assert delicate.reason("a") == "the stage is paused"
    assert delicate.hit(delicate.hits()[0])["Reward"] == "0.05"
    assert "of the latest 4 assignments that people took, 4 came back" in str(
        delicate.cell(ours.alerts.c.text)
    )


def test_the_sweep_sees_it_before_anything_expires(delicate: Lab) -> None:
    give_back(delicate, delicate.hits()[0], 4)
    delicate.deliver()
    delicate.sweep()

    assert stopped(delicate) == 1


def test_work_that_ran_out_of_time_counts_as_given_back(delicate: Lab) -> None:
    for number in range(2):
        for worker in range(2):
            delicate.market.accept(delicate.hits()[0], f"AWORKER{number}{worker}")
        delicate.market.advance(minutes=11)
    delicate.deliver()
    delicate.sweep()

    assert stopped(delicate) == 1


def test_a_few_that_are_given_back_among_answers_stop_nothing(delicate: Lab) -> None:
    delicate.add("b", "c")
    delicate.drive_all()
    give_back(delicate, delicate.hits()[0], 3)
    for hit in delicate.hits()[:2]:
        delicate.answer(hit, "yes", "yes")
    delicate.run()
    delicate.sweep()

    assert stopped(delicate) == 0


def test_once_resumed_old_returns_do_not_stop_the_stage_again(delicate: Lab) -> None:
    give_back(delicate, delicate.hits()[0], 4)
    delicate.deliver()
    delicate.sweep()
    controlling.resume(delicate.hitline, "lab", "ask")
    delicate.market.advance(hours=2)
    delicate.finish()

    assert delicate.count(ours.alerts, ours.alerts.c.wall_over_at.is_(None)) == 0
    assert delicate.state("a") == (ItemState.OPEN, None)
    assert delicate.hit(delicate.hits()[-1])["Reward"] == "0.10"
    give_back(delicate, delicate.hits()[-1], 4, by="AAGAIN")
    delicate.deliver()
    delicate.sweep()
    assert stopped(delicate) == 2


# Who is left


def team_of(market: Any, size: int) -> str:
    type_id = str(create(market.client)["QualificationTypeId"])
    for number in range(1, size + 1):
        worker = f"AWORKER{number}"
        market.engine.register_worker(worker)
        market.client.associate_qualification_with_worker(
            QualificationTypeId=type_id, WorkerId=worker
        )
    return type_id


def team(open_lab: OpenLab, size: int, **changes: Any) -> Lab:
    """A stage for `size` people of the requester's own."""
    lab = open_lab()
    ask = stage("ask", qualifications=requires(team_of(lab.market, size)), **changes)
    lab.pipeline = Pipeline("lab", stages=[ask])
    lab.launch("a")
    return lab


def test_no_dearer_rung_is_offered_where_all_of_a_team_have_answered(open_lab: OpenLab) -> None:
    """Two of two have answered, and disagree: a third cannot come at any reward."""
    lab = team(open_lab, 2)
    lab.answer(lab.hits()[0], "yes", "no")
    lab.finish()

    assert lab.state("a") == (ItemState.STAFF, None)
    assert lab.reason("a").startswith("everybody who holds the required qualification has answered")
    assert len(lab.hits()) == 1
    lab.audit()


def test_a_team_with_somebody_left_is_asked_on(open_lab: OpenLab) -> None:
    lab = team(open_lab, 3)
    lab.answer(lab.hits()[0], "yes", "no")
    lab.run()

    assert lab.hit(lab.hits()[0])["MaxAssignments"] == 3  # two are wanted, one is left


def test_with_what_there_is_an_item_settles_where_nobody_is_left(open_lab: OpenLab) -> None:
    lab = team(
        open_lab,
        1,
        redundancy=VoteLead(start=1, lead=2, most=3),
        expiry=RaiseReward(by="50%", most="0.20", times=3, then=SettleBest(lead=1)),
    )
    lab.answer(lab.hits()[0], "yes")
    lab.finish()

    assert lab.state("a") == (ItemState.SETTLED, "yes")


# Rungs


def test_a_listed_reward_comes_after_its_pause_as_a_new_hit(open_lab: OpenLab) -> None:
    ask = stage("ask", expiry=Rewards(to=["0.20"], pause="30m", anew=True))
    lab = open_lab(Pipeline("lab", stages=[ask]))
    lab.launch("a")
    lab.market.advance(hours=1, minutes=20)
    lab.run()
    lab.sweep()
    assert len(lab.hits()) == 1

    lab.market.advance(minutes=15)
    lab.sweep()
    first, again = lab.hits()
    assert (lab.hit(first)["Reward"], lab.hit(again)["Reward"]) == ("0.05", "0.20")
    assert lab.market.status(first) == "Reviewable"
    lab.answer(again, "yes", "yes")
    lab.finish()
    assert lab.state("a") == (ItemState.SETTLED, "yes")
    lab.audit()


def test_without_rungs_an_item_ends_at_once(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", expiry=NoRaise())]))
    lab.launch("a")
    lab.market.advance(hours=2)
    lab.finish()

    assert lab.state("a") == (ItemState.STAFF, None)
