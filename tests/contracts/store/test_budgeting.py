"""Caps: no cent beyond any of them, whoever reserves, and a sentence where there is no room."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from hitline.acting import budgeting
from hitline.clock import SetClock
from hitline.errors import InvalidDefinition
from hitline.fields import Choice
from hitline.money import MTURK
from hitline.mturk.client import Requester
from hitline.pipeline import Pipeline, Stage
from hitline.questions import HtmlTemplate
from hitline.store import Store, alerts, caps, commitments, ledger, pipelines
from hitline.store.caps import Cap
from hitline.store.ledger import Amount
from hitline.wiring import Hitline
from tests.contracts.store.rows import START, WALL, wall


class Purse:
    """Reserves for the stages "breed" and "check" of "dogs"; a transaction each."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = SetClock(START, wall=WALL)
        self.hitline = Hitline(
            store=store,
            requester=cast(Requester, None),
            clock=self.clock,
            fees=MTURK,
            pipeline=cast(Any, None),
        )
        with store.writing() as connection:
            pipelines.register(store, connection, "dogs", "dogs.py", wall(0))

    def cap(self, stage: str = "", **most: str) -> None:
        """Have a cap hold, such as total="1.00"."""
        amounts = {name: Decimal(value) for name, value in most.items()}
        with self.store.writing() as connection:
            budgeting.change(self.hitline, connection, Cap(pipeline="dogs", stage=stage, **amounts))

    def reserve(
        self, token: str, reward: str, fee: str = "0.00", *, stage: str = "breed", **about: Any
    ) -> str | None:
        with self.store.writing() as connection:
            return budgeting.reserve(
                self.hitline, connection, token=token, pipeline="dogs", stage=stage,
                amount=Amount(reward=Decimal(reward), fee=Decimal(fee)), cause="a test", **about,
            )  # fmt: skip

    def release(self, token: str) -> None:
        with self.store.writing() as connection:
            ledger.release(self.store, connection, token=token, at=self.clock.now())

    def take_back(self, token: str) -> bool:
        """Whether there was anything to take back."""
        with self.store.writing() as connection:
            there = ledger.known(connection, f"reserve:{token}")
            ledger.forget(connection, f"reserve:{token}")
            return there

    def fold(self) -> None:
        with self.store.writing() as connection:
            caps.lock(connection, "dogs")
            commitments.fold(self.store, connection, "dogs")

    def launch(self, *, budget: str | None, stage_budget: str | None = None) -> None:
        stage = Stage(
            "breed",
            question=HtmlTemplate('<form><input name="breed"></form>', name="breed.html"),
            title="Which breed?", reward="0.05", answer=Choice("breed", ["pug", "poodle"]),
            lifetime="1h", duration="5m", budget=stage_budget,
        )  # fmt: skip
        with self.store.writing() as connection:
            budgeting.launch(
                self.hitline, connection, Pipeline("dogs", stages=[stage], budget=budget)
            )

    @property
    def committed(self) -> Decimal:
        with self.store.reading() as connection:
            return commitments.committed(connection, "dogs")

    @property
    def caps(self) -> list[Cap]:
        with self.store.reading() as connection:
            return caps.of(connection, "dogs")

    @property
    def alerts(self) -> list[str]:
        with self.store.reading() as connection:
            return [alert.text for alert in alerts.standing(connection, "dogs")]


@pytest.fixture
def purse(store: Store) -> Purse:
    return Purse(store)


def test_without_a_cap_everything_fits(purse: Purse) -> None:
    assert purse.reserve("t", "99999.00") is None


def test_the_last_cent_fits_and_the_next_does_not(purse: Purse) -> None:
    purse.cap(total="1.00")
    assert purse.reserve("t1", "0.50", "0.10") is None
    assert purse.reserve("t2", "0.33", "0.07") is None

    assert purse.reserve("t3", "0.01") == (
        "the budget of dogs (1.00) has 0.00 left, and this reserves 0.01; "
        '"hitline budget dogs --total AMOUNT" raises it'
    )
    assert purse.committed == Decimal("1.00")


def test_a_stages_cap_is_named_with_the_command_that_raises_it(purse: Purse) -> None:
    purse.cap(total="5.00")
    purse.cap("check", total="0.10")

    assert purse.reserve("t1", "0.11") is None
    assert purse.reserve("t2", "0.11", stage="check") == (
        "the budget of dogs/check (0.10) has 0.10 left, and this reserves 0.11; "
        '"hitline budget dogs check --total AMOUNT" raises it'
    )


def test_what_is_reserved_already_needs_no_room_again(purse: Purse) -> None:
    purse.cap(total="1.00")
    assert purse.reserve("t", "1.00") is None
    assert purse.reserve("t", "1.00") is None
    assert purse.committed == Decimal("1.00")


