"""What the status shows beside the counts: whatever needs a person's eye."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hitline.model import Door, EventType
from hitline.reporting.health import Group, Leases, Pending, UnreadableAnswer, health
from hitline.reporting.inbox import Heard, Unparsed, last_events
from hitline.store import Store, claims, inbox, leases, repairs

WALL = datetime(2026, 2, 1, 12, tzinfo=UTC)


def wall(seconds: float) -> datetime:
    return WALL + timedelta(seconds=seconds)


def test_what_could_not_be_read_is_told_with_the_reason(world: Any) -> None:
    with world.read() as connection:
        now = health(connection, wall(10))

    assert (now.unparsed, now.unreadable) == (1, 1)
    assert now.last_unparsed == (
        Unparsed(received_at=wall(3), message_id="message-1", reason="it is no JSON", body="<xml>"),
    )
    assert now.last_unreadable == (
        UnreadableAnswer(
            key="d",
            stage="breed",
            assignment_id="ASSIGNMENT3",
            worker_id="AWORKER3",
            problem="breed: 'x\x1b[31m' is no label",
            submitted_at=datetime(2026, 1, 5, 10, 13, tzinfo=UTC),
        ),
    )


def test_held_items_are_grouped_by_reason(world: Any) -> None:
    with world.read() as connection:
        now = health(connection, wall(10))

    assert now.held == (Group(stage="breed", reason="the budget has 0.02 left", items=1),)
    assert now.troubled == ()


def test_events_are_told_by_way_and_type_and_those_none_of_ours_apart(world: Any) -> None:
    expired, reviewable = EventType.HIT_EXPIRED, EventType.HIT_REVIEWABLE
    with world.store.writing() as connection:
        inbox.came_by(world.store, connection, "sqs", [expired, reviewable, reviewable], wall(1))
        inbox.came_by(world.store, connection, "sqs", [reviewable], wall(2))
        inbox.came_by(world.store, connection, "lambda", [reviewable], wall(3))
    with world.read() as connection:
        now = health(connection, wall(10))

    assert now.heard == (
        Heard(way="lambda", type="HITReviewable", count=1, last_at=wall(3)),
        Heard(way="sqs", type="HITExpired", count=1, last_at=wall(1)),
        Heard(way="sqs", type="HITReviewable", count=3, last_at=wall(2)),
    )
    assert (now.foreign, now.unexplained) == (1, 0)


def test_marks_leases_and_calls_without_outcome_are_told(world: Any) -> None:
    """HIT6's two events marked check's item; e's lease runs, h's has run out."""
    with world.store.writing() as connection:
        leases.mark(world.store, connection, [world.id("e")], Door.AGGREGATE, "x", wall(5))
        for seconds, door in ((-200, Door.PUBLISH), (9, Door.AGGREGATE)):
            claims.claim(
                connection, door, "dogs", "breed", owner="run", wall=wall(seconds), most=5,
                only=[world.id("h" if door is Door.PUBLISH else "e")],
            )  # fmt: skip
    with world.read() as connection:
        now = health(connection, wall(10))

    assert now.marks == (
        Pending(stage="breed", kind="aggregate", count=1, since=wall(5)),
        Pending(stage="breed", kind="publish", count=1, since=wall(4)),
        Pending(stage="check", kind="aggregate", count=1, since=wall(0)),
        Pending(stage="check", kind="repost", count=1, since=wall(1)),
    )
    assert now.leases == Leases(held=1, run_out=1)
    assert now.undone == (Pending(stage="breed", kind="extend", count=1, since=wall(1)),)


def test_another_pipelines_troubles_are_left_out(world: Any) -> None:
    with world.read() as connection:
        now = health(connection, wall(10), "cats")

    assert (now.held, now.marks, now.undone, now.unreadable) == ((), (), (), 0)
    assert now.unparsed == 1


def test_an_empty_database_is_in_order(store: Store) -> None:
    with store.reading() as connection:
        now = health(connection, wall(10))

    assert now.leases == Leases(held=0, run_out=0)
    assert (now.unparsed, now.foreign, now.heard, now.held) == (0, 0, (), ())


def test_the_newest_events_come_first(world: Any) -> None:
    with world.read() as connection:
        found = last_events(connection, 2)

    assert [(one.type, one.hit_id, one.stage, one.repeats) for one in found] == [
        ("HITReviewable", "HITOFOTHERS", None, 0),
        ("HITExpired", "HIT6", "dogs/check", 0),
    ]
    assert found[0].problem == "the HIT is none of ours"


def test_what_was_put_right_in_the_last_day_is_counted_by_cause(store: Store) -> None:
    with store.writing() as connection:
        for hours, causes in ((-30, {"long ago": 1}), (-2, {"a lease ran out": 2}), (0, {"b": 1})):
            repairs.count(store, connection, causes, wall(hours * 3600))

    with store.reading() as connection:
        assert health(connection, wall(10)).repaired == {"a lease ran out": 2, "b": 1}
