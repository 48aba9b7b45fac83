"""Recordings with times and without, replayed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.crowd.errors import RecordingError
from marketplace.store.schema import assignments
from tests.contracts.replaying import START, Done, Place, places


@pytest.fixture
def open_place(tmp_path: Path) -> Iterator[Any]:
    with places(tmp_path) as build:
        yield build


def minutes(place: Place, *hit_ids: str) -> list[tuple[str, float]]:
    """Who accepted, and how many minutes after `START`."""
    with place.store.read() as connection:
        rows = connection.execute(
            select(assignments.c.worker_id, assignments.c.accepted_at)
            .where(assignments.c.hit_id.in_(hit_ids))
            .order_by(assignments.c.id)
        )
        people = {place.script.worker_id(f"w{number}"): f"w{number}" for number in range(20)}
        return [(people[row[0]], (row[1] - START) / timedelta(minutes=1)) for row in rows]


def test_workers_come_when_they_came_in_the_recording(open_place: Any) -> None:
    answers = ["7:w1:for:30:10", "8:w2:for:30:5", "7:w0:for:30:45", "7:w3:for:30:12"]
    place = open_place(*answers, arrivals="recorded")
    seven, eight = place.post("7", most=3), place.post("8", most=3)
    place.let_pass(60)
    # The first came in the recording's fifth minute, with which it begins.
    assert minutes(place, seven, eight) == [("w2", 0.5), ("w1", 5), ("w3", 7), ("w0", 40)]


def test_recorded_arrivals_go_on_after_a_restart(open_place: Any) -> None:
    place = open_place("7:w1:for:30:0", "7:w0:for:30:20", arrivals="recorded")
    hit = place.post("7", most=2)
    place.let_pass(10)
    place.restart_crowd()
    place.let_pass(20)
    assert minutes(place, hit) == [("w1", 0.5), ("w0", 20)]


def test_who_is_busy_at_the_recorded_time_comes_later_and_nobody_before_their_time(
    open_place: Any,
) -> None:
    answers = ["7:w1:for:600:0", "8:w1:for:30:2", "8:w2:for:30:40"]
    place = open_place(*answers, arrivals="recorded", held_at_most=1)
    seven, eight = place.post("7", most=1), place.post("8", most=2)
    place.let_pass(60)
    (first, at_seven), *later = minutes(place, seven, eight)
    assert (first, at_seven) == ("w1", 0.5)
    assert [worker for worker, _ in later] == ["w1", "w2"]
    assert 10 < later[0][1] < 20
    assert later[1][1] == 40


def test_an_answer_to_a_hit_that_came_after_its_time_arrives_after_a_drawn_gap(
    open_place: Any,
) -> None:
    answers = ["7:w1:for:30:0", "8:w2:for:30:5", "8:w3:for:30:5"]
    place = open_place(*answers, arrivals="recorded", pace=300)
    place.post("7")
    place.let_pass(20)
    late = place.post("8")
    place.let_pass(60)
    arrivals = [minute for _, minute in minutes(place, late)]
    assert len(set(arrivals)) == 2
    assert min(arrivals) > 20


def test_a_recording_without_times_is_replayed_with_working_times_that_are_drawn(
    open_place: Any,
) -> None:
    place = open_place("7:w1:for", "7:w0:observing", working_seconds=300, working_spread=0)
    hit = place.post("7", most=2)
    place.let_pass(30)
    assert place.history(hit) == [
        Done("w1", "Submitted", ("yes",), 300),
        Done("w0", "Submitted", ("no",), 300),
    ]


def test_recorded_arrivals_need_recorded_times(open_place: Any) -> None:
    with pytest.raises(RecordingError, match='arrivals = "recorded" needs the columns'):
        open_place("7:w1:for", arrivals="recorded")


def test_a_verbatim_set_gives_any_label_as_it_was_recorded(open_place: Any) -> None:
    place = open_place("7:w1:whatever was said:30", sets={}, verbatim=["position"])
    hit = place.post("7", most=1)
    place.let_pass(20)
    assert place.history(hit) == [Done("w1", "Submitted", ("whatever was said",), 30)]