def test_a_day_has_its_own_room_and_gets_back_what_it_reserved(purse: Purse) -> None:
    purse.cap(daily="1.00")
    assert purse.reserve("monday", "1.00") is None
    assert purse.reserve("more", "0.01") == (
        "the daily budget of dogs (1.00) has 0.00 left, and this reserves 0.01; it goes on "
        'tomorrow (UTC), or "hitline budget dogs --daily AMOUNT" raises it'
    )

    purse.clock.advance(timedelta(hours=14))  # ten o'clock and fourteen hours: midnight
    assert purse.reserve("tuesday", "0.60") is None
    purse.release("monday")
    assert purse.reserve("tuesday 2", "0.41") is not None
    assert purse.reserve("tuesday 3", "0.40") is None


def test_a_bonus_and_an_assignment_share_the_room(purse: Purse) -> None:
    purse.cap(total="1.00")
    assert purse.reserve("post", "0.50") is None
    assert purse.reserve("bonus", "0.51", worker_id="AWORKER1", assignment_id="A1") is not None
    assert purse.reserve("bonus", "0.50", worker_id="AWORKER1", assignment_id="A1") is None


def test_a_stage_that_holds_items_is_told_of_once(purse: Purse) -> None:
    purse.cap(total="0.10")
    for token in ("t1", "t2", "t3"):
        purse.reserve(token, "0.11")

    assert purse.alerts == [
        "items of dogs/breed are held: the budget of dogs (0.10) has 0.10 left, and this reserves "
        '0.11; "hitline budget dogs --total AMOUNT" raises it'
    ]


@pytest.mark.parametrize(
    ("stage", "most", "field"),
    [
        ("", {"total": "0.99"}, "budget"),
        ("", {"daily": "0.99"}, "daily_budget"),
        ("breed", {"total": "0.99"}, "stage breed: budget"),
        ("breed", {"daily": "0.99"}, "stage breed: daily_budget"),
    ],
)
def test_a_cap_below_what_is_reserved_is_refused_with_the_least_that_is_possible(
    purse: Purse, stage: str, most: dict[str, str], field: str
) -> None:
    purse.reserve("t", "0.90", "0.10")
    with pytest.raises(InvalidDefinition, match=r"the least that is possible now is 1\.00") as no:
        purse.cap(stage, **most)

    assert no.value.field == field
    purse.cap(stage, **dict.fromkeys(most, "1.00"))


def test_a_days_cap_may_be_below_what_another_day_reserved(purse: Purse) -> None:
    purse.reserve("monday", "1.00")
    purse.clock.advance(timedelta(days=1))
    purse.cap(daily="0.50")
    assert purse.reserve("tuesday", "0.50") is None


def test_a_cap_set_by_hand_outlasts_launches_until_the_definition_changes(purse: Purse) -> None:
    purse.launch(budget="1.00", stage_budget="0.50")
    purse.cap(total="2.00")

    purse.launch(budget="1.00", stage_budget="0.60")
    assert purse.caps == [
        Cap(pipeline="dogs", total=Decimal("2.00")),
        Cap(pipeline="dogs", stage="breed", total=Decimal("0.60")),
    ]
    purse.launch(budget="3.00", stage_budget=None)
    assert purse.caps == [
        Cap(pipeline="dogs", total=Decimal("3.00")),
        Cap(pipeline="dogs", stage="breed"),
    ]


def test_a_definition_below_what_is_reserved_is_refused(purse: Purse) -> None:
    purse.launch(budget="1.00")
    purse.reserve("t", "0.80")
    with pytest.raises(InvalidDefinition) as refused:
        purse.launch(budget="0.79")
    assert refused.value.field == "budget"
    assert purse.caps[0].total == Decimal("1.00")


def test_many_that_reserve_at_once_never_pass_a_cap(purse: Purse) -> None:
    """Eight threads want 0.10 ten times each; the caps allow 4.00 in all, 2.50 of one stage.

    Each sometimes folds the ledger, and sometimes takes back what it has just reserved.
    """
    purse.cap(total="4.00")
    purse.cap("breed", total="2.50")
    entered: list[str] = []

    def spend(name: int) -> None:
        for number in range(10):
            stage = "breed" if (name + number) % 2 else "check"
            if purse.reserve(f"{name}-{number}", "0.08", "0.02", stage=stage) is None:
                entered.append(stage)
            if number in (2, 7):
                purse.fold()
            if number == 4 and purse.take_back(f"{name}-{number}"):
                entered.remove(stage)

    threads = [threading.Thread(target=spend, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    purse.fold()
    assert purse.committed == len(entered) * Decimal("0.10") <= Decimal("4.00")
    assert len(entered) >= 40 - 8
    assert entered.count("breed") <= 25
