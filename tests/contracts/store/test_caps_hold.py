"""In whichever order money is reserved, paid and freed: no cap is passed, the books add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import delete

from hitline.acting import budgeting
from hitline.clock import SetClock
from hitline.errors import InvalidDefinition
from hitline.money import MTURK, from_cents
from hitline.mturk.client import Requester
from hitline.store import Store, caps, commitments, ledger, pipelines
from hitline.store.caps import Cap
from hitline.store.ledger import Amount
from hitline.store.schema import metadata
from hitline.wiring import Hitline
from tests.contracts.store.rows import START, WALL, wall

STAGES = ("breed", "check")
cents = some.integers(0, 25).map(from_cents)
stages = some.sampled_from(STAGES)
reserves = some.tuples(some.just("reserve"), some.integers(0, 20), stages, cents, cents)
steps = some.one_of(
    reserves,
    reserves,
    reserves,
    some.tuples(some.just("settle"), some.integers(0, 20)),
    some.tuples(some.just("release"), some.integers(0, 20)),
    some.tuples(some.just("forget"), some.integers(0, 20)),
    some.tuples(some.just("night")),
    some.tuples(some.just("fold")),
    some.tuples(
        some.just("cap"),
        some.sampled_from(("", *STAGES)),
        some.none() | some.integers(0, 300).map(from_cents),
        some.none() | some.integers(0, 150).map(from_cents),
    ),
)
limits = some.tuples(*[some.none() | some.integers(20, 150).map(from_cents)] * 4)
"""At the start: in all and on one day, of the pipeline and of a stage."""


@dataclass
class Promise:
    """One reservation, as a person would note it on paper."""

    stage: str
    day: date
    amount: Decimal
    state: str = "reserved"


class Paper:
    """The same book kept by hand, beside the database."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = SetClock(START, wall=WALL)
        self.promises: dict[int, Promise] = {}
        self.caps: dict[str, Cap] = {}
        self.hitline = Hitline(
            store=store,
            requester=cast(Requester, None),
            clock=self.clock,
            fees=MTURK,
            pipeline=cast(Any, None),
        )
        with store.writing() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
            pipelines.register(store, connection, "dogs", "dogs.py", wall(0))

    def committed(self, stage: str = "", day: date | None = None) -> Decimal:
        return sum(
            (
                promise.amount
                for promise in self.promises.values()
                if promise.state != "released"
                and stage in ("", promise.stage)
                and day in (None, promise.day)
            ),
            Decimal("0.00"),
        )

    @property
    def today(self) -> date:
        return self.clock.now().date()

    def reserve(self, number: int, stage: str, reward: Decimal, fee: Decimal) -> None:
        with self.store.writing() as connection:
            refused = budgeting.reserve(
                self.hitline, connection, token=str(number), pipeline="dogs", stage=stage,
                amount=Amount(reward=reward, fee=fee), cause="",
            )  # fmt: skip
        if number in self.promises:
            assert refused is None
            return
        amount = reward + fee
        fits = all(
            most is None or self.committed(cap.stage, day) + amount <= most
            for cap in self.caps.values()
            if cap.stage in ("", stage)
            for most, day in ((cap.total, None), (cap.daily, self.today))
        )
        assert (refused is None) is fits
        if fits:
            self.promises[number] = Promise(stage=stage, day=self.today, amount=amount)

    def settle(self, number: int) -> None:
        self._turn(number, "settle", "settled")

    def release(self, number: int) -> None:
        self._turn(number, "release", "released")

    def _turn(self, number: int, entry: str, state: str) -> None:
        promise = self.promises.get(number)
        if promise is None or promise.state not in ("reserved", state):
            return
        with self.store.writing() as connection:
            new = getattr(ledger, entry)(
                self.store, connection, token=str(number), at=self.clock.now()
            )
        assert new is (promise.state == "reserved")
        promise.state = state

    def forget(self, number: int) -> None:
        promise = self.promises.get(number)
        if promise is not None and promise.state == "reserved":
            with self.store.writing() as connection:
                ledger.forget(connection, f"reserve:{number}")
            del self.promises[number]

    def night(self) -> None:
        self.clock.advance(timedelta(days=1))

    def fold(self) -> None:
        """The sums are kept otherwise; nothing else changes."""
        with self.store.writing() as connection:
            caps.lock(connection, "dogs")
            commitments.fold(self.store, connection, "dogs")

    def cap(self, stage: str, total: Decimal | None, daily: Decimal | None) -> None:
        wanted = Cap(pipeline="dogs", stage=stage, total=total, daily=daily)
        possible = (total is None or total >= self.committed(stage)) and (
            daily is None or daily >= self.committed(stage, self.today)
        )
        try:
            with self.store.writing() as connection:
                budgeting.change(self.hitline, connection, wanted)
        except InvalidDefinition:
            assert not possible
        else:
            assert possible
            self.caps[stage] = wanted

    def agrees(self) -> None:
        with self.store.reading() as connection:
            for limit in caps.limits(connection, "dogs", self.today):
                assert limit.committed <= limit.most
            by_state: Counter[str] = Counter()
            for promise in self.promises.values():
                by_state[promise.state] += promise.amount  # type: ignore[assignment]
            for stage in ("", *STAGES):
                for day in (None, self.today):
                    committed = commitments.committed(connection, "dogs", stage or None, day)
                    assert committed == self.committed(stage, day)
            assert ledger.spent(connection, "dogs").total == by_state["settled"]
            assert ledger.reserved(connection, "dogs").total == by_state["reserved"]


@settings(max_examples=40, deadline=None)
@given(caps_at_first=limits, plan=some.lists(steps, min_size=5, max_size=40))
def test_no_plan_passes_a_cap_in_any_order_and_the_books_agree(
    opened: Store, caps_at_first: tuple[Decimal | None, ...], plan: list[tuple[Any, ...]]
) -> None:
    paper = Paper(opened)
    paper.cap("", *caps_at_first[:2])
    paper.cap("breed", *caps_at_first[2:])
    for name, *about in plan:
        getattr(paper, name)(*about)
        paper.agrees()
