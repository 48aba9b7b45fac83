"""What a simulated population is drawn from, measured with fixed seeds."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import fmean, median, stdev
from typing import Any

import pytest

from marketplace.crowd.forms import Form, FormField, Kind
from marketplace.crowd.simulation.people import Person, population
from marketplace.crowd.simulation.script import Simulation
from marketplace.crowd.simulation.sessions import LONGEST, Timetable
from marketplace.crowd.simulation.work import Fate, Held, Task, hourly_pay, plan

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def script(**changes: Any) -> Simulation:
    return Simulation.model_validate(
        {
            "name": "team",
            "seed": 1,
            "workers": 2000,
            "arrival": {"sessions_per_hour": 60},
            **changes,
        }
    )


def timetable(**arrival: Any) -> Timetable:
    given = script(workers=200, arrival={"sessions_per_hour": 60, **arrival})
    return Timetable(given, population(given))


def group(**changes: Any) -> dict[str, Any]:
    return {"name": "all", **changes}


def test_groups_have_their_shares_of_any_number_of_workers() -> None:
    groups = [group(share=0.75), {"name": "spam", "share": 0.25, "answers": "at random"}]
    for workers in (8, 2000):
        people = population(script(workers=workers, groups=groups))
        names = Counter(person.group.name for person in people)
        assert names == {"all": workers * 3 // 4, "spam": workers // 4}


def test_accuracy_is_beta_distributed_around_its_mean() -> None:
    crowd = population(script(groups=[group(accuracy={"mean": 0.8, "concentration": 15})]))
    drawn = [person.accuracy("q") for person in crowd]
    assert fmean(drawn) == pytest.approx(0.8, abs=0.01)
    # The variance of a beta distribution: m (1 - m) / (concentration + 1).
    assert stdev(drawn) == pytest.approx(math.sqrt(0.8 * 0.2 / 16), abs=0.01)


def test_a_confusion_row_is_dirichlet_distributed_around_the_groups() -> None:
    row = {"x": 0.7, "y": 0.2, "z": 0.1}
    confusion = {"q": {"rows": {"x": row}, "concentration": 9}}
    crowd = population(script(groups=[group(confusion=confusion)]))
    drawn = [person.row("q", person.group.confusion["q"], "x") for person in crowd]
    assert all(sum(one.values()) == pytest.approx(1) for one in drawn)
    for answer, share in row.items():
        shares = [one[answer] for one in drawn]
        assert fmean(shares) == pytest.approx(share, abs=0.015)
        assert stdev(shares) == pytest.approx(math.sqrt(share * (1 - share) / 10), abs=0.01)


@pytest.mark.parametrize(
    ("trait", "middle", "sigma"),
    [("activity", 1.0, 1.2), ("slowness", 1.0, 0.3), ("hourly", 12.0, 0.5)],
)
def test_a_trait_is_lognormal_with_the_scripts_median_and_spread(
    trait: str, middle: float, sigma: float
) -> None:
    crowd = population(
        script(
            arrival={"sessions_per_hour": 1, "activity_spread": 1.2},
            pace={"worker_spread": 0.3},
            wage={"hourly": 12, "spread": 0.5},
        )
    )
    drawn = [getattr(person, trait) for person in crowd]
    assert median(drawn) == pytest.approx(middle, rel=0.06)
    assert stdev(map(math.log, drawn)) == pytest.approx(sigma, rel=0.05)


def test_a_person_is_the_same_whenever_drawn_and_another_under_another_seed() -> None:
    one, same, other = Person(script(), 7), Person(script(), 7), Person(script(seed=2), 7)
    assert (one.worker_id, one.slowness) == (same.worker_id, same.slowness)
    assert one.worker_id == other.worker_id
    assert one.slowness != other.slowness


def test_sessions_begin_as_often_as_the_script_says() -> None:
    sessions = timetable().starting(START, START + 10 * 24 * HOUR)
    assert len(sessions) == pytest.approx(14_400, abs=3 * 120)
    starts = [session.start for session in sessions]
    gaps = [(later - earlier) / HOUR for earlier, later in itertools.pairwise(starts)]
    assert starts == sorted(starts)
    assert stdev(gaps) == pytest.approx(fmean(gaps), rel=0.05)  # as exponential gaps have it


def test_the_day_has_its_curve() -> None:
    day = [0.0] * 8 + [1.0] * 12 + [3.0] * 4
    sessions = timetable(day=day).starting(START, START + 20 * 24 * HOUR)
    counts = Counter(session.start.hour for session in sessions)
    assert len(sessions) == pytest.approx(28_800, abs=3 * 170)
    assert sum(counts[hour] for hour in range(8)) == 0
    assert sum(counts[hour] for hour in range(20, 24)) / len(sessions) == pytest.approx(
        0.5, abs=0.01
    )


def test_sessions_are_lognormal_and_end_after_eight_hours() -> None:
    lengths = [
        (session.end - session.start) / timedelta(minutes=1)
        for session in timetable(session_minutes=60, session_spread=1).starting(
            START, START + 100 * HOUR
        )
    ]
    assert median(lengths) == pytest.approx(60, rel=0.04)
    assert max(lengths) == LONGEST / timedelta(minutes=1)


def test_busier_workers_come_more_often() -> None:
    given = script(workers=3, arrival={"sessions_per_hour": 60, "activity_spread": 1.5})
    people = population(given)
    sessions = Timetable(given, people).starting(START, START + 200 * HOUR)
    counts = Counter(session.worker for session in sessions)
    total = sum(person.activity for person in people)
    for person in people:
        share = person.activity / total
        assert counts[person.number] / len(sessions) == pytest.approx(share, abs=0.015)


def test_the_timetable_does_not_depend_on_when_it_is_looked_at() -> None:
    whole = timetable().starting(START, START + 5 * HOUR)
    middle = START + timedelta(hours=2, minutes=7)
    parts = [
        *timetable().starting(START, middle),
        *timetable().starting(middle, START + 5 * HOUR),
    ]
    assert parts == whole
    there = timetable(session_minutes=200).under_way(START + 4 * HOUR)
    assert there
    assert all(one.start <= START + 4 * HOUR < one.end for one in there)
    assert len({one.worker for one in there}) == len(there)


# Work

TWO_CHOICES = Form(
    fields=tuple(
        FormField(name=name, set=name, kind=Kind.CHOICE, options=("x",)) for name in ("a", "b")
    ),
    style="html",
)


def gone(script: Simulation, number: int = 0, *, hours: float = 0) -> tuple[Fate, float]:
    """How a worker's go at a HIT of two choices ends, and after how many seconds."""
    held = Held(
        assignment_id="3A",
        reward=Decimal("0.05"),
        accepted_at=START,
        deadline=START + HOUR,
        task=Task(digest="question", form=TWO_CHOICES, facts={}),
    )
    fate, end = plan(Person(script, number), held, begun=START, hours=hours)
    return fate, (end - START).total_seconds()


