"""Rows are lost: the endpoint still has the HITs, and their annotation says whose they are."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select

from hitline.acting import restoring, sweeping
from hitline.acting.restoring import CaughtUp
from hitline.model import ItemState
from hitline.pipeline import Pipeline
from hitline.store import ledger, schema
from tests.contracts.acting.lab import Lab, stage

OF_HITS = (schema.answers, schema.assignments, schema.hit_items, schema.hits)
OF_INTENTS = (schema.intent_items, schema.intents)
SETTLED_YES = (ItemState.SETTLED, "yes")
OpenLab = Callable[..., Lab]


@pytest.mark.parametrize("lost", [OF_HITS, OF_HITS + OF_INTENTS], ids=["HITs", "and intents"])
def test_an_open_item_gets_its_hit_and_its_answers_back(lab: Lab, lost: tuple[object, ...]) -> None:
    """One answer was stored, one came since; no second HIT, the same answers, the same money."""
    lab.launch("a", "b")
    first, second = lab.hits()
    lab.answer(first, "yes")
    lab.run()
    lab.lose(*lost)
    lab.answer(first, "yes", by="B")
    lab.answer(second, "no", "no")

    swept = lab.sweep()
    assert swept.restored == 2
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.state("b") == (ItemState.SETTLED, "no")
    assert lab.hits() == [first, second]
    assert lab.count(schema.answers) == 4
    lab.audit()


def test_an_event_of_a_lost_hit_restores_it(lab: Lab) -> None:
    """Before any sweep asks for it: the sweep looks events up whose HIT is not known."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.lose(*OF_HITS, *OF_INTENTS)
    lab.answer(hit, "yes", "yes")
    lab.deliver()
    assert lab.count(schema.events, schema.events.c.resolved.is_(False)) == 3

    lab.finish()
    assert lab.count(schema.events, schema.events.c.resolved.is_(False)) == 0
    assert lab.state("a") == SETTLED_YES
    assert lab.hits() == [hit]
    lab.audit()


def test_a_raised_hit_comes_back_at_its_rung(lab: Lab) -> None:
    """Lost after a raise: the next expiry goes on from there."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.market.advance(hours=1)
    lab.run()
    lab.lose(*OF_HITS, *OF_INTENTS)
    lab.sweep()
    lab.market.advance(hours=1)
    lab.finish()
    assert lab.hits() == [hit]
    assert lab.hit(hit)["Reward"] == "0.15"
    lab.answer(hit, "yes", "yes")
    lab.finish()
    lab.audit()


def test_a_settled_item_keeps_its_label_when_its_hit_comes_back(lab: Lab) -> None:
    """Lost between settling and paying: what was counted is not counted anew, but it is paid."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.answer(hit, "yes", "yes")
    lab.run()
    lab.lose(*OF_HITS, *OF_INTENTS)
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.hits() == [hit]


def test_the_newest_of_two_hits_comes_back(lab: Lab) -> None:
    """Only the rows of the second generation are lost: it is not posted again."""
    lab.launch("a")
    lab.answer(lab.hits()[0], "yes")
    lab.market.advance(hours=1)
    lab.run()
    first, second = lab.hits()
    with lab.store.writing() as connection:
        for table in (schema.hit_items, schema.hits):
            connection.execute(table.delete().where(table.c.hit_id == second))
    lab.answer(second, "yes", by="B")
    lab.finish()
    assert lab.hits() == [first, second]
    assert lab.state("a") == SETTLED_YES
    lab.audit()


def test_a_posting_without_its_rows_is_found_after_its_token_has_lapsed(lab: Lab) -> None:
    """A day later the endpoint has forgotten the token: the annotation is looked for first."""
    lab.launch("a")
    (hit,) = lab.hits()
    lab.lose(*OF_HITS)
    with lab.store.writing() as connection:
        connection.execute(schema.intents.update().values(wall_done_at=None, outcome=None))
    lab.market.advance(hours=25)
    lab.finish()
    assert lab.hits() == [hit]


def test_a_shared_hit_comes_back_with_all_its_items_in_their_slots(open_lab: OpenLab) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", items_per_hit=2)]))
    lab.launch("a", "b")
    (hit,) = lab.hits()
    lab.lose(*OF_HITS, *OF_INTENTS)
    for worker in ("A1", "A2"):
        lab.market.submit(hit, worker, **{"answer.1": "yes", "answer.2": "no"})
    lab.finish()
    assert lab.state("a") == SETTLED_YES
    assert lab.state("b") == (ItemState.SETTLED, "no")
    lab.audit()


