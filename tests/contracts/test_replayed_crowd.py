"""The recorded crowd at work on the marketplace's engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.crowd.script import Script
from marketplace.engine import upkeep
from marketplace.store.schema import assignments
from tests.contracts.replaying import REQUESTER, Done, Place, places, recorded


@pytest.fixture
def open_place(tmp_path: Path) -> Iterator[Any]:
    with places(tmp_path) as build:
        yield build


def test_a_hit_is_answered_in_recorded_order_with_recorded_answers_and_working_times(
    open_place: Any,
) -> None:
    place = open_place("7:w1:for:30", "7:w0:observing:210", "7:w2:for:30")
    hit = place.post("7", most=2)
    place.let_pass(60)
    assert place.history(hit) == [
        Done("w1", "Submitted", ("yes",), 30),
        Done("w0", "Submitted", ("no",), 210),
    ]


def test_an_extended_hit_goes_on_with_the_next_recorded_workers(open_place: Any) -> None:
    place = open_place("7:w1:for:30", "7:w0:observing:30", "7:w2:for:30")
    hit = place.post("7", most=1)
    place.let_pass(30)
    with place.engine.act() as tx:
        upkeep.add_assignments(tx, REQUESTER, hit, 2, None)
    place.let_pass(30)
    assert place.workers(hit) == ["w1", "w0", "w2"]


def test_who_wants_more_is_passed_over_until_the_hit_is_posted_again_dearer(
    open_place: Any,
) -> None:
    wages = [{"share": 1, "at_least": "0.06"}]
    place = open_place("7:w1:for:30", "7:w0:observing:30", wages=wages)
    cheap = place.post("7", most=1, lifetime=1800)
    place.let_pass(40)
    dear = place.post("7", most=1, reward="0.06")
    place.let_pass(30)
    assert (place.workers(cheap), place.workers(dear)) == ([], ["w1"])


def test_a_raise_in_place_brings_those_who_were_passed_over(open_place: Any) -> None:
    place = open_place("7:w1:for:30", wages=[{"share": 1, "at_least": "0.06"}])
    hit = place.post("7", most=1)
    place.let_pass(20)
    dearer = place.hit_type(reward="0.07")
    with place.engine.act() as tx:
        upkeep.change_type(tx, REQUESTER, hit, dearer.hit_type_id)
    place.let_pass(20)
    assert place.workers(hit) == ["w1"]


def test_nobody_answers_a_task_twice_when_it_is_posted_again(open_place: Any) -> None:
    place = open_place("7:w1:for:30", "7:w0:observing:30")
    first = place.post("7", most=1)
    place.let_pass(20)
    second = place.post("7", most=2)
    place.let_pass(60)
    assert (place.workers(first), place.workers(second)) == (["w1"], ["w0"])


def test_work_longer_than_the_duration_is_abandoned_and_the_next_worker_comes(
    open_place: Any,
) -> None:
    place = open_place("7:w1:for:700", "7:w0:observing:30")
    hit = place.post("7", most=1, duration=600)
    place.let_pass(60)
    assert place.history(hit) == [
        Done("w1", "Abandoned", (), None),
        Done("w0", "Submitted", ("no",), 30),
    ]


def test_a_restarted_crowd_submits_what_is_held_and_repeats_nothing(open_place: Any) -> None:
    place = open_place("7:w1:for:1200", "7:w0:observing:30")
    first = place.post("7", most=1)
    while not place.history(first):
        place.let_pass(1)
    place.restart_crowd()
    place.let_pass(30)
    assert place.history(first) == [Done("w1", "Submitted", ("yes",), 1200)]
    place.restart_crowd()
    second = place.post("7", most=2)
    place.let_pass(30)
    assert place.workers(second) == ["w0"]


def test_an_answer_whose_deadline_passed_while_the_crowd_was_stopped_is_given_later(
    open_place: Any,
) -> None:
    place = open_place("7:w1:for:1200")
    hit = place.post("7", most=1, duration=1800)
    while not place.history(hit):
        place.let_pass(1)
    place.let_pass(40, with_crowd=False)
    place.restart_crowd()
    place.let_pass(60)
    assert [done.status for done in place.history(hit)] == ["Abandoned", "Submitted"]


def test_a_late_submission_returns_the_answer_to_the_crowd_without_a_restart(
    open_place: Any,
) -> None:
    place = open_place("7:w1:for:1200")
    hit = place.post("7", most=1, duration=1800)
    while not place.history(hit):
        place.let_pass(1)
    place.let_pass(40, with_crowd=False)
    place.let_pass(60)
    assert [done.status for done in place.history(hit)] == ["Abandoned", "Submitted"]


def test_a_hit_with_five_items_from_different_workers_fills(open_place: Any) -> None:
    tasks = ["1", "2", "3", "4", "5"]
    answers = [
        f"{task}:w{number}:{'for' if number % 2 else 'observing'}:{30 + number}"
        for task in tasks
        for number in range(int(task), int(task) + 3)
    ]
    place = open_place(*answers)
    hit = place.post(*tasks, most=3)
    place.let_pass(60)
    history = place.history(hit)
    assert [done.worker for done in history] == ["w1", "w2", "w3"]
    assert [len(done.answers) for done in history] == [5, 5, 5]
    # Task 5 was recorded by w5, w6 and w7; w1, w2 and w3 give their answers in that order.
    assert [done.answers[4] for done in history] == ["yes", "no", "yes"]
    assert history[0].worked == 60, "w5's 35 seconds, noticed at the next half minute"


def test_a_worker_holds_no_more_than_the_script_allows_and_comes_later(open_place: Any) -> None:
    place = open_place("7:w1:for:600", "8:w1:for:600", held_at_most=1)
    one, two = place.post("7", most=1), place.post("8", most=1)
    place.let_pass(8)
    assert len(place.history(one) + place.history(two)) == 1
    place.let_pass(40)
    assert place.workers(one) == place.workers(two) == ["w1"]


def test_a_worker_whom_the_marketplace_turns_away_does_not_hold_up_the_others(
    open_place: Any,
) -> None:
    place = open_place("7:w1:for:600", "7:w0:observing:30")
    hit = place.post("7", most=2)
    place.engine.register_worker(place.script.worker_id("w1"))
    place.engine.accept(hit, place.script.worker_id("w1"))  # as a person, by hand
    place.let_pass(40)
    assert place.workers(hit) == ["w0"]


def test_hits_that_ask_the_crowd_nothing_are_left_alone(open_place: Any) -> None:
    place = open_place("7:w1:for:30")
    foreign = place.post("7", set="mood")
    place.let_pass(20)
    assert place.history(foreign) == []


def test_the_same_seed_gives_the_same_history(open_place: Any, tmp_path: Path) -> None:
    answers = [f"7:w{number}:for:{number}" for number in range(5)]

    def accepted(folder: Path, seed: int) -> list[datetime]:
        folder.mkdir()
        content = {"name": "test", "answers": recorded(folder, *answers), "pace": 300}
        sets = {"position": {"for": "yes"}}
        place = Place(folder, Script.model_validate({**content, "seed": seed, "sets": sets}))
        place.post("7", most=5)
        place.let_pass(60)
        with place.store.read() as connection:
            return list(connection.scalars(select(assignments.c.accepted_at)))

    first, same, other = (
        accepted(tmp_path / name, seed) for name, seed in [("a", 1), ("b", 1), ("c", 2)]
    )
    assert len(first) == 5
    assert first == same
    assert first != other
