"""Marks and leases: the item is what is locked, and nothing that was marked is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from hitline.model import Door, ItemState
from hitline.store import Store, claims, items, leases
from hitline.store.leases import LEASE, Leased, Waiting
from hitline.store.schema import items as item_table
from tests.contracts.store.rows import Rows, wall


class Desk:
    """Marks items of the stage and leases them; every call is a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def mark(
        self,
        *item_ids: str,
        door: Door = Door.AGGREGATE,
        cause: str = "an event",
        seconds: float = 0,
        **more: Any,
    ) -> None:
        with self.store.writing() as connection:
            leases.mark(self.store, connection, item_ids, door, cause, wall(seconds), **more)

    def claim(
        self,
        owner: str = "run-1",
        *,
        door: Door = Door.AGGREGATE,
        seconds: float = 0,
        most: int = 50,
        only: Sequence[str] | None = None,
    ) -> list[Leased]:
        with self.store.writing() as connection:
            return claims.claim(
                connection, door, "dogs", "breed",
                owner=owner, wall=wall(seconds), most=most, only=only,
            )  # fmt: skip

    def claimed(self, owner: str = "run-1", **how: Any) -> list[str]:
        return [one.item_id for one in self.claim(owner, **how)]

    def clear(self, leased: Sequence[Leased]) -> None:
        with self.store.writing() as connection:
            leases.clear(connection, leased)

    def put_off(self, leased: Sequence[Leased], seconds: float, why: str) -> None:
        with self.store.writing() as connection:
            leases.put_off(connection, leased, wall(seconds), why)

    def waiting(self, seconds: float = 0) -> list[Waiting]:
        with self.store.reading() as connection:
            return leases.waiting(connection, wall(seconds))

    def trouble(self, item_id: str) -> tuple[int, str | None]:
        with self.store.reading() as connection:
            row = connection.execute(select(item_table).where(item_table.c.id == item_id)).one()
        return row.attempts, row.problem


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_a_marked_item_is_leased_to_one_run_only(rows: Rows, desk: Desk) -> None:
    a = rows.item("a")
    desk.mark(a, sent_at=wall(-3))

    assert desk.claim("run-1") == [
        Leased(
            item_id=a,
            owner="run-1",
            marks=((Door.AGGREGATE, 1),),
            sent_at=wall(-3),
            marked_at=wall(0),
            cause="an event",
        )
    ]
    assert desk.claim("run-2") == []


def test_what_is_not_marked_for_the_door_or_the_stage_is_left(rows: Rows, desk: Desk) -> None:
    a, elsewhere = rows.item("a"), rows.item("b", stage="check")
    desk.mark(a, door=Door.CLOSE)
    desk.mark(elsewhere)

    assert desk.claim() == []


def test_the_longest_waiting_are_leased_first_and_about_as_many_as_wanted(
    rows: Rows, desk: Desk
) -> None:
    a, b, c = (rows.item(key) for key in "abc")
    desk.mark(c, seconds=1)
    desk.mark(a, b, seconds=2)

    assert desk.claimed(seconds=3, most=2) == [c, a]
    assert desk.claimed(seconds=3, most=2) == [b]


def test_a_cleared_item_is_done_until_it_is_marked_again(rows: Rows, desk: Desk) -> None:
    a = rows.item("a")
    desk.mark(a)
    desk.clear(desk.claim())
    assert desk.claim() == []

    desk.mark(a)
    assert desk.claimed() == [a]


def test_a_mark_newer_than_the_lease_survives_its_clearing(rows: Rows, desk: Desk) -> None:
    a = rows.item("a")
    desk.mark(a)
    leased = desk.claim()
    desk.mark(a, cause="a newer event", seconds=1)
    desk.clear(leased)

    (again,) = desk.claim("run-2", seconds=2)
    assert (again.marks, again.cause) == (((Door.AGGREGATE, 2),), "a newer event")


def test_a_repeated_mark_keeps_its_first_times_and_its_latest_cause(rows: Rows, desk: Desk) -> None:
    a = rows.item("a")
    desk.mark(a, cause="first", seconds=1, sent_at=wall(0.5))
    desk.mark(a, cause="second", seconds=3, sent_at=wall(2.5))

    (leased,) = desk.claim(seconds=4)
    assert (leased.marked_at, leased.sent_at, leased.cause) == (wall(1), wall(0.5), "second")


def test_one_look_answers_every_door_but_closing(rows: Rows, desk: Desk) -> None:
    a = rows.item("a")
    for door in Door:
        desk.mark(a, door=door)
    (leased,) = desk.claim(door=Door.REPOST)

    assert {door for door, _ in leased.marks} == set(Door) - {Door.CLOSE}
    desk.clear([leased])
    (closing,) = desk.claim(door=Door.CLOSE)
    assert closing.marks == ((Door.CLOSE, 1),)


def test_a_mark_is_not_taken_before_its_time(rows: Rows, desk: Desk) -> None:
    a = rows.item("a")
    desk.mark(a, not_before=wall(1.5))

    assert desk.claim(seconds=1) == []
    assert desk.waiting(1) == []
    assert desk.claimed(seconds=1.5) == [a]


def test_an_expired_lease_is_taken_over_and_a_renewed_one_is_not(rows: Rows, desk: Desk) -> None:
    a, b = rows.item("a"), rows.item("b")
    desk.mark(a, b)
    leased = desk.claim("run-1")
    with desk.store.writing() as connection:
        leases.renew(connection, [one for one in leased if one.item_id == b], wall(60))

    past = LEASE.total_seconds() + 1
    assert desk.claimed("run-2", seconds=past - 2) == []
    assert desk.claimed("run-2", seconds=past) == [a]