def test_hits_of_others_are_left_alone_and_told_once(lab: Lab) -> None:
    """Another program's HITs in the same account, with an annotation of its own or none."""
    lab.launch("a")
    type_id = lab.hit(lab.hits()[0])["HITTypeId"]
    theirs = [
        lab.market.client.create_hit_with_hit_type(
            HITTypeId=type_id,
            LifetimeInSeconds=60,
            Question=lab.market.html_question,
            MaxAssignments=1,
            **annotation,
        )["HIT"]["HITId"]
        for annotation in ({}, {"RequesterAnnotation": "batch 7"})
    ]
    for hit in theirs:
        lab.answer(hit, "yes")
    lab.deliver()
    assert lab.sweep().foreign == 2
    problems = lab.cell(schema.events.c.problem, schema.events.c.hit_id == theirs[0])
    assert problems == "the HIT is none of ours"
    assert lab.sweep().foreign == 0
    assert lab.count(schema.hits) == 1
    assert [lab.market.status(hit) for hit in theirs] == ["Reviewable", "Reviewable"]


def test_hits_of_others_are_asked_about_once_a_day(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three reviewable HITs of another program, of which a sweep here asks about two at most."""
    monkeypatch.setattr(sweeping, "AT_ONCE", 2)
    lab.prepare()
    for name in ("X", "Y", "Z"):
        hit = lab.market.create_hit(Title=name)["HITId"]
        lab.market.submit(hit, "A", **{"answer": "yes"})
    asked: list[str] = []

    def note(event_name: str, **_: object) -> None:
        asked.append(event_name)

    lab.market.client.meta.events.register("before-send.mturk.GetHIT", note)

    def asks() -> int:
        del asked[:]
        assert lab.sweep().restored == 0
        return len(asked)

    assert [asks(), asks(), asks()] == [2, 1, 0]
    lab.market.advance(hours=23, minutes=50)
    assert asks() == 0
    lab.market.advance(minutes=10)
    assert [asks(), asks(), asks()] == [2, 1, 0]


class Backup:
    """The rows of every table as they are now, to be put back later."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        with lab.store.reading() as connection:
            self._rows = {
                table: [dict(row._mapping) for row in connection.execute(select(table))]
                for table in schema.metadata.sorted_tables
            }

    def restore(self) -> None:
        with self._lab.store.writing() as connection:
            for table in reversed(schema.metadata.sorted_tables):
                connection.execute(table.delete())
            for table, rows in self._rows.items():
                if rows:
                    connection.execute(table.insert(), rows)


def test_a_hit_raised_since_the_backup_is_booked_at_what_it_pays_now(lab: Lab) -> None:
    """Two answers at 5 cents and a cent of fee were reserved; at 10 cents, the fee is 2."""
    lab.launch("a")
    (hit,) = lab.hits()
    backup = Backup(lab)
    lab.market.advance(hours=1)
    lab.run()
    assert lab.hit(hit)["Reward"] == "0.10"

    backup.restore()
    assert reserved(lab) == Decimal("0.12")
    assert restoring.catch_up(lab.hitline) == CaughtUp(restored=0, changed=1)
    assert reserved(lab) == Decimal("0.24")
    assert restoring.catch_up(lab.hitline) == CaughtUp(restored=0, changed=0)

    lab.answer(hit, "yes", "yes")
    lab.finish()
    assert lab.hits() == [hit]
    assert lab.state("a") == SETTLED_YES
    lab.audit()


def test_what_was_posted_since_an_old_backup_is_not_posted_again(lab: Lab) -> None:
    """In the backup b waits to be posted; its token has lapsed for a day when that comes back."""
    lab.launch("a")
    lab.add("b")
    backup = Backup(lab)
    lab.run()
    first, second = lab.hits()

    backup.restore()
    lab.market.advance(hours=49)
    assert restoring.catch_up(lab.hitline) == CaughtUp(restored=1, changed=0)
    for _ in range(4):  # nobody comes, and the ladder ends
        lab.finish()
        lab.market.advance(hours=1)
    lab.finish()
    assert lab.hits() == [first, second]
    assert lab.state("b")[0] is ItemState.STAFF
    lab.audit()


def test_what_was_handed_in_since_an_old_backup_is_handed_in_again_and_not_posted_again(
    lab: Lab,
) -> None:
    """In the order of docs/operations.md: first `hitline run`, then `hitline db restored`."""
    lab.launch("a")
    backup = Backup(lab)
    lab.add("b")
    lab.run()
    first, second = lab.hits()

    backup.restore()
    lab.market.advance(hours=49)
    lab.add("b")
    assert restoring.catch_up(lab.hitline) == CaughtUp(restored=1, changed=0)
    for _ in range(4):
        lab.finish()
        lab.market.advance(hours=1)
    lab.finish()
    assert lab.hits() == [first, second]
    assert lab.state("b")[0] is ItemState.STAFF
    lab.audit()


def reserved(lab: Lab) -> Decimal:
    with lab.store.reading() as connection:
        return ledger.reserved(connection, "lab").total
