"""Caps at work: every kind of buying asks them, and a day's room is that of its reservations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from hitline.acting import admitting, claiming, effects, rounds
from hitline.acting.rounds import Errand
from hitline.model import Door, ItemState
from hitline.pipeline import Pipeline
from hitline.store import commitments
from hitline.store.caps import Cap
from tests.contracts.acting.lab import Lab, stage

OpenLab = Callable[..., Lab]


def on(lab: Lab, day: date) -> Decimal:
    """What is reserved or spent of that day's room."""
    with lab.store.reading() as connection:
        return commitments.committed(connection, "lab", day=day)


def test_what_an_extension_does_not_spend_goes_back_to_the_day_of_the_extension(
    open_lab: OpenLab,
) -> None:
    """Two answers on the first day, two more bought on the second; one of them never comes."""
    lab = open_lab(Pipeline("lab", stages=[stage("ask", lifetime="3d")]))
    first = lab.hitline.clock.now().date()
    second = first + timedelta(days=1)
    lab.launch("a")
    (hit_id,) = lab.hits()
    lab.market.advance(days=1)
    lab.answer(hit_id, "yes", "no")
    lab.run()
    assert (on(lab, first), on(lab, second)) == (Decimal("0.12"), Decimal("0.12"))

    lab.answer(hit_id, "yes", by="B")
    lab.market.advance(days=3)
    lab.run()
    assert (on(lab, first), on(lab, second)) == (Decimal("0.12"), Decimal("0.06"))


def test_a_raise_in_place_reserves_the_dearer_reward_on_its_own_day(open_lab: OpenLab) -> None:
    """Nobody came for 0.05: the 0.12 go back to the first day, 0.24 are the second day's."""
    lab = open_lab(Pipeline("lab", stages=[stage("ask", lifetime="1d")]))
    first = lab.hitline.clock.now().date()
    lab.launch("a")
    lab.market.advance(days=1)
    lab.run()

    assert on(lab, first) == Decimal("0.00")
    assert on(lab, first + timedelta(days=1)) == Decimal("0.24")


def test_an_extension_over_the_cap_is_held_and_goes_on_with_the_cap(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", lifetime="3h", budget="0.20")]))
    lab.launch("a")
    (hit_id,) = lab.hits()
    lab.answer(hit_id, "yes", "no")
    lab.run()
    assert lab.state("a") == (ItemState.HELD, None)
    assert lab.reason("a") == (
        "the budget of lab/ask (0.20) has 0.08 left, and this reserves 0.12; "
        '"hitline budget lab ask --total AMOUNT" raises it'
    )

    wanted = Cap(pipeline="lab", stage="ask", total=Decimal("0.24"))
    assert admitting.cap(lab.hitline, wanted) == 1
    lab.drive_all()
    assert lab.state("a") == (ItemState.OPEN, None)
    assert lab.hit(hit_id)["MaxAssignments"] == 4


def test_what_is_held_under_a_daily_cap_goes_on_the_next_day_by_itself(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", lifetime="3d")], daily_budget="0.20"))
    lab.launch("a")
    (hit_id,) = lab.hits()
    lab.answer(hit_id, "yes", "no")
    lab.run()
    assert lab.state("a") == (ItemState.HELD, None)

    lab.sweep()
    assert lab.state("a") == (ItemState.HELD, None)
    lab.market.advance(days=1)
    lab.sweep()
    assert lab.state("a") == (ItemState.OPEN, None)
    assert lab.hit(hit_id)["MaxAssignments"] == 4


def test_two_runs_that_look_at_once_do_not_let_in_the_same_wave_twice(open_lab: OpenLab) -> None:
    """Either alone would let in as many as both together."""
    budget = "1.50"
    lab = open_lab(Pipeline("lab", stages=[stage("ask")], budget=budget), chunk=10)
    lab.prepare()
    lab.add(*(f"item-{number:02}" for number in range(20)))
    looks = [
        rounds.look(lab.hitline, claiming.claim(lab.hitline, Door.PUBLISH, "lab", "ask", owner))
        for owner in ("one", "two")
    ]
    posted = []
    for looked in looks:
        effects.post(lab.hitline, looked, Errand(door=Door.PUBLISH, flow_run="run"))
        posted.append(len(lab.hits()))

    assert 0 < posted[0] < 10
    assert posted[1] == posted[0]