def test_working_times_are_the_sum_of_their_parts_times_lognormal_factors() -> None:
    pace = {"seconds": 20, "seconds_per_question": 10, "spread": 0.3, "worker_spread": 0.4}
    found = [gone(script(pace=pace), number)[1] for number in range(2000)]
    assert median(found) == pytest.approx(40, rel=0.04)
    assert stdev(map(math.log, found)) == pytest.approx(0.5, rel=0.05)  # of 0.3 and 0.4


def test_the_tired_work_more_slowly() -> None:
    tiring = script(fatigue={"slower_per_hour": 0.25})
    assert gone(tiring, hours=2)[1] == pytest.approx(1.5 * gone(tiring)[1])


def test_shares_of_work_are_returned_and_abandoned() -> None:
    leaving = script(leaving={"returns": 0.3, "abandons": 0.1})
    found = [gone(leaving, number) for number in range(6000)]
    fates = Counter(fate for fate, _ in found)
    assert fates[Fate.RETURN] / 6000 == pytest.approx(0.3, abs=0.03)
    assert fates[Fate.ABANDON] / 6000 == pytest.approx(0.1, abs=0.02)
    done = fmean(seconds for fate, seconds in found if fate is Fate.SUBMIT)
    returned = fmean(seconds for fate, seconds in found if fate is Fate.RETURN)
    assert returned / done == pytest.approx(0.5, abs=0.05)  # at any moment of the work


@pytest.mark.parametrize(("reward", "hourly"), [("0.05", 9.0), ("0.10", 18.0)])
def test_a_hit_pays_its_reward_over_the_workers_own_time(reward: str, hourly: float) -> None:
    person = Person(script(pace={"seconds": 10, "worker_spread": 0}), 0)
    # 10 seconds to read and 5 for each choice.
    assert hourly_pay(person, TWO_CHOICES, Decimal(reward)) == pytest.approx(hourly)
