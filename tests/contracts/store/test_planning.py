"""Forecasts, runs, pilots and exports, read on every database."""

from __future__ import annotations

import pandas as pd

from hitline.itemsfile import ItemRow
from hitline.model import AssignmentStatus, ItemState
from hitline.reporting import frames
from hitline.reporting.past import past
from hitline.reporting.pilots import stages_of_pilot
from hitline.reporting.runs import compared, runs
from hitline.store import Store, forecasts, items, pilots
from hitline.store.pilots import PilotState
from hitline.store.pseudonyms import pseudonyms
from tests.contracts.store.rows import Rows, at, wall

FIGURES = {
    name: {"low": 1.0, "middle": 2.0, "high": 3.0}
    for name in ("items", "answers", "cost", "hours", "accuracy")
}


def row(number: int) -> ItemRow:
    return ItemRow(key=f"k{number}", input={"url": "u"}, gold={"": "yes"}, line=number)


def settled(rows: Rows, key: str, minutes: float, **changed: object) -> str:
    """An item that was asked in a HIT, answered by one worker, and settled at that minute."""
    item_id = rows.item(key, **changed)
    number = int(minutes)
    rows.hit(f"HIT{key}", item_id)
    rows.submission(number, f"HIT{key}", AssignmentStatus.APPROVED)
    with rows.store.writing() as connection:
        items.finished(
            connection,
            item_id,
            ItemState.SETTLED,
            "agreed",
            at(minutes),
            label="yes",
            agreement=1.0,
        )
    return item_id


def test_the_past_tells_what_became_of_finished_items(store: Store, rows: Rows) -> None:
    settled(rows, "a", 60, golds={"breed": "yes"})
    rows.item("b")

    with store.reading() as connection:
        found = past(connection, "dogs", {"breed": ()})["breed"]

    (item,) = found.items
    assert (item.hours, item.settled, item.right) == (1.0, True, True)
    assert found.unfinished == 1
    assert found.a_day == 1.0


def test_a_run_is_what_was_published_at_one_time(store: Store, rows: Rows) -> None:
    rows.item("a")
    rows.item("b")

    with store.reading() as connection:
        found = runs(connection, "dogs")

    assert [(run.number, run.items, run.at) for run in found] == [(1, 2, at(0))]


def test_the_newest_forecast_of_just_these_items_becomes_the_runs(store: Store, rows: Rows) -> None:
    first, second = settled(rows, "a", 90), settled(rows, "b", 120)
    with store.writing() as connection:
        for source in ("old", "new"):
            forecasts.keep(connection, "dogs", [first, second], FIGURES, source, wall(0))
        forecasts.keep(connection, "dogs", [first], FIGURES, "of one", wall(0))
        assert forecasts.launched(connection, "dogs", [second, first], at(0))

    with store.reading() as connection:
        (one,) = compared(connection, "dogs", {})

    assert one.made.source == "new"
    assert (one.came_to.items, one.came_to.hours, one.came_to.unfinished) == (2.0, 2.0, 0)
    assert one.off("hours") == 0.0
    assert one.held("hours") is True


def test_a_pilot_keeps_the_rest_with_all_that_it_is(store: Store, rows: Rows) -> None:
    chosen, rest = row(1), row(2)
    with store.writing() as connection:
        pilots.add(connection, "dogs", 7, {"i1": chosen, "i2": rest}, ["i1"], at(0))

    with store.reading() as connection:
        pilot = pilots.running(connection, "dogs")

    assert pilot is not None
    assert (pilot.chosen, pilot.rest, pilot.seed) == (("i1",), {"i2": rest}, 7)


def test_of_two_words_about_a_pilot_the_first_counts(store: Store) -> None:
    with store.writing() as connection:
        pilots.add(connection, "dogs", 0, {"i1": row(1), "i2": row(2)}, ["i1"], at(0))
        pilot = pilots.running(connection, "dogs")
        assert pilot is not None
        said = [
            pilots.decided(connection, pilot, state, at(1))
            for state in (PilotState.STOPPED, PilotState.CONTINUED)
        ]

    with store.reading() as connection:
        last = pilots.newest(connection, "dogs")
    assert said == [True, False]
    assert last is not None
    assert last.state is PilotState.STOPPED


def test_a_pilot_is_told_by_stage(store: Store, rows: Rows) -> None:
    settled(rows, "a", 60, golds={"breed": "no"})

    with store.reading() as connection:
        (stage,) = stages_of_pilot(connection, "dogs", at(0), {})

    assert (stage.items, stage.finished, stage.hours) == (1, 1, 1.0)
    assert (stage.right, stage.checked) == (0, 1)


def test_frames_are_read_from_every_database(store: Store, rows: Rows) -> None:
    settled(rows, "a", 60)

    results, answers = frames.results(store, "dogs"), frames.answers(store, "dogs")

    assert results["finished_at"].tolist() == [pd.Timestamp(at(60))]
    assert answers["Input.url"].tolist() == ["https://dogs.example/a.jpg"]
    assert frames.labels(store, "dogs").empty


def test_pseudonyms_are_the_same_however_often_they_are_asked_for(store: Store) -> None:
    first, again = pseudonyms(store)("AWORKER1"), pseudonyms(store)("AWORKER1")

    assert first == again
    assert first != pseudonyms(store)("AWORKER2")
