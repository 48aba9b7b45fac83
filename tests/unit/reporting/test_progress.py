"""The figures of the live view and the summary, worked out by hand from the rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hitline.facts import Control
from hitline.model import ItemState
from hitline.pipeline import Pipeline
from hitline.reporting.inbox import Notifications
from hitline.reporting.progress import Latency, event_to_action, percentile, progress
from hitline.reporting.summary import summary
from hitline.store import Store, items
from hitline.store.ledger import Amount


def test_items_are_counted_by_state(world: Any) -> None:
    with world.read() as connection:
        breed, check = progress(connection, world.pipeline).stages

    assert breed.states == {
        ItemState.NEW: 1,
        ItemState.OPEN: 1,
        ItemState.HELD: 1,
        ItemState.SETTLED: 3,
        ItemState.STAFF: 1,
        ItemState.DROPPED: 1,
    }
    assert (breed.items, check.items) == (8, 1)


def test_accuracy_is_over_settled_items_whose_known_answer_is_a_label(world: Any) -> None:
    """a is right and b is wrong; c's known answer is no label, and d is not settled."""
    with world.read() as connection:
        breed, check = progress(connection, world.pipeline).stages

    assert (breed.gold_items, breed.gold_settled, breed.gold_right) == (3, 2, 1)
    assert (breed.accuracy, check.accuracy) == (0.5, 1.0)


def test_before_anything_is_launched_every_figure_is_nothing(store: Store, dogs: Pipeline) -> None:
    with store.reading() as connection:
        now = progress(connection, dogs)
        latency = event_to_action(connection, "dogs")

    assert [stage.name for stage in now.stages] == ["breed", "check"]
    assert [stage.accuracy for stage in now.stages] == [None, None]
    assert (now.items, now.answers, now.spent, now.room) == (0, 0, Amount(), None)
    assert latency == Latency(p50=None, p95=None)


def test_a_submission_about_three_items_is_one_answer(world: Any) -> None:
    """HIT1 had two submissions about a, b and c; d had one and f two."""
    with world.read() as connection:
        now = progress(connection, world.pipeline)

    assert [stage.answers for stage in now.stages] == [5, 2]
    assert now.answers == 7


def test_only_calls_that_took_effect_count_as_extended_or_reposted(world: Any) -> None:
    """f was extended once of three tries; d was raised in place once and posted anew once.

    The second HIT of check's item is a sibling at the reward of the first: no repost.
    """
    with world.read() as connection:
        breed, check = progress(connection, world.pipeline).stages

    assert (breed.extended, breed.reposted) == (1, 2)
    assert (check.extended, check.reposted) == (0, 0)


def test_money_comes_from_the_ledger(world: Any) -> None:
    """Paid 2 x 0.07 and 0.06; HIT5's 0.18 is still reserved; 0.14 + 0.18 + 0.06 of 10.00 gone."""
    with world.read() as connection:
        now = progress(connection, world.pipeline)

    assert now.spent == Amount(reward=Decimal("0.15"), fee=Decimal("0.05"))
    assert now.reserved == Amount(reward=Decimal("0.15"), fee=Decimal("0.03"))
    assert now.room == Decimal("9.62")


def test_a_repeated_event_is_received_again_and_a_duplicate(world: Any) -> None:
    with world.read() as connection:
        now = progress(connection, world.pipeline)

    assert now.notifications == Notifications(received=6, duplicates=3, unparsed=1)


def test_what_a_person_said_of_the_pipeline_shows_in_each_stage(world: Any) -> None:
    with world.store.writing() as connection:
        items.set_control(world.store, connection, "dogs", "", Control.PAUSED)
        items.set_control(world.store, connection, "dogs", "check", Control.STOPPED)
    with world.read() as connection:
        now = progress(connection, world.pipeline)

    assert [stage.control for stage in now.stages] == [Control.PAUSED, Control.STOPPED]


def test_event_to_action_leaves_out_waiting_and_what_no_event_caused(world: Any) -> None:
    """0.5, 1.5, 2.5 and 4 seconds: the middle two halves meet at 1.5, and the last is the 95th."""
    with world.read() as connection:
        assert event_to_action(connection, "dogs") == Latency(p50=1.5, p95=4.0)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, None),
        ([7.0], 50, 7.0),
        ([7.0], 95, 7.0),
        ([1.0, 2.0], 50, 1.0),
        ([1.0, 2.0, 3.0], 50, 2.0),
        ([float(n) for n in range(1, 101)], 95, 95.0),
        ([float(n) for n in range(1, 21)], 95, 19.0),
        ([float(n) for n in range(1, 22)], 95, 20.0),
    ],
)
def test_a_percentile_is_the_nearest_rank(
    values: list[float], percent: int, expected: float | None
) -> None:
    assert percentile(values, percent) == expected


def test_the_summary_has_the_keys_and_figures_that_are_published(world: Any) -> None:
    with world.read() as connection:
        told = summary(
            connection,
            world.pipeline,
            sent=7,
            account_change=Decimal("0.2"),
            flow_runs={"publish": {"completed": 2, "failed": 0}},
            wall_seconds=12.345,
        )

    assert told == {
        "items": {"published": 9, "settled": 4, "staff": 1, "dropped": 1, "open": 3},
        "stages": {
            "breed": {
                "items": 8,
                "settled": 3,
                "staff": 1,
                "gold_items": 3,
                "accuracy": 0.5,
                "answers": 5,
                "extended": 1,
                "reposted": 2,
            },
            "check": {
                "items": 1,
                "settled": 1,
                "staff": 0,
                "gold_items": 1,
                "accuracy": 1.0,
                "answers": 2,
                "extended": 0,
                "reposted": 0,
            },
        },
        "answers": 7,
        "spent": {"rewards": "0.15", "fees": "0.05", "total": "0.20"},
        "account_change": "0.20",
        "copies": {"items": 0, "answers": 0, "cost": "0.00"},
        "steps": {"note": 0, "warn": 0, "stop": 0, "block": 0},
        "would_flip": 0,
        "alerts": [],
        "notifications": {"sent": 7, "received": 6, "duplicates": 3, "unparsed": 1},
        "flow_runs": {"publish": {"completed": 2, "failed": 0}},
        "event_to_action_seconds": {"p50": 1.5, "p95": 4.0},
        "wall_seconds": 12.3,
    }
