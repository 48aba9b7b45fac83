"""Forecasts: exact where nothing is left to chance, and as wide as what is left to it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import Generator, default_rng

from hitline.branching import branching
from hitline.fields import Choice
from hitline.forecast import Copies, Forecast, Interval, Plan, Pool, forecast
from hitline.money import MTURK
from hitline.pipeline import Link, NewItem, Pipeline, Settled, Stage
from hitline.policies import Fixed
from hitline.prospects import Observed, PastItem, PastStage, Prospects, prospects
from hitline.questions import HtmlTemplate

ALIKE = np.ones(1)


def pool(
    answers: float = 3.0,
    cost: float = 0.18,
    hours: float = 2.0,
    children: dict[str, int] | None = None,
    accuracy: float = 1.0,
) -> Pool:
    """Items that all go the same way."""
    return Pool(
        answers=np.array([answers]),
        cost=np.array([cost]),
        hours=np.array([hours]),
        settled=np.array([1]),
        children={stage: np.array([count]) for stage, count in (children or {}).items()},
        weights=ALIKE,
        accuracy=accuracy,
    )


def made(plan: Plan, world: dict[str, Pool], seed: int = 0) -> Forecast:
    return forecast(plan, lambda chance: world, seed=seed, source="a test")


def point(interval: Interval) -> float:
    """The one value that an interval without any width has."""
    assert interval.low == pytest.approx(interval.high)
    return interval.middle


def test_items_that_all_go_alike_leave_cost_and_answers_no_doubt() -> None:
    found = made(Plan(first="ask", items=10), {"ask": pool()})

    assert point(found.figures["answers"]) == 30.0
    assert point(found.figures["cost"]) == pytest.approx(1.80)
    assert point(found.figures["accuracy"]) == 1.0


def test_each_item_brings_what_follows_from_it() -> None:
    world = {"ask": pool(children={"write": 3}), "write": pool(answers=1.0, cost=0.60)}

    found = made(Plan(first="ask", items=10), world)

    assert point(found.figures["items"]) == 40.0
    assert point(found.stages["write"]["items"]) == 30.0
    assert point(found.figures["cost"]) == pytest.approx(10 * 0.18 + 30 * 0.60)


def test_a_loop_ends_after_its_rounds() -> None:
    world = {"ask": pool(children={"ask": 1})}

    found = made(Plan(first="ask", items=5, loops={("ask", "ask"): 2}), world)

    assert point(found.figures["items"]) == 15.0


def test_what_follows_takes_its_time_after_what_it_came_from() -> None:
    alone = made(Plan(first="ask", items=1), {"ask": pool()})
    chained = made(
        Plan(first="ask", items=1), {"ask": pool(children={"side": 1}), "side": pool(hours=6.0)}
    )

    assert chained.figures["hours"].middle == pytest.approx(
        4 * alone.figures["hours"].middle, rel=0.15
    )


def test_copies_of_known_items_cost_but_are_no_items() -> None:
    copies = Copies(share=0.1, known=0.02, answers=2.0, cost=0.12)  # 2 known, 98 others: 10 due

    found = made(Plan(first="ask", items=100, copies={"ask": copies}), {"ask": pool()})

    assert point(found.figures["items"]) == 100.0
    assert point(found.figures["answers"]) == 300.0 + 8 * 2.0
    assert point(found.figures["cost"]) == pytest.approx(18.0 + 8 * 0.12)


def test_without_a_known_item_there_is_none_to_copy() -> None:
    assert Copies(share=0.1, known=0.0, answers=2.0, cost=0.12).count(100) == 0


def test_twice_the_work_takes_between_as_long_and_twice_as_long() -> None:
    same = made(Plan(first="ask", items=100, answers=300.0), {"ask": pool()})
    twice = made(Plan(first="ask", items=200, answers=300.0), {"ask": pool()})

    ratio = twice.figures["hours"].middle / same.figures["hours"].middle
    assert 1.2 < ratio < 1.7


def test_the_same_seed_gives_the_same_figures_and_another_gives_others() -> None:
    plan, world = Plan(first="ask", items=30), {"ask": pool(accuracy=0.8)}

    assert made(plan, world) == made(plan, world)
    assert made(plan, world).figures["hours"] != made(plan, world, seed=1).figures["hours"]


# What happened before


def past(chance: Generator, size: int, *, leads_on: float = 0.0) -> PastStage:
    """A run of a crowd: two to nine answers, a long tail of hours, a share of items leads on."""
    return PastStage(
        items=tuple(
            PastItem(
                answers={0: int(answers)},
                hours=float(hours),
                settled=True,
                right=bool(right),
                agreement=0.8,
                children={"side": int(leads)},
            )
            for answers, hours, right, leads in zip(
                chance.choice([2, 3, 4, 6, 9], size=size, p=[0.4, 0.2, 0.2, 0.1, 0.1]),
                chance.lognormal(0.0, 0.7, size=size),
                chance.random(size) < 0.85,
                chance.random(size) < leads_on,
                strict=True,
            )
        )
    )


def stage(name: str) -> Stage:
    return Stage(
        name,
        question=HtmlTemplate("<form><p>${text}</p><input name='label'></form>"),
        title=f"Stage {name}",
        reward="0.05",
        answer=Choice("label", ["yes", "no"]),
        lifetime="1h",
        duration="5m",
        redundancy=Fixed(answers=3),
    )


def onward(settled: Settled) -> NewItem | None:
    return NewItem(input=settled.input) if settled.label == "yes" else None


TWO = Pipeline(
    "two",
    stages=[stage("ask"), stage("side")],
    links=[Link(source="ask", target="side", rule=onward)],
)
BRANCHES = branching(TWO, [{"text": "a"}])


def observed(seen: dict[str, PastStage]) -> dict[str, Observed]:
    return {name: Observed.of(TWO.stage(name), of, MTURK) for name, of in seen.items()}


@pytest.fixture(scope="module")
def unknown() -> Prospects:
    """Priors alone."""
    return prospects(TWO, BRANCHES, MTURK, observed={}, rehearsed={}, seed=0)


def test_what_was_paid_before_is_priced_as_the_stage_pays_now() -> None:
    seen = PastStage(
        items=(
            PastItem(
                answers={0: 2, 1: 1},
                hours=1.0,
                settled=True,
                right=None,
                agreement=1.0,
                children={},
            ),
        )
    )

    found = Observed.of(TWO.stage("ask"), seen, MTURK)

    # One rung now: 5 cents and a cent's fee for each of three answers.
    assert found.cost.tolist() == pytest.approx([0.18])


def test_few_items_leave_more_doubt_than_many(unknown: Prospects) -> None:
    def width(size: int) -> float:
        seen = observed({"ask": past(default_rng(1), size), "side": past(default_rng(2), size)})
        worlds = Prospects(priors=unknown.priors, observed=seen)
        found = forecast(Plan(first="ask", items=500), worlds.draw, seed=0, source="")
        return found.figures["cost"].high - found.figures["cost"].low

    assert width(10) > 2 * width(300)


def test_even_items_that_all_went_alike_leave_some_doubt(unknown: Prospects) -> None:
    alike = PastItem(
        answers={0: 3}, hours=1.0, settled=True, right=True, agreement=1.0, children={}
    )
    seen = observed({"ask": PastStage(items=(alike,) * 3), "side": PastStage(items=(alike,) * 3)})
    worlds = Prospects(priors=unknown.priors, observed=seen)

    found = forecast(Plan(first="ask", items=100), worlds.draw, seed=0, source="")

    assert found.figures["cost"].low < found.figures["cost"].high


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), [(20, 200), (60, 60)])
def test_nine_in_ten_runs_come_out_within_the_interval(
    unknown: Prospects, monkeypatch: pytest.MonkeyPatch, before: int, after: int
) -> None:
    monkeypatch.setattr("hitline.forecast.DRAWS", 200)
    runs, within = 100, dict.fromkeys(("answers", "cost", "hours", "accuracy"), 0)
    for number in range(runs):
        chance = default_rng([7, number])
        # What runs differ by: the same crowd is a little slower or faster another day.
        day = float(np.exp(chance.normal(0.0, 0.25)))
        seen = {"ask": past(chance, before, leads_on=0.5), "side": past(chance, before)}
        worlds = Prospects(priors=unknown.priors, observed=observed(seen))
        taken = sum(stage.answers for stage in seen.values())
        plan = Plan(first="ask", items=after, answers=taken)
        made = forecast(plan, worlds.draw, seed=number, source="")

        first = past(chance, after, leads_on=0.5)
        second = past(chance, sum(item.children["side"] for item in first.items))
        later = iter(second.items)
        ends = [
            (item.hours + (next(later).hours if item.children["side"] else 0.0)) * day
            for item in first.items
        ]
        came = [*first.items, *second.items]
        answers = sum(item.answers[0] for item in came)
        actual = {
            "answers": answers,
            "cost": answers * 0.06,
            "hours": max(ends),
            "accuracy": sum(bool(item.right) for item in came) / len(came),
        }
        for figure, value in actual.items():
            within[figure] += made.figures[figure].holds(value)

    shares = {figure: count / runs for figure, count in within.items()}
    assert all(0.80 <= share <= 0.97 for share in shares.values()), shares
