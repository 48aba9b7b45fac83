"""What the sweep finds: everything that an event should have told, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, delete

from hitline.facts import Control
from hitline.model import AssignmentStatus, Door, ItemState
from hitline.policies import Approve
from hitline.store import Store, caps, items, leases, ledger, neglected, pipelines
from hitline.store.caps import Cap
from hitline.store.ledger import Amount
from hitline.store.schema import dirt
from tests.contracts.store.rows import Rows, at, wall
from tests.contracts.store.test_items import POLICY

Query = Callable[[Connection], Iterable[str]]


@pytest.fixture
def found(store: Store) -> Callable[..., list[str]]:
    def run(query: Callable[..., Iterable[str]], *about: Any) -> list[str]:
        with store.reading() as connection:
            return sorted(query(connection, *about))

    return run


def finish(store: Store, *item_ids: str, state: ItemState = ItemState.SETTLED) -> None:
    with store.writing() as connection:
        for item_id in item_ids:
            items.finished(connection, item_id, state, "a test", at(50), label="poodle")


def test_no_reason_to_be_held_keeps_what_is_held_for_another_from_being_looked_at(
    store: Store, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three that wait for something lasting come first in order; two are looked at in a sweep."""
    monkeypatch.setattr(neglected, "MOST", 2)
    lasting = [rows.item(key) for key in "abc"]
    poor = rows.item("d")
    with store.writing() as connection:
        for item_id in lasting:
            items.held(connection, item_id, "3 answers could not be read")
        items.held(connection, poor, "the account has not enough funds")
        found = neglected.may_go_on(connection, at(2))
    assert poor in found
    assert len(found) == 2


def test_items_whose_time_has_run_out(rows: Rows, store: Store, found: Any) -> None:
    a, looked_at, reposted, full = (rows.item(key) for key in ("a", "looked", "reposted", "full"))
    rows.hit("HIT1", a)
    rows.hit("HIT2", looked_at)
    rows.hit("HIT3", reposted)
    rows.hit("HIT4", reposted, generation=1, expires_at=at(200))
    rows.hit("HIT5", full, expires_at=at(200), submitted=2)
    with store.writing() as connection:
        items.look_again(connection, looked_at, at(66))

    assert found(neglected.expired, at(60)) == []
    assert found(neglected.expired, at(61)) == [a]
    assert found(neglected.expired, at(200)) == sorted([a, reposted, full])


def test_items_that_a_decision_said_to_look_at_again(rows: Rows, store: Store, found: Any) -> None:
    a, done = rows.item("a"), rows.item("done")
    rows.hit("HIT1", a)
    rows.hit("HIT2", done)
    with store.writing() as connection:
        items.look_again(connection, a, at(66))
        items.look_again(connection, done, at(66))
    finish(store, done)

    assert found(neglected.due, at(65)) == []
    assert found(neglected.due, at(66)) == [a]


def test_items_never_asked_and_those_whose_hit_is_lost(
    rows: Rows, store: Store, found: Any
) -> None:
    new, lost, asked, done = (rows.item(key) for key in ("new", "lost", "asked", "done"))
    rows.hit("HIT1", asked)
    with store.writing() as connection:
        items.opened(connection, [lost])
    finish(store, done)

    assert found(neglected.without_hit) == [lost]
    with store.writing() as connection:
        leases.mark(store, connection, [lost], Door.PUBLISH, "a test", wall(0))
    assert found(neglected.without_hit) == []  # about to be asked
    with store.writing() as connection:
        connection.execute(delete(dirt))
    assert found(neglected.never_asked) == sorted([new, lost])


@pytest.mark.parametrize(
    ("budget", "control", "goes_on"),
    [
        (None, {}, True),
        ("1.00", {}, True),
        ("0.60", {}, False),
        # The budget was lowered under what was promised already.
        ("0.50", {}, False),
        (None, {"": Control.PAUSED}, False),
        (None, {"breed": Control.PAUSED}, False),
        (None, {"check": Control.PAUSED}, True),
        # Stopped items have to be given up, which takes a look.
        (None, {"": Control.STOPPED}, True),
    ],
)
def test_held_items_go_on_with_money_and_a_running_stage(
    rows: Rows,
    store: Store,
    found: Any,
    budget: str | None,
    control: dict[str, Control],
    goes_on: bool,
) -> None:
    a = rows.item("a")
    rows.hit("HIT1", a)
    with store.writing() as connection:
        pipelines.register(store, connection, "dogs", "dogs.py", wall(0))
        most = None if budget is None else Decimal(budget)
        caps.put(store, connection, Cap(pipeline="dogs", total=most))
        ledger.enter(
            store, connection, token="t", entry="reserve", pipeline="dogs", stage="breed",
            amount=Amount(reward=Decimal("0.50"), fee=Decimal("0.10")), cause="", at=at(0),
        )  # fmt: skip
        items.held(connection, a, "a test", for_money=True)
        for stage, said in control.items():
            items.set_control(store, connection, "dogs", stage, said)

    assert found(neglected.may_go_on, at(2)) == ([a] if goes_on else [])


