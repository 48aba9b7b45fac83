"""Events: stored once, counted when repeated, and never lost, however early they come."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hitline.model import Door, EventType
from hitline.store import Store, claims, inbox, leases
from hitline.store.inbox import EARLY_LOOK, Unresolved
from hitline.store.schema import events, unparsed
from tests.contracts.store.rows import Rows, at, wall


def stored(store: Store) -> list[tuple[str, int, bool, str | None]]:
    with store.reading() as connection:
        rows = connection.execute(select(events).order_by(events.c.identity)).all()
    return [(row.identity, row.repeats, row.resolved, row.problem) for row in rows]


def marks(store: Store, seconds: float) -> dict[str, int]:
    """How many items wait behind each door at that wall time."""
    with store.reading() as connection:
        return {str(one.door): one.items for one in leases.waiting(connection, wall(seconds))}


def test_an_event_is_stored_with_its_stage_and_marks_the_items_of_its_hit(
    rows: Rows, store: Store
) -> None:
    rows.hit("HIT1", rows.item("a"), rows.item("b"))
    rows.item("c")

    assert rows.event(1, "HIT1", received=2, sent=1) == 1
    with store.reading() as connection:
        row = connection.execute(select(events)).one()
    assert (row.pipeline, row.stage, row.type, row.at, row.hit_id) == (
        "dogs", "breed", "HITReviewable", at(1), "HIT1",
    )  # fmt: skip
    assert (row.wall_sent_at, row.wall_received_at, row.resolved) == (wall(1), wall(2), True)
    assert marks(store, 2) == {"aggregate": 2}


def test_a_repeat_is_counted_and_still_marks(rows: Rows, store: Store) -> None:
    a = rows.item("a")
    rows.hit("HIT1", a)
    assert [rows.event(1, "HIT1", received=second) for second in range(3)] == [1, 0, 0]

    assert stored(store) == [("event-1", 2, True, None)]
    with store.writing() as connection:
        (leased,) = claims.claim(
            connection, Door.AGGREGATE, "dogs", "breed", owner="run", wall=wall(3), most=9
        )
    assert leased.marks == ((Door.AGGREGATE, 3),)


@pytest.mark.parametrize(
    ("event_type", "door"),
    [
        (EventType.HIT_REVIEWABLE, "aggregate"),
        (EventType.HIT_EXPIRED, "repost"),
        (EventType.ASSIGNMENT_SUBMITTED, "evaluate"),
        (EventType.ASSIGNMENT_ACCEPTED, None),
        (EventType.ASSIGNMENT_RETURNED, None),
        (EventType.HIT_CREATED, None),
        (EventType.HIT_DISPOSED, None),
    ],
)
def test_each_type_opens_its_door_or_is_only_recorded(
    rows: Rows, store: Store, event_type: EventType, door: str | None
) -> None:
    rows.hit("HIT1", rows.item("a"))
    rows.event(1, "HIT1", event_type)

    assert marks(store, 10) == ({door: 1} if door else {})
    assert stored(store) == [("event-1", 0, True, None)]


def test_an_early_look_waits_a_moment_for_the_last_answer(rows: Rows, store: Store) -> None:
    rows.hit("HIT1", rows.item("a"))
    rows.event(1, "HIT1", EventType.ASSIGNMENT_SUBMITTED, received=0)
    pause = EARLY_LOOK.total_seconds()

    assert marks(store, pause - 0.1) == {}
    assert marks(store, pause) == {"evaluate": 1}


def test_a_ping_belongs_to_no_hit_and_needs_no_explanation(rows: Rows, store: Store) -> None:
    rows.event(1, None, EventType.PING)

    assert stored(store) == [("event-1", 0, True, None)]


def test_an_event_faster_than_its_hit_waits_until_the_hit_is_known(
    rows: Rows, store: Store
) -> None:
    rows.event(1, "HIT1", EventType.ASSIGNMENT_SUBMITTED, received=1)
    rows.event(2, "HIT1", EventType.HIT_REVIEWABLE, received=2)
    with store.reading() as connection:
        assert set(inbox.early_types(connection, "HIT1")) == {
            EventType.ASSIGNMENT_SUBMITTED,
            EventType.HIT_REVIEWABLE,
        }
        assert inbox.unresolved(connection, wall(2), most=9) == [
            Unresolved(identity="event-1", type=EventType.ASSIGNMENT_SUBMITTED, hit_id="HIT1")
        ]

    with store.writing() as connection:
        inbox.resolve(connection, "HIT1", ("dogs", "breed"))
    with store.reading() as connection:
        assert inbox.early_types(connection, "HIT1") == []
        owned = connection.execute(select(events.c.pipeline, events.c.stage)).all()
    assert [tuple(owner) for owner in owned] == [("dogs", "breed"), ("dogs", "breed")]


def test_an_event_of_somebody_elses_hit_is_kept_with_the_reason(rows: Rows, store: Store) -> None:
    rows.event(1, "HITOFOTHERS")
    with store.writing() as connection:
        inbox.resolve(connection, "HITOFOTHERS", None, "the HIT is none of ours")

    assert stored(store) == [("event-1", 0, True, "the HIT is none of ours")]
    with store.reading() as connection:
        assert inbox.unresolved(connection, wall(9), most=9) == []


def test_unresolved_events_come_oldest_first_and_no_more_than_wanted(
    rows: Rows, store: Store
) -> None:
    for number in (3, 1, 2):
        rows.event(number, f"HIT{number}", received=number)

    with store.reading() as connection:
        found = inbox.unresolved(connection, wall(9), most=2)
    assert [event.hit_id for event in found] == ["HIT1", "HIT2"]


def test_what_could_not_be_read_is_kept_once_with_the_reason(store: Store) -> None:
    for second in (1, 2):
        with store.writing() as connection:
            inbox.keep_unparsed(
                store, connection, "message-1", "<xml>\U0001f415", "it is not JSON", wall(second)
            )

    with store.reading() as connection:
        row = connection.execute(select(unparsed)).one()
    assert (row.message_id, row.body, row.reason, row.wall_received_at) == (
        "message-1", "<xml>\U0001f415", "it is not JSON", wall(1),
    )  # fmt: skip
