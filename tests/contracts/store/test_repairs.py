"""Repairs: what was put right is counted, by cause; what a dead run held is free at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from hitline.model import Door
from hitline.store import Store, aside, bells, claims, items, leases, repairs
from hitline.store.aside import NEVER
from hitline.store.claims import SUSPECT
from hitline.store.leases import LEASE, POISONED, Leased, Waiting
from hitline.store.schema import dirt
from hitline.store.schema import items as item_table
from tests.contracts.store.rows import Rows, wall

WAITING = Waiting(pipeline="dogs", stage="breed", door=Door.AGGREGATE, items=1)
PAST = LEASE.total_seconds() + 1


def claim(
    store: Store, owner: str, seconds: float = 0, door: Door = Door.AGGREGATE
) -> list[Leased]:
    with store.writing() as connection:
        return claims.claim(
            connection, door, "dogs", "breed", owner=owner, wall=wall(seconds), most=50
        )


def mark(store: Store, *item_ids: str, door: Door = Door.AGGREGATE) -> None:
    with store.writing() as connection:
        leases.mark(store, connection, item_ids, door, "an event", wall(0))


def fail(store: Store, leased: Sequence[Leased], *, blame: bool = True) -> None:
    with store.writing() as connection:
        leases.put_off(connection, leased, wall(0), "it broke", blame=blame)


def counted(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return repairs.by_cause(connection)


def ring(store: Store, seconds: float) -> bool:
    with store.writing() as connection:
        return bool(bells.due(store, connection, [WAITING], wall(seconds)))


def answer(store: Store, seconds: float, flow_run: str) -> None:
    with store.writing() as connection:
        bells.answered(
            store, connection, "dogs", "breed", Door.AGGREGATE, wall(seconds), flow_run=flow_run
        )


def test_repairs_add_up_by_cause_and_hour(store: Store) -> None:
    for seconds, causes in ((0, {"a": 2, "b": 0}), (5, {"a": 1}), (3600, {"a": 4})):
        with store.writing() as connection:
            repairs.count(store, connection, causes, wall(seconds))

    assert counted(store) == {"a": 7}
    with store.reading() as connection:
        assert repairs.by_cause(connection, since=wall(3600)) == {"a": 4}


def test_an_ordinary_bell_repairs_nothing(store: Store) -> None:
    ring(store, 0)
    answer(store, 1, "run-1")
    with store.writing() as connection:
        bells.finished(store, connection, "dogs", "breed", Door.AGGREGATE, wall(2))

    assert ring(store, 3)
    assert counted(store) == {}


def test_a_bell_for_which_no_run_came_is_counted_when_it_is_rung_again(store: Store) -> None:
    ring(store, 0)

    assert ring(store, 10)
    assert counted(store) == {repairs.NO_RUN_CAME: 1}


def test_a_bell_whose_run_did_not_finish_is_counted_when_it_is_rung_again(store: Store) -> None:
    ring(store, 0)
    answer(store, 1, "run-1")

    assert ring(store, 91)
    assert counted(store) == {repairs.RUN_NOT_FINISHED: 1}


def test_the_bell_of_a_dead_run_rings_at_once(store: Store) -> None:
    ring(store, 0)
    answer(store, 1, "run-1")
    with store.writing() as connection:
        bells.abandoned(connection, ["run-1"], wall(2))

    assert ring(store, 3)


def test_the_bell_that_another_run_answered_since_is_left_to_it(store: Store) -> None:
    ring(store, 0)
    answer(store, 1, "run-1")
    answer(store, 2, "run-2")
    with store.writing() as connection:
        bells.abandoned(connection, ["run-1"], wall(3))

    assert not ring(store, 4)


def test_what_a_dead_run_held_is_free_at_once_and_nobody_elses(store: Store, rows: Rows) -> None:
    a, b = rows.item("a"), rows.item("b")
    mark(store, a)
    claim(store, "dead")
    mark(store, b)
    claim(store, "alive")
    with store.writing() as connection:
        assert leases.abandoned(connection, ["dead", "unknown"]) == 1

    assert [one.item_id for one in claim(store, "next")] == [a]


def test_a_lease_that_ran_out_shows_in_the_next_one(store: Store, rows: Rows) -> None:
    mark(store, rows.item("a"))

    assert [one.taken_over for one in claim(store, "run-1")] == [False]
    assert [one.taken_over for one in claim(store, "run-2", PAST)] == [True]


def attempts(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return {
            row.key: row.attempts
            for row in connection.execute(select(item_table.c.key, item_table.c.attempts))
        }


def test_what_failed_before_comes_last_and_alone(store: Store, rows: Rows) -> None:
    a, b, c = (rows.item(key) for key in "abc")
    mark(store, a)
    for _ in range(SUSPECT):
        fail(store, claim(store, "run"))
    mark(store, b, c)

    assert [one.item_id for one in claim(store, "run-1")] == [b, c]
    assert [one.item_id for one in claim(store, "run-2")] == [a]


def test_one_of_forty_that_fails_with_all_beside_it_is_soon_alone(store: Store, rows: Rows) -> None:
    """All fail together four times; then 16, 8, 4 and 2 of them, and the one two times alone."""
    ids = {f"item-{number:02}": rows.item(f"item-{number:02}") for number in range(40)}
    bad = ids["item-07"]
    mark(store, *ids.values())
    with_it, without = [], []
    while leased := claim(store, "run"):
        if bad in {one.item_id for one in leased}:
            with_it.append(len(leased))
            fail(store, leased)
        else:
            without.append(len(leased))
            with store.writing() as connection:
                leases.clear(connection, leased)
        if len(with_it) == POISONED:
            break
    assert with_it == [40, 40, 40, 40, 16, 8, 4, 2, 1, 1]
    assert len(without) <= 6
    assert attempts(store)["item-07"] == POISONED
    assert max(count for key, count in attempts(store).items() if key != "item-07") < POISONED - 1


@pytest.mark.parametrize(("blame", "attempts"), [(True, 1), (False, 0)])
def test_only_what_may_lie_in_an_item_counts_as_its_failure(
    store: Store, rows: Rows, blame: bool, attempts: int
) -> None:
    a = rows.item("a")
    mark(store, a)
    fail(store, claim(store, "run"), blame=blame)

    with store.reading() as connection:
        found = connection.scalar(select(item_table.c.attempts).where(item_table.c.id == a))
    assert found == attempts


def test_a_success_forgets_the_failures_before_it(store: Store, rows: Rows) -> None:
    a = rows.item("a")
    mark(store, a)
    for _ in range(POISONED - 1):
        fail(store, claim(store, "run"))
    with store.writing() as connection:
        leases.clear(connection, claims.claim(
            connection, Door.AGGREGATE, "dogs", "breed", owner="run", wall=wall(0), most=1
        ))  # fmt: skip
    mark(store, a)
    fail(store, claim(store, "run"))

    with store.reading() as connection:
        assert aside.poisoned(connection, "dogs", "breed", wall(0)) == []


def test_what_is_set_aside_rings_no_bell_until_it_is_tried_again(store: Store, rows: Rows) -> None:
    a = rows.item("a")
    mark(store, a)
    for _ in range(POISONED):
        fail(store, claim(store, "run"))
    with store.writing() as connection:
        assert aside.poisoned(connection, "dogs", "breed", wall(0)) == [a]
        aside.set_aside(connection, [a])
        assert leases.waiting(connection, wall(10**6)) == []
        assert connection.scalar(select(dirt.c.wall_not_before)) == NEVER
        assert aside.of_pipeline(connection, "dogs") == [a]

    with store.writing() as connection:
        aside.try_again(connection, [a], wall(5))
        assert aside.of_pipeline(connection, "dogs") == []
    assert [one.item_id for one in claim(store, "run", 5)] == [a]


def poisoned(store: Store, rows: Rows) -> str:
    """An item that has failed as often as it may."""
    a = rows.item("a")
    mark(store, a)
    for _ in range(POISONED):
        fail(store, claim(store, "run"))
    return a


def set_aside(store: Store) -> list[str]:
    with store.writing() as connection:
        found = aside.poisoned(connection, "dogs", "breed", wall(0))
        aside.set_aside(connection, found)
    return found


def test_what_is_set_aside_is_still_closed_so_that_people_are_paid(
    store: Store, rows: Rows
) -> None:
    a = poisoned(store, rows)
    mark(store, a, door=Door.CLOSE)
    assert set_aside(store) == [a]
    assert set_aside(store) == []

    leased = claim(store, "run", door=Door.CLOSE)
    assert [one.item_id for one in leased] == [a]
    with store.writing() as connection:
        leases.clear(connection, leased)
        assert aside.of_pipeline(connection, "dogs") == [a]
    assert claim(store, "run") == []


def test_where_closing_fails_as_often_again_it_waits_too(store: Store, rows: Rows) -> None:
    a = poisoned(store, rows)
    mark(store, a, door=Door.CLOSE)
    assert set_aside(store) == [a]

    for _ in range(POISONED):
        assert set_aside(store) == []
        fail(store, claim(store, "run", door=Door.CLOSE))
    assert set_aside(store) == [a]
    assert claim(store, "run", door=Door.CLOSE) == []


def test_closing_that_goes_well_lets_no_item_off_that_was_set_aside(
    store: Store, rows: Rows
) -> None:
    """Nor is it held against the item that it was set aside: both counts begin anew at a retry."""
    a = poisoned(store, rows)
    set_aside(store)
    for _ in range(3):
        mark(store, a, door=Door.CLOSE)
        fail(store, claim(store, "run", door=Door.CLOSE))
        with store.writing() as connection:
            leases.clear(connection, claims.claim(
                connection, Door.CLOSE, "dogs", "breed", owner="run", wall=wall(0), most=1
            ))  # fmt: skip
    assert attempts(store)["a"] == POISONED
    with store.writing() as connection:
        aside.try_again(connection, [a], wall(5))
    assert [one.item_id for one in claim(store, "run", 5)] == [a]
    assert attempts(store)["a"] == 0


def test_what_waits_aside_is_listed_and_tried_again_whatever_its_count_is_by_now(
    store: Store, rows: Rows
) -> None:
    """A HIT of it that turns out to be posted begins its count anew, and lets no mark of it go."""
    a = poisoned(store, rows)
    set_aside(store)
    with store.writing() as connection:
        items.opened(connection, [a])
    assert attempts(store)["a"] == 0
    with store.writing() as connection:
        assert aside.of_pipeline(connection, "dogs") == [a]
        assert [row.id for row in aside.everything(connection)] == [a]
        aside.try_again(connection, [a], wall(5))
    assert [one.item_id for one in claim(store, "run", 5)] == [a]


def test_closing_that_failed_and_goes_well_again_counts_for_nothing(
    store: Store, rows: Rows
) -> None:
    a = rows.item("a")
    mark(store, a, door=Door.CLOSE)
    for _ in range(POISONED + 1):
        assert set_aside(store) == []
        fail(store, claim(store, "run", door=Door.CLOSE))
    with store.writing() as connection:
        leases.clear(connection, claims.claim(
            connection, Door.CLOSE, "dogs", "breed", owner="run", wall=wall(0), most=1
        ))  # fmt: skip
    assert attempts(store)["a"] == 0
    mark(store, a)
    assert set_aside(store) == []