def test_what_waits_to_be_asked_first_goes_on_in_waves_and_not_here(
    rows: Rows, store: Store, found: Any
) -> None:
    waits, wrong = rows.item("waits"), rows.item("wrong")
    with store.writing() as connection:
        items.held(connection, waits, "waits for its wave", for_money=True)
        items.held(connection, wrong, "cannot be asked")

    assert found(neglected.may_go_on, at(2)) == [wrong]


def test_submissions_that_nobody_judged_in_time(rows: Rows, store: Store, found: Any) -> None:
    a, b, paid = (rows.item(key) for key in ("a", "b", "paid"))
    rows.hit("HIT1", a, b)
    rows.hit("HIT2", paid)
    rows.submission(1, "HIT1")
    rows.submission(2, "HIT2", AssignmentStatus.APPROVED)

    assert found(neglected.unjudged, at(60)) == []
    assert found(neglected.unjudged, at(61)) == sorted([a, b])


def test_finished_items_whose_hit_is_not_closed(rows: Rows, store: Store, found: Any) -> None:
    a, open_, beside, closed = (rows.item(key) for key in ("a", "open", "beside", "closed"))
    rows.hit("HIT1", a)
    rows.hit("HIT2", open_, beside)
    rows.hit("HIT3", closed, closed_at=at(55))
    finish(store, a, beside, closed)

    assert found(neglected.unclosed, at(60)) == [a]
    finish(store, open_, state=ItemState.DROPPED)
    assert found(neglected.unclosed, at(60)) == sorted([a, open_, beside])


def test_a_hit_whose_submissions_are_approved_after_a_delay_is_closed_when_they_are_due(
    rows: Rows, store: Store, found: Any
) -> None:
    """By a policy that delays; by another it is only that the closing was missed."""
    late, at_once = rows.item("late", version=2), rows.item("at once")
    delayed = replace(POLICY, pay=Approve(after="1h"))
    with store.writing() as connection:
        items.register_version(connection, "dogs", "breed", POLICY, wall(0))
        items.register_version(connection, "dogs", "breed", delayed, wall(1))
    rows.hit("HIT1", late)
    rows.hit("HIT2", at_once)
    rows.submission(1, "HIT1")  # to be judged by minute 61
    rows.submission(2, "HIT2")
    finish(store, late, at_once)

    assert found(neglected.unclosed, at(60)) == [at_once]
    assert found(neglected.unclosed, at(61)) == sorted([late, at_once])


def test_closed_hits_are_kept_for_the_grace_of_their_items_version(
    rows: Rows, store: Store, found: Any
) -> None:
    with store.writing() as connection:
        for grace in (10, 2):
            policy = replace(POLICY, grace=timedelta(minutes=grace))
            items.register_version(connection, "dogs", "breed", policy, wall(0))
    old, new, gone = rows.item("old"), rows.item("new", version=2), rows.item("gone")
    rows.hit("HIT1", old, closed_at=at(100))
    rows.hit("HIT2", new, closed_at=at(100))
    rows.hit("HIT3", gone, closed_at=at(100), disposed_at=at(101))

    assert found(neglected.disposable, at(101)) == []
    assert found(neglected.disposable, at(102)) == [new]
    assert found(neglected.disposable, at(110)) == sorted([old, new])


def test_closed_hits_of_a_stage_with_a_wage_are_kept_until_it_is_paid(
    rows: Rows, store: Store, found: Any
) -> None:
    """Though the stage says an hour: no bonus can be paid for what is disposed of."""
    policy = replace(POLICY, grace=timedelta(hours=1), hourly_wage=Decimal("12.00"))
    with store.writing() as connection:
        items.register_version(connection, "dogs", "breed", policy, wall(0))
    a = rows.item("a")
    rows.hit("HIT1", a, closed_at=at(0))

    assert found(neglected.disposable, at(3 * 24 * 60 - 1)) == []
    assert found(neglected.disposable, at(3 * 24 * 60)) == [a]


def test_finished_items_whose_chain_rule_failed(rows: Rows, store: Store) -> None:
    failed, chained, open_ = (rows.item(key) for key in ("failed", "chained", "open"))
    finish(store, failed, chained)
    with store.writing() as connection:
        assert items.chain_failed(connection, failed, "the chain rule raised") == 1
        items.in_trouble(connection, open_, "throttled")
        items.chained(connection, chained)

        (found,) = neglected.unchained(connection)
    assert (found.id, found.state, found.label) == (failed, ItemState.SETTLED, "poodle")


@pytest.mark.parametrize(
    ("marked", "wanted", "serves"),
    [
        (Door.AGGREGATE, Door.AGGREGATE, True),
        # One look answers every door but closing.
        (Door.PUBLISH, Door.REPOST, True),
        (Door.CLOSE, Door.CLOSE, True),
        (Door.CLOSE, Door.AGGREGATE, False),
        (Door.AGGREGATE, Door.CLOSE, False),
    ],
)
def test_what_a_mark_brings_through_the_door_is_not_marked_again(
    rows: Rows, store: Store, found: Any, marked: Door, wanted: Door, serves: bool
) -> None:
    a, b = rows.item("a"), rows.item("b")
    with store.writing() as connection:
        leases.mark(store, connection, [a], marked, "a test", wall(0))

    assert found(neglected.unmarked, [a, b, b], wanted) == ([b] if serves else sorted([a, b]))
    assert found(neglected.unmarked, [], wanted) == []
