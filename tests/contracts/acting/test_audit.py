"""The auditor of `make chaos` sees what it is there to see."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from deployments.chaos.audit import Audit, audit
from deployments.chaos.books import Books
from hitline.pipeline import Link, NewItem, Pipeline, Settled
from hitline.store import schema as ours
from marketplace.store import schema as theirs
from tests.contracts.acting.lab import Lab, stage

pytestmark = pytest.mark.slow


def follow(settled: Settled) -> NewItem | None:
    return NewItem(input=settled.input) if settled.label == "yes" else None


class Audited:
    """Two items of two stages, brought to their end, and then tampered with."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.budgets = {"lab": Decimal("50.00")}
        self.fed = {"lab": ["a", "b"]}
        lab.launch("a", "b")
        lab.answer(lab.hits()[0], "yes", "yes")
        lab.answer(lab.hits()[1], "no", "no")
        lab.finish()
        lab.answer(lab.hits()[2], "no", "no")
        lab.finish()

    def audit(self) -> Audit:
        books = Books(self.lab.market.database)
        try:
            return audit(self.lab.hitline, books, self.fed, self.budgets, {})
        finally:
            books.close()

    def theirs(self, *statements: Any) -> None:
        with self.lab.market.store.write() as connection:
            for statement in statements:
                connection.execute(statement)

    def ours(self, statement: Any) -> None:
        with self.lab.store.writing() as connection:
            connection.execute(statement)


@pytest.fixture
def audited(open_lab: Callable[..., Lab]) -> Audited:
    first, second = stage("ask"), stage("again", title="Again?")
    links = [Link(source="ask", target="again", rule=follow)]
    return Audited(open_lab(Pipeline("lab", stages=[first, second], links=links, budget="50.00")))


def test_what_is_in_order_is_clean(audited: Audited) -> None:
    found = audited.audit()

    assert found.is_clean, found.found
    assert found.items == 3
    assert found.ledger_difference == 0


def test_an_item_that_was_never_added_is_lost(audited: Audited) -> None:
    audited.fed["lab"].append("c")

    assert audited.audit().lost == 1


def test_an_item_without_an_end_is_lost(audited: Audited) -> None:
    b = audited.lab.item("b").id
    audited.ours(update(ours.items).where(ours.items.c.id == b).values(state="open"))

    assert audited.audit().lost == 1


def test_what_follows_and_was_never_made_is_lost(audited: Audited) -> None:
    """The label of b is changed to one that leads on."""
    b = audited.lab.item("b").id
    audited.ours(update(ours.items).where(ours.items.c.id == b).values(label="yes"))

    assert audited.audit().lost == 1


def test_a_submission_that_we_never_read_is_lost_and_unjudged(audited: Audited) -> None:
    hit = audited.lab.hits()[0]
    work = theirs.assignments
    audited.theirs(
        insert(work)
        .values(
            assignment_id="UNREAD",
            hit_id=hit,
            worker_id=select(work.c.worker_id).limit(1).scalar_subquery(),
            status="Submitted",
            accepted_at=audited.lab.market.clock.now(),
            deadline=audited.lab.market.clock.now(),
        )
        .prefix_with("OR REPLACE")
    )

    found = audited.audit()
    assert (found.lost, found.unjudged) == (1, 1)


def test_a_second_hit_of_one_annotation_was_posted_twice_and_after_the_end(
    audited: Audited,
) -> None:
    lab = audited.lab
    hit = lab.requester.get_hit(lab.hits()[0])
    lab.market.advance(minutes=1)
    lab.market.client.create_hit_with_hit_type(
        HITTypeId=hit.hit_type_id,
        Question=lab.market.html_question,
        MaxAssignments=2,
        LifetimeInSeconds=3600,
        RequesterAnnotation=hit.annotation,
        UniqueRequestToken="another token",
    )

    found = audited.audit()
    assert (found.posted_twice, found.bought_after_settled) == (1, 1)
    assert found.ledger_difference == Decimal("0.12")  # two at 5 cents, with fees, are held


def test_a_second_reward_for_one_assignment_was_paid_twice(audited: Audited) -> None:
    ledger = theirs.ledger
    copied = [column for column in ledger.c if column.name != "id"]
    reward = select(*copied).where(ledger.c.kind == "reward").limit(1)
    audited.theirs(insert(ledger).from_select([column.name for column in copied], reward))

    found = audited.audit()
    assert found.paid_twice == 1
    assert found.ledger_difference == Decimal("0.05")


def test_a_cap_that_was_passed_is_seen(audited: Audited) -> None:
    """Three HITs of two answers at 5 cents, with a fee of a cent each: 36 cents."""
    audited.budgets["lab"] = Decimal("0.36")
    assert audited.audit().cap_exceeded == 0

    audited.budgets["lab"] = Decimal("0.35")
    assert audited.audit().cap_exceeded == 1


def test_a_submission_that_was_judged_otherwise_than_we_believe_is_seen(audited: Audited) -> None:
    work = ours.assignments
    one = select(work.c.assignment_id).limit(1).scalar_subquery()
    audited.ours(update(work).where(work.c.assignment_id == one).values(status="Rejected"))

    found = audited.audit()
    assert (found.judged_otherwise, found.unjudged) == (1, 0)
    assert not found.is_clean


def test_a_worker_who_is_blocked_without_a_reason_of_ours_is_seen(audited: Audited) -> None:
    work = theirs.assignments
    audited.theirs(
        insert(theirs.blocks).values(
            requester_id=select(theirs.hits.c.requester_id).limit(1).scalar_subquery(),
            worker_id=select(work.c.worker_id).limit(1).scalar_subquery(),
            reason="none",
            created_at=audited.lab.market.clock.now(),
        )
    )

    found = audited.audit()
    assert found.blocked_otherwise == 1
    assert not found.is_clean
