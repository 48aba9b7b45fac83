"""Hourly wages: once for a worker and a day, and never twice for the same work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hitline.acting import auditing, wages
from hitline.acting.wages import Waged
from hitline.pipeline import Pipeline
from hitline.policies import Fixed
from hitline.store import caps, schema
from hitline.store.caps import Cap
from tests.contracts.acting.lab import Killed, Lab, Mortal, MortalStore, stage

Open = Callable[..., Lab]


def lab_at(open_lab: Open, hourly_wage: str | None = "12.00", **changes: Any) -> Lab:
    """One answer an item, five cents each; it is 10 o'clock on the 5th of January."""
    attributes: dict[str, Any] = {
        "redundancy": Fixed(answers=1),
        "duration": "12h",
        "lifetime": "30d",
    }
    asked = stage("ask", **{**attributes, **changes})
    return open_lab(Pipeline("lab", stages=[asked], hourly_wage=hourly_wage))


def do(lab: Lab, *keys: str, minutes: float, worker: str = "AWORKER") -> None:
    """A worker does one item after the other, in so many minutes each; all are approved."""
    lab.prepare()
    lab.add(*keys)
    lab.drive_all()
    for hit in lab.hits()[-len(keys) :]:
        held = lab.market.accept(hit, worker)
        lab.market.advance(minutes=minutes)
        lab.market.engine.submit(held, worker, {"answer": "yes"})
    lab.finish()


def pay(lab: Lab) -> Waged:
    lab.market.advance(minutes=2)
    return wages.pay(lab.hitline)


def paid(lab: Lab) -> list[tuple[str, str]]:
    """(worker, amount) of every bonus at the endpoint, by assignment."""
    return [
        (bonus.worker_id, str(bonus.amount))
        for hit in lab.hits()
        for bonus in lab.requester.list_bonuses(hit_id=hit)
    ]


def days(lab: Lab) -> list[tuple[str, date, int, str, str]]:
    """(worker, day, seconds, rewards, due)."""
    with lab.store.reading() as connection:
        rows = connection.execute(
            schema.wage_days.select().order_by(schema.wage_days.c.day, schema.wage_days.c.worker_id)
        )
        return [
            (row.worker_id, row.day, row.seconds, str(row.rewards), str(row.due)) for row in rows
        ]


def next_day(lab: Lab) -> None:
    lab.market.advance(days=1)


FIFTH, SIXTH = date(2026, 1, 5), date(2026, 1, 6)


def test_a_day_is_topped_up_once_it_is_over(open_lab: Open) -> None:
    """Three times five minutes at 12 dollars are worth 3.00; 0.15 were earned."""
    lab = lab_at(open_lab)
    do(lab, "one", "two", "three", minutes=5)
    assert pay(lab).days == 0

    next_day(lab)

    assert pay(lab).sent.paid == 1
    assert paid(lab) == [("AWORKER", "2.85")]
    assert days(lab) == [("AWORKER", FIFTH, 900, "0.15", "2.85")]
    assert pay(lab) == Waged(days=0, sent=wages.Sent())
    assert paid(lab) == [("AWORKER", "2.85")]


def test_the_bonus_stands_in_the_ledger_with_its_fee_and_the_account_agrees(
    open_lab: Open,
) -> None:
    lab = lab_at(open_lab)
    do(lab, "one", minutes=5)
    next_day(lab)
    pay(lab)

    lab.audit()
    assert auditing.audit(lab.hitline).differences == ()
    assert lab.spent() == Decimal("0.06") + Decimal("0.95") + Decimal("0.19")


def test_rewards_that_make_up_the_wage_lead_to_no_bonus(open_lab: Open) -> None:
    lab = lab_at(open_lab, hourly_wage="0.50")
    do(lab, "one", minutes=5)
    next_day(lab)

    assert pay(lab) == Waged(days=1, sent=wages.Sent())
    assert paid(lab) == []


def test_without_a_wage_nothing_is_reckoned(open_lab: Open) -> None:
    lab = lab_at(open_lab, hourly_wage=None)
    do(lab, "one", minutes=5)
    next_day(lab)

    assert pay(lab) == Waged(days=0, sent=wages.Sent())


def test_an_assignment_kept_open_for_hours_counts_three_typical_times(open_lab: Open) -> None:
    """Of the others each took two minutes; six minutes at 12 dollars are 1.20, less 0.05."""
    lab = lab_at(open_lab)
    do(lab, "one", "two", "three", minutes=2)
    do(lab, "four", minutes=180, worker="ASLOW")
    next_day(lab)

    pay(lab)

    assert ("ASLOW", FIFTH, 360, "0.05", "1.15") in days(lab)


