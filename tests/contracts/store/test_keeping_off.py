"""Who has answered before, who holds what, what came back, and what staff said: the queries."""

from __future__ import annotations

from typing import Any

import pytest

from hitline.facts import Control, StaffLabel
from hitline.model import EventType, ItemState
from hitline.policies import Once
from hitline.store import Store, hits, items, outcomes, qualifications, relatives, staffing
from hitline.store.outcomes import Outcomes
from hitline.store.qualifications import Grant, Purpose
from tests.contracts.store.rows import Rows, at, wall

OFF = Purpose(name="off", pipeline="dogs", stage="breed", subject="item")
RETURNED, ABANDONED = EventType.ASSIGNMENT_RETURNED, EventType.ASSIGNMENT_ABANDONED


def answered(rows: Rows, item_id: str, *workers: str, counted: bool = True, hit: str = "") -> None:
    """Each of the workers answers the item, in a HIT that is there."""
    said: list[dict[str, Any]] = [
        {
            "assignment_id": f"ASSIGNMENT-{item_id}-{worker}",
            "worker_id": worker,
            "item_id": item_id,
            "hit_id": hit or "HIT",
            "values": {"breed": worker},
            "problem": None,
            "counted": counted,
            "why_not": None if counted else "late",
            "submitted_at": at(1),
        }
        for worker in workers
    ]
    with rows.store.writing() as connection:
        hits.record_answers(rows.store, connection, said)


def family(rows: Rows) -> dict[str, str]:
    """A message in stage find; two drafts made from it; a choice gathered from these; a check made
    from the first draft. Each has one worker, named after it."""
    made = {"message": rows.item("message", stage="find")}
    for name, stage, parent in (
        ("draft1", "draft", "message"),
        ("draft2", "draft", "message"),
        ("pick", "pick", "message"),
        ("check", "check", "draft1"),
    ):
        made[name] = rows.item(name, stage=stage, parent_id=made[parent])
    for name, item_id in made.items():
        answered(rows, item_id, f"A{name.upper()}")
    return made


@pytest.mark.parametrize(
    ("name", "once", "had_a_part"),
    [
        ("draft1", Once(), set()),
        ("draft1", Once(per="parent"), {"ADRAFT2"}),
        ("message", Once(per="parent"), set()),
        ("pick", Once(not_by=["draft"]), {"ADRAFT1", "ADRAFT2"}),
        ("pick", Once(not_by=["find"]), {"AMESSAGE"}),
        # Of the drafts only the one that it comes from.
        ("check", Once(not_by=["draft"]), {"ADRAFT1"}),
        ("check", Once(not_by=["find", "pick"]), {"AMESSAGE", "APICK"}),
        ("draft2", Once(per="stage"), {"ADRAFT1"}),
    ],
    ids=str,
)
def test_who_had_a_part_in_what_an_item_is_related_to(
    rows: Rows, store: Store, name: str, once: Once, had_a_part: set[str]
) -> None:
    made = family(rows)
    with store.reading() as connection:
        (item,) = items.load(connection, [made[name]])

        assert relatives.had_a_part(connection, item, once) == had_a_part
        assert relatives.answered_before(connection, item, once) == {
            f"A{name.upper()}",
            *had_a_part,
        }


def test_what_does_not_count_bars_nobody_but_was_submitted(rows: Rows, store: Store) -> None:
    item_id = rows.item("a")
    answered(rows, item_id, "ALATE", counted=False)
    with store.reading() as connection:
        (item,) = items.load(connection, [item_id])

        assert relatives.answered_before(connection, item, Once()) == set()
        assert relatives.submitters(connection, [item_id]) == {item_id: {"ALATE"}}
        assert relatives.repeats(connection, [item_id], ["late"]) == [item_id]


def want(store: Store, *, granted: bool, worker: str = "AWORKER1") -> bool:
    grant = Grant(purpose=OFF, worker_id=worker, granted=granted, reason="has answered")
    with store.writing() as connection:
        return qualifications.want(store, connection, grant, at(0))


def tell(store: Store, *, granted: bool) -> None:
    grant = Grant(purpose=OFF, worker_id="AWORKER1", granted=granted, reason="has answered")
    with store.writing() as connection:
        qualifications.done(connection, grant, wall(0))


def test_a_grant_is_due_until_the_endpoint_knows_and_again_once_it_is_wanted_otherwise(
    store: Store,
) -> None:
    assert want(store, granted=True)
    assert want(store, granted=True)
    tell(store, granted=True)
    assert not want(store, granted=True)

    assert want(store, granted=False)
    with store.reading() as connection:
        (waiting,) = qualifications.undone(connection)
        assert (waiting.purpose, waiting.granted) == (OFF, False)
        assert qualifications.holders(connection, OFF) == set()
    # A call that was made for what was wanted before does not stand for this one.
    tell(store, granted=True)
    with store.reading() as connection:
        assert len(qualifications.undone(connection)) == 1


