"""Bells: wakes coalesce, an unanswered one is rung again, and none is forgotten."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hitline.model import Door
from hitline.store import Store, bells, repairs
from hitline.store.bells import UNANSWERED
from hitline.store.leases import LEASE, Waiting
from tests.contracts.store.rows import wall

WAITING = Waiting(pipeline="dogs", stage="breed", door=Door.AGGREGATE, items=3)
AGAIN = UNANSWERED.total_seconds()
DEAD = LEASE.total_seconds()


def rings(store: Store, seconds: float, *, queued: bool = False) -> bool:
    """Whether a bell is rung at this time for items that wait."""
    runs = [WAITING] if queued else []
    with store.writing() as connection:
        due = bells.due(store, connection, [WAITING], wall(seconds), queued=runs)
    return bool(due)


def is_unanswered(store: Store, seconds: float) -> bool:
    with store.reading() as connection:
        return bool(bells.unanswered(connection, [WAITING], wall(seconds)))


def hear(store: Store, seconds: float) -> None:
    with store.writing() as connection:
        bells.answered(store, connection, "dogs", "breed", Door.AGGREGATE, wall(seconds))


def finish(store: Store, seconds: float) -> None:
    with store.writing() as connection:
        bells.finished(store, connection, "dogs", "breed", Door.AGGREGATE, wall(seconds))


def test_a_single_item_rings_at_once(store: Store) -> None:
    assert rings(store, 0)


def test_nothing_waiting_rings_nothing(store: Store) -> None:
    with store.writing() as connection:
        assert bells.due(store, connection, [], wall(0)) == []


@pytest.mark.parametrize(
    ("heard", "done", "until", "again"),
    [
        # Nobody answered: the event was lost, or the worker is busy.
        ([], [], AGAIN - 0.1, AGAIN),
        # A run drains what is marked while it works, unless it died with its leases.
        ([2], [], 2 + DEAD - 0.1, 2 + DEAD),
        # It found nothing left: at most one bell a second.
        ([0.2], [0.4], 0.9, 1),
        ([2], [5], None, 5),
        # A second run of the same bell still works.
        ([0.2, 3], [0.4], 0.9, 1),
    ],
    ids=["unanswered", "answered", "done at once", "done later", "answered twice"],
)
def test_when_a_rung_bell_rings_again(
    store: Store, heard: Sequence[float], done: Sequence[float], until: float | None, again: float
) -> None:
    rings(store, 0)
    for second in heard:
        hear(store, second)
    for second in done:
        finish(store, second)

    assert until is None or not rings(store, until)
    assert rings(store, again)


def test_what_an_earlier_run_did_says_nothing_of_a_later_bell(store: Store) -> None:
    rings(store, 0)
    hear(store, 1)
    finish(store, 2)
    assert rings(store, 3)

    assert not rings(store, 3 + AGAIN - 0.1)
    assert rings(store, 3 + AGAIN)


def test_every_stage_and_door_has_its_own_bell(store: Store) -> None:
    other_door = Waiting(pipeline="dogs", stage="breed", door=Door.REPOST, items=1)
    other_stage = Waiting(pipeline="dogs", stage="check", door=Door.AGGREGATE, items=1)
    rings(store, 0)

    with store.writing() as connection:
        due = bells.due(store, connection, [WAITING, other_door, other_stage], wall(0.1))
    assert due == [other_door, other_stage]


def test_a_run_started_by_hand_needs_no_bell_first(store: Store) -> None:
    hear(store, 0)
    finish(store, 1)

    assert rings(store, 1)


def test_an_unanswered_bell_is_rung_less_and_less_often(store: Store) -> None:
    """After 10, 20, and then every 30 seconds."""
    rung = [second for second in range(300) if rings(store, second)]

    assert rung == [0, 10, 30, 60, 90, 120, 150, 180, 210, 240, 270]


def test_nobody_answers_for_an_hour(store: Store) -> None:
    """And it goes on being rung."""
    rung = [second for second in range(0, 3600, 10) if rings(store, second)]

    assert rung[-1] == 3570
    assert len(rung) == 121


def test_a_bell_whose_run_is_queued_is_not_rung_again_while_it_is(store: Store) -> None:
    """No worker is there: a second run would only be one more to wait."""
    rings(store, 0)

    assert not any(rings(store, second, queued=True) for second in range(1, 3600))
    assert rings(store, 3610)


def test_a_queued_run_is_no_repair_and_one_that_was_lost_is(store: Store) -> None:
    rings(store, 0)
    rings(store, AGAIN, queued=True)
    with store.reading() as connection:
        assert repairs.by_cause(connection) == {}
    rings(store, 2 * AGAIN)
    with store.reading() as connection:
        assert repairs.by_cause(connection) == {repairs.NO_RUN_CAME: 1}


def test_the_first_bell_is_rung_whatever_is_queued(store: Store) -> None:
    """Such as a run that somebody scheduled by hand."""
    assert rings(store, 0, queued=True)


def test_only_a_bell_that_should_have_been_answered_by_now_is_unanswered(store: Store) -> None:
    assert not is_unanswered(store, 0)
    rings(store, 0)
    assert not is_unanswered(store, AGAIN - 0.1)
    assert is_unanswered(store, AGAIN)
    hear(store, AGAIN)
    assert not is_unanswered(store, AGAIN + DEAD)


def test_once_answered_it_is_rung_again_as_soon_as_at_first(store: Store) -> None:
    for second in range(60):
        rings(store, second)
    hear(store, 61)
    finish(store, 62)

    assert rings(store, 63)
    assert not rings(store, 72)
    assert rings(store, 73)


def test_a_bell_that_could_not_be_rung_is_rung_at_the_next_chance(store: Store) -> None:
    rings(store, 0)
    with store.writing() as connection:
        bells.unheard(connection, [WAITING])

    assert rings(store, 0.1)
