"""A pilot: a few items are published, the rest waits for a word, through sweeps and restarts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from hitline.acting import forecasting, piloting
from hitline.errors import HitlineError, InvalidDefinition
from hitline.itemsfile import ItemRow
from hitline.model import ItemState
from hitline.reporting.pilots import stages_of_pilot
from hitline.reporting.runs import compared
from hitline.store import open_store
from hitline.store.pilots import Pilot, PilotState
from hitline.store.schema import forecasts, items
from tests.contracts.acting.lab import Lab


def rows(count: int) -> list[ItemRow]:
    return [
        ItemRow(key=f"k{number}", input={"text": f"text {number}"}, gold={}, line=number + 2)
        for number in range(count)
    ]


def begin(lab: Lab, *, size: int = 3, of: int = 10, seed: int = 0) -> Pilot:
    lab.prepare()
    pilot = piloting.start(lab.hitline, lab.pipeline, rows(of), size=size, seed=seed)
    lab.drive_all()
    return pilot


def test_only_the_pilots_items_are_posted(lab: Lab) -> None:
    pilot = begin(lab)

    assert len(lab.hits()) == 3
    assert (len(pilot.chosen), len(pilot.rest)) == (3, 7)
    assert lab.count(items) == 3


def test_the_rest_waits_whatever_the_sweep_finds(lab: Lab) -> None:
    begin(lab)

    for _ in range(3):
        lab.sweep()

    assert len(lab.hits()) == 3


def test_the_same_seed_chooses_the_same_items_and_another_others(
    open_lab: Callable[..., Lab],
) -> None:
    chosen = [begin(open_lab(), seed=seed).chosen for seed in (4, 4, 5)]

    assert chosen[0] == chosen[1]
    assert chosen[0] != chosen[2]


def test_continue_publishes_the_rest_once(lab: Lab) -> None:
    pilot = begin(lab)

    first = piloting.go_on(lab.hitline, lab.pipeline, pilot)
    again = piloting.go_on(lab.hitline, lab.pipeline, piloting.newest(lab.hitline, "lab"))
    lab.drive_all()

    assert (first.added, again.added) == (7, 0)
    assert len(lab.hits()) == 10


def test_continue_said_by_two_at_once_publishes_the_rest_once(lab: Lab) -> None:
    pilot = begin(lab)

    added = [piloting.go_on(lab.hitline, lab.pipeline, pilot).added for _ in range(2)]

    assert added == [7, 0]


def test_a_pilot_is_known_to_the_next_process(lab: Lab) -> None:
    begin(lab)
    lab.reopen(open_store(str(lab.store.engine.url)))

    pilot = piloting.newest(lab.hitline, "lab")

    assert pilot.state is PilotState.RUNNING
    assert piloting.go_on(lab.hitline, lab.pipeline, pilot).added == 7


def test_the_same_pilot_begun_again_publishes_nothing_more(lab: Lab) -> None:
    begin(lab)

    begin(lab, seed=9)

    assert len(lab.hits()) == 3


def test_another_pilot_beside_a_running_one_is_refused(lab: Lab) -> None:
    begin(lab)

    with pytest.raises(HitlineError, match='"hitline pilot continue lab"'):
        piloting.start(lab.hitline, lab.pipeline, rows(20), size=2, seed=0)


def test_after_a_word_there_may_be_another_pilot_of_what_is_new(lab: Lab) -> None:
    piloting.go_on(lab.hitline, lab.pipeline, begin(lab))

    pilot = piloting.start(lab.hitline, lab.pipeline, rows(20), size=4, seed=0)

    assert (pilot.number, len(pilot.chosen), len(pilot.rest)) == (2, 4, 6)


def test_stop_ends_what_is_out_and_spends_nothing_more(lab: Lab) -> None:
    pilot = begin(lab)

    stopped = piloting.stop(lab.hitline, pilot, finish=False)
    lab.finish()

    assert stopped is not None
    assert stopped.hits == 3
    assert len(lab.hits()) == 3
    assert lab.spent() == lab.reserved() == 0


def test_stop_that_lets_finish_leaves_the_hits_that_are_out(lab: Lab) -> None:
    pilot = begin(lab)

    piloting.stop(lab.hitline, pilot, finish=True)
    for hit_id in lab.hits():
        lab.answer(hit_id, "yes", "yes")
    lab.finish()

    assert {lab.state(item.key)[0] for item in lab.items("ask")} == {ItemState.SETTLED}
    assert len(lab.hits()) == 3


def test_a_stopped_pilot_cannot_be_continued_and_the_other_way_round(lab: Lab) -> None:
    pilot = begin(lab)
    piloting.stop(lab.hitline, pilot, finish=True)

    with pytest.raises(HitlineError, match="was stopped already"):
        piloting.go_on(lab.hitline, lab.pipeline, pilot)


def test_a_continued_pilot_cannot_be_stopped(lab: Lab) -> None:
    pilot = begin(lab)
    piloting.go_on(lab.hitline, lab.pipeline, pilot)

    with pytest.raises(HitlineError, match='was continued already; "hitline stop lab"'):
        piloting.stop(lab.hitline, pilot, finish=False)


@pytest.mark.parametrize(("size", "field"), [(0, "--pilot"), (10, "--pilot"), (11, "--pilot")])
def test_a_pilot_of_nothing_or_of_all_is_refused(lab: Lab, size: int, field: str) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        begin(lab, size=size)

    assert refused.value.field == field
    assert lab.count(items) == 0


def test_a_pilot_is_shown_with_its_answers_cost_and_agreement(lab: Lab) -> None:
    pilot = begin(lab)
    for hit_id in lab.hits()[:2]:
        lab.answer(hit_id, "yes", "yes")
    lab.run()

    with lab.store.reading() as connection:
        (shown,) = stages_of_pilot(connection, "lab", pilot.started_at, {})

    assert (shown.items, shown.finished, shown.answers) == (3, 2, 4)
    assert shown.agreement == 1.0
    assert str(shown.cost) == "0.24"  # four answers at 5 cents, and a cent's fee on each


def test_the_forecast_of_the_rest_goes_by_the_pilot_and_is_compared_later(lab: Lab) -> None:
    pilot = begin(lab)
    for hit_id in lab.hits():
        lab.answer(hit_id, "yes", "yes")
    lab.finish()
    basis = forecasting.from_past(lab.store, lab.pipeline, "lab", since=pilot.started_at)
    rest = list(pilot.rest.values())
    made = forecasting.foresee(lab.pipeline, rest, basis, lab.hitline.fees, seed=0)
    forecasting.keep(lab.store, lab.pipeline, rest, made, lab.hitline.clock.wall())

    piloting.go_on(lab.hitline, lab.pipeline, pilot)
    lab.drive_all()
    for hit_id in lab.hits()[3:]:
        lab.answer(hit_id, "yes", "yes")
    lab.finish()

    with lab.store.reading() as connection:
        (one,) = compared(connection, "lab", {})
    assert made.figures["answers"].holds(14.0)
    assert (one.came_to.items, one.came_to.answers, one.came_to.unfinished) == (7.0, 14.0, 0)
    assert one.came_to.cost == pytest.approx(0.84)
    assert one.held("cost")


def test_a_forecast_of_other_items_is_not_taken_for_the_runs(lab: Lab) -> None:
    lab.prepare()
    made = forecasting.foresee(lab.pipeline, rows(4), forecasting.Basis(), lab.hitline.fees, seed=0)
    forecasting.keep(lab.store, lab.pipeline, rows(4), made, lab.hitline.clock.wall())

    lab.add("k0", "k1", "k2")

    with lab.store.reading() as connection:
        assert connection.scalar(select(forecasts.c.launched_at)) is None


def test_forecasting_by_a_run_without_these_stages_is_refused(lab: Lab) -> None:
    lab.launch("a")

    with pytest.raises(HitlineError, match="no item of lab is finished yet"):
        forecasting.from_past(lab.store, lab.pipeline, "lab")
    with pytest.raises(HitlineError, match='the pipeline "cats" was never launched'):
        forecasting.from_past(lab.store, lab.pipeline, "cats")
    with pytest.raises(HitlineError, match='lab has no run "3", but 1 to 1'):
        forecasting.from_past(lab.store, lab.pipeline, "lab@3")
