"""The hourly wage: what time counts, what it is worth, and what a top-up costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hitline import wage
from hitline.money import MTURK, NONE
from hitline.wage import Day, Spell, Work

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
TWELVE = Decimal("12.00")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def work(accepted: float, submitted: float, worker: str = "A") -> Work:
    return Work(worker_id=worker, accepted_at=at(accepted), submitted_at=at(submitted))


def spell(start: float, end: float, dollars: str = "12.00") -> Spell:
    return Spell(start=at(start), end=at(end), wage=Decimal(dollars))


def reckoned(*spells: Spell, covered: tuple[Spell, ...] = (), rewards: str = "0.00") -> Day:
    return wage.reckon(spells, covered, Decimal(rewards))


# What time counts


def test_the_typical_time_of_three_is_the_one_in_the_middle() -> None:
    works = [work(0, 2, "A"), work(0, 3, "B"), work(0, 50, "C")]

    assert wage.typical(works) == timedelta(minutes=3)


def test_of_several_held_at_once_each_takes_the_time_since_the_one_before() -> None:
    """All accepted at once, submitted every two minutes: not 2, 4, 6, 8, 10 minutes each."""
    held = [work(0, minute) for minute in (2, 4, 6, 8, 10)]

    assert wage.typical(held) == timedelta(minutes=2)


def test_a_stage_without_submissions_has_no_typical_time() -> None:
    assert wage.typical([]) == timedelta(0)


def test_an_assignment_counts_from_its_acceptance() -> None:
    counted = wage.spell(work(0, 5), TWELVE, timedelta(minutes=2))

    assert counted == spell(0, 5)


def test_an_assignment_counts_with_three_typical_times_at_most() -> None:
    counted = wage.spell(work(0, 60), TWELVE, timedelta(minutes=2))

    assert counted == spell(54, 60)


def test_who_does_not_say_when_an_assignment_was_accepted_counts_no_time() -> None:
    unknown = Work(worker_id="A", accepted_at=None, submitted_at=at(5))

    assert wage.spell(unknown, TWELVE, timedelta(minutes=2)) == spell(5, 5)


# What it is worth


def test_ten_minutes_at_twelve_dollars_are_worth_two() -> None:
    day = reckoned(spell(0, 10), rewards="0.50")

    assert (day.worked, day.worth, day.due) == (
        timedelta(minutes=10),
        Decimal("2.00"),
        Decimal("1.50"),
    )


def test_what_was_in_hand_at_once_counts_once() -> None:
    assert reckoned(spell(0, 10), spell(5, 15), spell(6, 8)).worked == timedelta(minutes=15)


def test_a_pause_between_two_counts_for_nothing() -> None:
    assert reckoned(spell(0, 10), spell(30, 35)).worth == Decimal("3.00")


def test_of_two_stages_in_hand_at_once_the_higher_wage_counts() -> None:
    """Five minutes at 12 and ten at 24 dollars an hour."""
    assert reckoned(spell(0, 10), spell(5, 15, "24.00")).worth == Decimal("5.00")


def test_time_that_an_earlier_top_up_covered_does_not_count_again() -> None:
    day = reckoned(spell(5, 15), covered=(spell(0, 10),))

    assert (day.worked, day.worth) == (timedelta(minutes=5), Decimal("1.00"))


def test_rewards_above_the_wage_are_the_workers() -> None:
    assert reckoned(spell(0, 10), rewards="2.01").due == Decimal("0.00")


@pytest.mark.parametrize(
    ("seconds", "worth"),
    [(1, "0.00"), (1.5, "0.01"), (100, "0.33"), (1799, "6.00")],
)
def test_worth_is_rounded_to_cents_half_a_cent_up(seconds: float, worth: str) -> None:
    """A second at 12 dollars an hour is a third of a cent."""
    assert reckoned(spell(0, seconds / 60)).worth == Decimal(worth)


# What it costs


def test_the_least_bonus_is_where_a_cent_of_fee_is_the_usual_share() -> None:
    assert wage.least(MTURK) == Decimal("0.05")
    assert wage.least(NONE) == Decimal("0.01")


def test_a_wage_is_expected_to_cost_what_rewards_fall_short_of_it() -> None:
    """60 answers of a minute are worth 12 dollars; 6 are earned; two days pay 3 each, fee 0.60."""
    cost = wage.expected(
        wage=TWELVE,
        reward=Decimal("0.10"),
        seconds=60,
        answers=60,
        worker_days=2,
        fees=MTURK,
    )

    assert cost == (Decimal("6.00"), Decimal("1.20"))


def test_a_wage_that_the_rewards_make_up_costs_nothing() -> None:
    cost = wage.expected(
        wage=TWELVE, reward=Decimal("0.20"), seconds=60, answers=60, worker_days=2, fees=MTURK
    )

    assert cost == (Decimal("0.00"), Decimal("0.00"))


def test_little_a_day_is_expected_to_be_sent_together() -> None:
    """Two cents a day on ten days: four bonuses of five cents, each with a cent of fee."""
    cost = wage.expected(
        wage=TWELVE, reward=Decimal("0.18"), seconds=60, answers=10, worker_days=10, fees=MTURK
    )

    assert cost == (Decimal("0.20"), Decimal("0.04"))