def test_a_type_is_remembered_and_so_is_why_one_was_refused(store: Store) -> None:
    with store.writing() as connection:
        qualifications.record(store, connection, OFF, wall(0), made=None, problem="unknown")
        assert qualifications.type_id(connection, OFF) is None
        assert qualifications.refused_since(connection, "dogs", wall(-1)) == "unknown"
        assert qualifications.refused_since(connection, "dogs", wall(1)) is None
        assert qualifications.refused_since(connection, "cats", wall(-1)) is None

        qualifications.record(store, connection, OFF, wall(5), made="QUALIFICATION1")
        assert qualifications.type_id(connection, OFF) == "QUALIFICATION1"
        assert qualifications.refused_since(connection, "dogs", wall(-1)) is None
        assert qualifications.subjects(connection, "dogs", "breed", ["item", "b"]) == {"item"}


# Outcomes


def outcomes_at(store: Store, minute: float, most: int = 100) -> Outcomes | None:
    with store.reading() as connection:
        return outcomes.latest(connection, "dogs", "breed", most=most, by=at(minute))


def test_returned_and_run_out_count_against_what_was_submitted(rows: Rows, store: Store) -> None:
    rows.hit("HIT1", rows.item("a"))
    for number, kind in ((3, RETURNED), (4, ABANDONED), (5, EventType.HIT_EXPIRED)):
        rows.event(number, "HIT1", kind)
    rows.event(6, "HIT of somebody else", RETURNED)
    rows.submission(7, "HIT1")

    assert outcomes_at(store, 10) == Outcomes(came_back=2, submitted=1)
    assert outcomes_at(store, 3) == Outcomes(came_back=1, submitted=0)
    assert outcomes_at(store, 2) is None
    # The latest two are a submission and what ran out of time.
    assert outcomes_at(store, 10, most=2) == Outcomes(came_back=1, submitted=1)


@pytest.mark.parametrize("resumed", ["", "breed"])
def test_what_came_back_before_a_stage_was_resumed_is_forgotten(
    rows: Rows, store: Store, resumed: str
) -> None:
    rows.hit("HIT1", rows.item("a"))
    rows.event(3, "HIT1", RETURNED)
    with store.writing() as connection:
        items.set_control(store, connection, "dogs", resumed, Control.RUNNING, at(4))
        items.set_control(store, connection, "dogs", resumed, Control.PAUSED)
    rows.event(5, "HIT1", RETURNED)

    assert outcomes_at(store, 10) == Outcomes(came_back=1, submitted=0)


def test_stages_of_which_something_came_back_lately_are_found(rows: Rows, store: Store) -> None:
    rows.hit("HIT1", rows.item("a"))
    rows.event(3, "HIT1", RETURNED, received=100)
    rows.event(4, "nobody's", RETURNED, received=100)

    with store.reading() as connection:
        assert outcomes.with_returns(connection, wall(50)) == [("dogs", "breed")]
        assert outcomes.with_returns(connection, wall(150)) == []


# The staff queue


def in_queue(rows: Rows, key: str) -> str:
    item_id = rows.item(key)
    with rows.store.writing() as connection:
        items.finished(connection, item_id, ItemState.STAFF, "nobody came", at(9))
    return item_id


def test_the_queue_says_since_when_and_why(rows: Rows, store: Store) -> None:
    rows.item("b")
    a = in_queue(rows, "a")

    with store.reading() as connection:
        (waiting,) = staffing.waiting(connection, "dogs", "breed")
        assert (waiting.item_id, waiting.since, waiting.why) == (a, at(9), "nobody came")
        assert staffing.waiting(connection, "dogs", "other") == []


def test_an_item_in_the_queue_stays_there_though_there_is_no_money(
    rows: Rows, store: Store
) -> None:
    a = in_queue(rows, "a")
    with store.writing() as connection:
        assert items.held(connection, a, "no money", for_money=True)
        assert not items.held(connection, a, "no money", for_money=True)
        (item,) = items.load(connection, [a])

    assert item.state is ItemState.STAFF


def test_of_staffs_answers_only_those_in_hits_of_theirs_count(rows: Rows, store: Store) -> None:
    a = in_queue(rows, "a")
    rows.hit("CROWD", a)
    rows.hit("STAFF", a, rung=-1)
    answered(rows, a, "ACROWD", hit="CROWD")
    answered(rows, a, "ASTAFF", hit="STAFF")

    with store.reading() as connection:
        assert staffing.said(connection, [a]) == {a: [{"breed": "ASTAFF"}]}


def test_what_staff_wrote_last_in_a_file_stands(rows: Rows, store: Store) -> None:
    a = in_queue(rows, "a")
    with store.writing() as connection:
        for label in ("poodle", "terrier"):
            staffing.keep(store, connection, a, 0, label, "queue.csv", at(1))
        staffing.keep(store, connection, a, 1, "asked anew", "queue.csv", at(1))

        assert staffing.in_files(connection, [a]) == {
            a: StaffLabel(label="terrier", source="queue.csv")
        }


def test_a_hit_that_asks_staff_has_an_unfinished_item(rows: Rows, store: Store) -> None:
    a = in_queue(rows, "a")
    rows.hit("CROWD", a)
    rows.hit("STAFF", a, rung=-1)

    with store.reading() as connection:
        assert hits.unfinished_items(connection, "CROWD") == 0
        assert hits.unfinished_items(connection, "STAFF") == 1
