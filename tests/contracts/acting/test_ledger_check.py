"""The ledger against the endpoint: each difference by its name, and none where there is none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import delete, update

from hitline.acting import auditing
from hitline.acting.auditing import Audit
from hitline.store import commitments, ledger
from hitline.store import schema as ours
from hitline.store.ledger import Amount
from tests.contracts.acting.lab import Lab

SIX_CENTS = Amount(reward=Decimal("0.05"), fee=Decimal("0.01"))


def audit(lab: Lab) -> Audit:
    return auditing.audit(lab.hitline, "lab")


def said(lab: Lab) -> list[str]:
    return [one.said for one in audit(lab).differences]


def enter(lab: Lab, entry: str, **about: str | None) -> None:
    """An entry that nothing happened for."""
    with lab.store.writing() as connection:
        ledger.enter(
            lab.store, connection, token=f"{entry}:made up", entry=entry, pipeline="lab",
            stage="ask", amount=SIX_CENTS, cause="made up", at=lab.hitline.clock.now(), **about,
        )  # fmt: skip


@pytest.fixture
def settled(lab: Lab) -> tuple[Lab, str]:
    """One item, two answers, all paid and closed: 0.12; and its HIT."""
    lab.launch("a")
    (hit_id,) = lab.hits()
    lab.answer(hit_id, "yes", "yes")
    lab.finish()
    return lab, hit_id


def test_what_is_settled_agrees_to_the_cent(settled: tuple[Lab, str]) -> None:
    lab, _ = settled
    found = audit(lab)

    assert found.differences == ()
    assert (found.hits, found.assignments, found.bonuses) == (1, 2, 0)
    assert found.spent.total == Decimal("0.12")
    assert found.notes == ("the account's balance agrees: 99.88 of 100.00 are left",)


def test_work_that_is_under_way_is_no_difference(lab: Lab) -> None:
    """One has submitted, one holds it, and for another item nobody came yet."""
    lab.launch("a", "b")
    first, _ = lab.hits()
    lab.answer(first, "yes")
    lab.market.accept(first, "ANOTHERWORKER")
    found = audit(lab)

    assert found.differences == ()
    assert found.notes == ("the account's balance agrees: 99.76 of 100.00 are left",)


def test_an_approval_that_we_do_not_know_of(lab: Lab) -> None:
    lab.launch("a")
    (hit_id,) = lab.hits()
    lab.answer(hit_id, "yes")
    (submission,) = lab.requester.assignments(hit_id)
    lab.requester.approve(submission.assignment_id)

    assert said(lab) == [
        f"assignment {submission.assignment_id} of worker AWORKER1 is approved there (0.06) and "
        "not settled here"
    ]


def test_a_settlement_that_the_endpoint_does_not_know_of(lab: Lab) -> None:
    lab.launch("a")
    (hit_id,) = lab.hits()
    lab.answer(hit_id, "yes")
    (submission,) = lab.requester.assignments(hit_id)
    named = submission.assignment_id
    enter(lab, "settle", hit_id=hit_id, assignment_id=named, worker_id="AWORKER1")

    assert said(lab) == [
        f"assignment {named} of worker AWORKER1 is settled here (0.06) and is Submitted there",
        "may still cost 0.12 there, and 0.06 are reserved here",
    ]


def test_a_settlement_of_another_amount(settled: tuple[Lab, str]) -> None:
    lab, _ = settled
    with lab.store.writing() as connection:
        settlements = (ours.ledger.c.entry == "settle") & (ours.ledger.c.worker_id == "AWORKER1")
        connection.execute(update(ours.ledger).where(settlements).values(fee=Decimal("0.02")))
        (named,) = connection.scalars(ours.ledger.select().with_only_columns(
            ours.ledger.c.assignment_id).where(settlements))  # fmt: skip

    assert said(lab) == [
        f"assignment {named} of worker AWORKER1 is settled here with 0.07, and costs 0.06 there",
        "was settled with 0.01 more than was reserved for it",
    ]


def test_a_bonus_that_somebody_else_sent(settled: tuple[Lab, str]) -> None:
    lab, hit_id = settled
    one, _ = lab.requester.assignments(hit_id)
    lab.requester.bonus(one.worker_id, one.assignment_id, Decimal("0.50"), "thanks", "token")

    found = audit(lab)
    assert [difference.said for difference in found.differences] == [
        f"a bonus of 0.50 and its fee of 0.10 for assignment {one.assignment_id} was paid there "
        "and is unknown here"
    ]
    assert found.notes == ("the account's balance agrees: 99.28 of 100.00 are left",)


def test_a_bonus_that_was_never_sent(settled: tuple[Lab, str]) -> None:
    lab, hit_id = settled
    enter(lab, "settle", hit_id=hit_id, assignment_id="A1", worker_id="AWORKER1", what="bonus")

    assert said(lab) == [
        "a bonus of 0.05 and its fee of 0.01 for assignment A1 is settled here and unknown there"
    ]


def test_a_hit_of_ours_that_we_do_not_know_of(lab: Lab) -> None:
    lab.launch("a")
    (hit_id,) = lab.hits()
    lab.lose(ours.hit_items, ours.hits)

    (found,) = audit(lab).differences
    assert found.hit_id == hit_id
    assert found.said.startswith("is ours by its annotation (lab/ask/")


def test_money_that_is_reserved_for_a_closed_hit(settled: tuple[Lab, str]) -> None:
    lab, hit_id = settled
    enter(lab, "reserve", hit_id=hit_id)
    assert said(lab) == ["is closed, and 0.06 are still reserved for it"]


def test_money_that_is_reserved_for_no_hit(settled: tuple[Lab, str]) -> None:
    lab, _ = settled
    enter(lab, "reserve")
    assert said(lab) == ["0.06 are reserved (made up), and no HIT bears them"]


def test_too_little_that_is_reserved_for_what_is_out(lab: Lab) -> None:
    lab.launch("a")
    with lab.store.writing() as connection:
        connection.execute(delete(ours.ledger))
    assert said(lab) == ["may still cost 0.12 there, and 0.00 are reserved here"]


def test_a_sum_that_is_not_that_of_its_entries(settled: tuple[Lab, str]) -> None:
    """Two answers were reserved at 6 cents; caps are held against a cent less."""
    lab, _ = settled
    with lab.store.writing() as connection:
        commitments.fold(lab.store, connection, "lab")
    assert said(lab) == []

    with lab.store.writing() as connection:
        connection.execute(update(ours.commitments).values(amount=Decimal("0.11")))
    assert said(lab) == [
        f"the caps of lab/ask are held against 0.11 for {lab.market.clock.now():%Y-%m-%d}, and the "
        "ledger's entries come to 0.12"
    ]


def test_a_hit_that_is_gone(lab: Lab) -> None:
    lab.launch("a")
    (hit_id,) = lab.hits()
    lab.requester.expire(hit_id)
    lab.requester.dispose(hit_id)

    found = audit(lab).differences
    assert [one.said for one in found] == ["is out by our ledger, and the endpoint has no such HIT"]


def test_a_hit_that_we_disposed_of_counts_by_our_own_record(settled: tuple[Lab, str]) -> None:
    lab, _ = settled
    lab.market.advance(days=31)
    lab.finish()

    found = audit(lab)
    assert found.differences == ()
    assert found.notes == ("the account's balance agrees: 99.88 of 100.00 are left",)


def test_what_somebody_else_does_in_the_account_is_named_and_is_no_difference(
    settled: tuple[Lab, str],
) -> None:
    lab, _ = settled
    foreign = lab.market.create_hit(MaxAssignments=1, Reward="1.00")["HITId"]
    lab.market.submit(foreign, "AWORKER9", answer="x")

    found = audit(lab)
    assert found.differences == ()
    assert found.notes == (
        "the account has 98.68, and 99.88 were expected: 1.20 went to what is not ours; 1 HITs "
        "there are somebody else's",
    )


def test_money_that_went_and_that_nothing_explains_is_a_difference(
    settled: tuple[Lab, str],
) -> None:
    lab, _ = settled
    with lab.store.writing() as connection:
        connection.execute(update(ours.balances).values(available=Decimal("101.00")))

    assert said(lab) == [
        "the account has 99.88, and 100.88 were expected: 1.00 went out, and no HIT or bonus of "
        "ours explains it"
    ]


def test_money_that_came_in_is_taken_for_a_deposit(settled: tuple[Lab, str]) -> None:
    lab, _ = settled
    with lab.store.writing() as connection:
        connection.execute(update(ours.balances).values(available=Decimal("90.00")))

    found = audit(lab)
    assert found.differences == ()
    assert "10.00 came in, a deposit" in found.notes[0]


def test_the_balance_is_noted_once_before_anything_is_spent(settled: tuple[Lab, str]) -> None:
    lab, _ = settled
    lab.prepare()
    assert lab.count(ours.balances) == 1
    assert lab.cell(ours.balances.c.available) == Decimal("100.00")