def test_hoarded_assignments_count_the_time_that_they_took_together(open_lab: Open) -> None:
    """Five accepted at once and submitted every two minutes: ten minutes, not thirty."""
    lab = lab_at(open_lab)
    lab.launch(*"abcde")
    held = [lab.market.accept(hit, "AWORKER") for hit in lab.hits()]
    for one in held:
        lab.market.advance(minutes=2)
        lab.market.engine.submit(one, "AWORKER", {"answer": "yes"})
    lab.finish()
    next_day(lab)

    pay(lab)

    assert days(lab) == [("AWORKER", FIFTH, 600, "0.25", "1.75")]


def test_what_is_approved_late_is_covered_by_the_next_days_top_up(open_lab: Open) -> None:
    """Two answers to "two" are needed, and the second comes a day later."""
    lab = lab_at(open_lab)
    do(lab, "one", minutes=5)
    lab.pipeline = Pipeline(
        "lab",
        stages=[stage("ask", redundancy=Fixed(answers=2), duration="12h", lifetime="30d")],
        hourly_wage="12.00",
    )
    do(lab, "two", minutes=5)
    next_day(lab)
    pay(lab)
    assert paid(lab) == [("AWORKER", "0.95")]
    lab.market.submit(lab.hits()[-1], "AOTHER", answer="yes")
    lab.finish()
    assert pay(lab).days == 0, "the 5th is reckoned already"

    next_day(lab)
    pay(lab)

    assert days(lab)[0] == ("AWORKER", FIFTH, 300, "0.05", "0.95")
    assert ("AWORKER", SIXTH, 300, "0.05", "0.95") in days(lab)
    assert paid(lab).count(("AWORKER", "0.95")) == 2


def test_rejected_work_is_neither_time_nor_reward(open_lab: Open) -> None:
    lab = lab_at(open_lab, pay=stage("x").pay)
    lab.launch("one")
    held = lab.market.accept(lab.hits()[0], "AWORKER")
    lab.market.advance(minutes=5)
    lab.market.engine.submit(held, "AWORKER", {"answer": "yes"})
    lab.requester.reject(held, "Not read.")
    lab.finish()
    next_day(lab)

    assert pay(lab).days == 0


def test_what_is_too_little_to_send_adds_to_the_next_day(open_lab: Open) -> None:
    """A minute at 4.80 is worth 0.08, so 0.03 are missing: two days make the least, 0.05."""
    lab = lab_at(open_lab, hourly_wage="4.80")
    do(lab, "one", minutes=1)
    next_day(lab)
    pay(lab)
    assert paid(lab) == []
    do(lab, "two", minutes=1)
    next_day(lab)

    pay(lab)

    assert [day[4] for day in days(lab)] == ["0.03", "0.03"]
    assert paid(lab) == [("AWORKER", "0.06")]


def test_over_the_cap_a_top_up_is_held_and_sent_once_that_is_raised(open_lab: Open) -> None:
    lab = lab_at(open_lab)
    do(lab, "one", minutes=5)
    put_cap(lab, "0.50")
    next_day(lab)
    assert pay(lab).sent.held == 1
    assert pay(lab).sent.held == 1

    put_cap(lab, "5.00")

    assert pay(lab).sent.paid == 1
    assert paid(lab) == [("AWORKER", "0.95")]


def put_cap(lab: Lab, total: str) -> None:
    with lab.store.writing() as connection:
        caps.put(lab.store, connection, Cap(pipeline="lab", total=Decimal(total)))


@pytest.mark.slow
def test_killed_between_any_two_steps_a_day_is_paid_once(open_lab: Open) -> None:
    """A day of another worker each time, disturbed one step later, until one gets through."""
    lab = lab_at(open_lab)
    mortal = Mortal(lab.market.client, Killed)
    lab.reopen(MortalStore(lab.store, mortal))
    through, points = False, 0
    while not through:
        do(lab, f"item-{points}", minutes=5, worker=f"AWORKER{points}")
        next_day(lab)
        mortal.left = points
        with suppress(Killed):
            pay(lab)
        through, mortal.left = mortal.left is not None, None
        pay(lab)
        points += 1
        assert sorted(paid(lab)) == [(f"AWORKER{n}", "0.95") for n in range(points)]
        assert lab.reserved() == Decimal("0.00")
    assert points >= 5
