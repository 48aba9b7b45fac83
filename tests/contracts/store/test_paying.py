"""Judgements, bonuses and wages in the database: what is due, what counts, what was covered."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hitline.model import AssignmentStatus
from hitline.policies import Approve, NoRaise, Policy, Staff, VoteLead
from hitline.store import Store, bonuses, hits, items, judgements, wages
from hitline.store.bonuses import Bonus, BonusState
from hitline.store.schema import answers
from hitline.wage import Day, Spell, Work
from tests.contracts.store.rows import Rows, at, wall

TWELVE = Decimal("12.00")
FIFTH = date(2026, 1, 5)
WHO = ("ASSIGNMENT1", "AWORKER1")


def policy(hourly_wage: Decimal | None) -> Policy:
    return Policy(
        redundancy=VoteLead(),
        rewards=(Decimal("0.05"),),
        end=NoRaise(then=Staff()).then,
        pay=Approve(),
        lifetime=timedelta(hours=1),
        duration=timedelta(minutes=5),
        field="breed",
        hourly_wage=hourly_wage,
    )


@pytest.fixture
def approved(store: Store, rows: Rows) -> Store:
    """AWORKER1 to AWORKER3 have answered "terrier" at their minute, whose answer is known."""
    item_id = rows.item("rex", golds={"breed": "poodle"})
    rows.hit("HIT1", item_id)
    with store.writing() as connection:
        items.register_version(connection, "dogs", "breed", policy(TWELVE), wall(0))
    for number in (1, 2, 3):
        rows.submission(number, "HIT1", AssignmentStatus.APPROVED)
        with store.writing() as connection:
            said: dict[str, Any] = {
                "assignment_id": f"ASSIGNMENT{number}",
                "worker_id": f"AWORKER{number}",
                "item_id": item_id,
                "hit_id": "HIT1",
                "values": {"breed": "terrier"},
                "counted": True,
                "submitted_at": at(number),
            }
            hits.record_answers(store, connection, [said])
    return store


def counting(store: Store) -> list[str]:
    with store.reading() as connection:
        found = connection.scalars(answers.select().where(answers.c.counted.is_(True)))
        return sorted(found)


def to_reckon(store: Store, before: float = 60) -> list[str]:
    with store.reading() as connection:
        (rates,) = wages.rates(connection).values()
        return wages.to_reckon(connection, "dogs", FIFTH, at(before), rates)


def cover(store: Store, worker: str, due: str) -> bool:
    """Reckon a worker's day."""
    reckoned = Day(worked=timedelta(minutes=1), worth=Decimal(due), rewards=Decimal("0.00"))
    with store.writing() as connection:
        (rates,) = wages.rates(connection).values()
        found = wages.approved(connection, "dogs", worker, at(60), rates)
        spells = [(one, Spell(start=at(0), end=at(1), wage=TWELVE)) for one in found]
        if not wages.record_day(store, connection, "dogs", worker, FIFTH, reckoned):
            return False
        wages.record_spells(connection, "dogs", FIFTH, spells)
        return True


# Judgements


def test_rejected_answers_do_not_count_until_that_is_taken_back(approved: Store) -> None:
    with approved.writing() as connection:
        (hit,) = hits.load(connection, ["HIT1"])
        assert judgements.discount(approved, connection, hit, WHO)
        assert not judgements.discount(approved, connection, hit, WHO)
    assert counting(approved) == ["ASSIGNMENT2", "ASSIGNMENT3"]

    with approved.writing() as connection:
        assert judgements.count_again(approved, connection, hit, WHO)
        assert not judgements.count_again(approved, connection, hit, WHO)
    assert counting(approved) == ["ASSIGNMENT1", "ASSIGNMENT2", "ASSIGNMENT3"]


def test_a_workers_record_names_what_failed(approved: Store) -> None:
    with approved.reading() as connection:
        (hit,) = hits.load(connection, ["HIT1"])
        record = judgements.record(connection, hit, *WHO)

    assert (record.right, record.known, record.failed) == (0, 1, ("rex",))


def test_what_is_due_is_brought_forward_and_never_put_off(store: Store, rows: Rows) -> None:
    rows.hit("HIT1", rows.item("rex"))
    rows.submission(1, "HIT1")  # due at minute 61
    for minute, due in ((90, 61), (30, 30), (40, 30)):
        with store.writing() as connection:
            judgements.bring_forward(connection, *WHO, at(minute))
            found = judgements.find(connection, "ASSIGNMENT1")
        assert found is not None
        assert found.judge_by == at(due)


# Wages


def test_who_has_approved_work_that_no_day_covers_is_to_be_reckoned(approved: Store) -> None:
    assert to_reckon(approved) == ["AWORKER1", "AWORKER2", "AWORKER3"]
    assert to_reckon(approved, before=2.5) == ["AWORKER1", "AWORKER2"]


def test_a_day_is_reckoned_once(approved: Store) -> None:
    assert cover(approved, "AWORKER1", "0.03")
    assert not cover(approved, "AWORKER1", "0.03")
    assert to_reckon(approved) == ["AWORKER2", "AWORKER3"]


def test_what_was_covered_is_remembered_with_its_time(approved: Store) -> None:
    cover(approved, "AWORKER1", "0.03")

    with approved.reading() as connection:
        assert wages.covered(connection, "dogs", "AWORKER1", at(1)) == []
        assert wages.covered(connection, "dogs", "AWORKER1", at(0.5)) == [
            Spell(start=at(0), end=at(1), wage=TWELVE)
        ]


def test_what_is_owed_adds_up_until_a_bonus_is_ordered(approved: Store) -> None:
    cover(approved, "AWORKER1", "0.03")
    with approved.writing() as connection:
        assert wages.owed(connection, "dogs", "AWORKER1") == Decimal("0.03")
        wages.ordered(connection, "dogs", "AWORKER1", "t")
        assert wages.owed(connection, "dogs", "AWORKER1") == Decimal("0.00")


def test_a_policy_without_a_wage_has_no_work_to_reckon(approved: Store) -> None:
    with approved.writing() as connection:
        items.register_version(connection, "dogs", "breed", policy(None), wall(0))
        assert wages.rates(connection) == {"dogs": {("breed", 1): TWELVE}}


def test_the_newest_submissions_of_a_stage_come_first(approved: Store) -> None:
    with approved.reading() as connection:
        newest = wages.newest(connection, "dogs", "breed")

    assert newest[0] == Work(worker_id="AWORKER3", accepted_at=None, submitted_at=at(3))


# Bonuses


def test_a_bonus_is_ordered_once_and_sent_until_it_has_an_end(store: Store) -> None:
    bonus = Bonus(
        token="t",
        pipeline="dogs",
        stage="breed",
        worker_id="AWORKER1",
        assignment_id="ASSIGNMENT1",
        amount=Decimal("0.50"),
        fee=Decimal("0.10"),
        reason="For care.",
        cause="a test",
        ordered_at=at(1),
    )
    with store.writing() as connection:
        assert bonuses.order(store, connection, bonus)
        assert not bonuses.order(store, connection, bonus)
        assert bonuses.load(connection, "t") == bonus
        assert bonuses.unsent(connection, wall(0)) == ["t"]
        bonuses.change(connection, "t", wall_tried_at=wall(10), held="no room")
        assert bonuses.unsent(connection, wall(9)) == []
        assert bonuses.any_held(connection, "dogs", "breed")
        bonuses.change(connection, "t", state=BonusState.PAID, held=None)
        assert bonuses.unsent(connection, wall(99)) == []
        assert not bonuses.any_held(connection, "dogs", "breed")