def test_a_run_that_lost_its_lease_cannot_give_back_what_another_holds(
    rows: Rows, desk: Desk
) -> None:
    desk.mark(rows.item("a"))
    late = desk.claim("run-1")
    past = LEASE.total_seconds() + 1
    desk.claim("run-2", seconds=past)
    desk.put_off(late, past, "too late")

    assert desk.claim("run-3", seconds=past + 1) == []
    assert desk.trouble(late[0].item_id) == (1, None)


def test_what_is_put_off_is_looked_at_again_later_and_says_why(rows: Rows, desk: Desk) -> None:
    a = rows.item("a")
    desk.mark(a)
    desk.put_off(desk.claim(), 5, "GetHIT: throttled")

    assert desk.trouble(a) == (1, "GetHIT: throttled")
    assert desk.claim(seconds=4) == []
    (again,) = desk.claim(seconds=5)
    assert (again.cause, again.marks) == ("GetHIT: throttled", ((Door.AGGREGATE, 1),))


def test_putting_off_a_look_does_not_put_off_the_closing(rows: Rows, desk: Desk) -> None:
    a = rows.item("a")
    desk.mark(a)
    desk.mark(a, door=Door.CLOSE, cause="settled")
    desk.put_off(desk.claim(), 5, "throttled")

    (closing,) = desk.claim(door=Door.CLOSE, seconds=1)
    assert closing.cause == "settled"


def test_what_is_postponed_is_in_no_trouble(rows: Rows, desk: Desk) -> None:
    a = rows.item("a")
    desk.mark(a)
    leased = desk.claim()
    with desk.store.writing() as connection:
        leases.postpone(connection, leased, wall(5))

    assert desk.trouble(a) == (0, None)
    assert (desk.claimed(seconds=4), desk.claimed(seconds=5)) == ([], [a])


def test_items_that_share_a_hit_are_leased_together(rows: Rows, desk: Desk) -> None:
    a, b, c, alone = (rows.item(key) for key in ("a", "b", "c", "alone"))
    rows.hit("HIT1", a, b)
    rows.hit("HIT2", b, c, generation=1)
    desk.mark(a)

    leased = desk.claim()
    assert {one.item_id for one in leased} == {a, b, c}
    assert {one.item_id: one.cause for one in leased} == {a: "an event", b: "by hand", c: "by hand"}
    assert alone not in {one.item_id for one in leased}


def test_items_that_share_a_hit_are_not_leased_while_one_is_worked_on(
    rows: Rows, desk: Desk
) -> None:
    a, b = rows.item("a"), rows.item("b")
    desk.mark(a)
    held = desk.claim("run-1")
    rows.hit("HIT1", a, b)
    desk.mark(b)
    # The group is refused to the same run, too, and its own lease on the first item stands.
    assert desk.claim("run-1") == []
    assert desk.claim("run-2") == []

    desk.clear(held)
    assert set(desk.claimed("run-2")) == {a, b}


def test_a_finished_item_is_not_leased_with_those_beside_it(rows: Rows, desk: Desk) -> None:
    a, done = rows.item("a"), rows.item("done")
    rows.hit("HIT1", a, done)
    with desk.store.writing() as connection:
        items.finished(connection, done, ItemState.SETTLED, "agreed", wall(0), label="poodle")
    desk.mark(a)

    assert desk.claimed() == [a]


def test_a_person_may_name_items_that_nothing_marked(rows: Rows, desk: Desk) -> None:
    a, b = rows.item("a"), rows.item("b")
    desk.mark(b)

    (leased,) = desk.claim(only=[a])
    assert (leased.item_id, leased.cause, leased.marks) == (a, "by hand", ())


def test_the_bell_counts_what_waits_and_nobody_works_on(rows: Rows, desk: Desk) -> None:
    a, b, c = (rows.item(key) for key in "abc")
    check = rows.item("a", stage="check")
    desk.mark(a)
    desk.claim()
    desk.mark(b, c)
    desk.mark(check, door=Door.PUBLISH)

    assert desk.waiting() == [
        Waiting(pipeline="dogs", stage="breed", door=Door.AGGREGATE, items=2),
        Waiting(pipeline="dogs", stage="check", door=Door.PUBLISH, items=1),
    ]
    assert desk.waiting(LEASE.total_seconds() + 1)[0].items == 3


def test_claimers_at_the_same_moment_never_get_the_same_item(rows: Rows, desk: Desk) -> None:
    ids = [rows.item(f"item-{number}") for number in range(24)]
    for first, second in zip(ids[:8:2], ids[1:8:2], strict=True):
        rows.hit(f"HIT{first}".upper(), first, second)
    desk.mark(*ids)
    got: dict[str, list[str]] = {f"run-{number}": [] for number in range(4)}
    together = threading.Barrier(len(got))

    def work(owner: str) -> None:
        together.wait()
        while claimed := desk.claimed(owner, most=3):
            got[owner] += claimed

    threads = [threading.Thread(target=work, args=[owner]) for owner in got]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    everything = [item_id for claimed in got.values() for item_id in claimed]
    assert len(everything) == len(set(everything))
    # Claimers that were in each other's way gave a shared HIT up; whoever asks next has it.
    assert sorted([*everything, *desk.claimed("run-5")]) == sorted(ids)
