"""Fan-in, and what becomes of a settled item whose chain rule fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from hitline.acting import setting_aside, settling
from hitline.acting.chaining import what_follows
from hitline.acting.settling import Settling
from hitline.clock import SetClock
from hitline.fields import Choice
from hitline.model import Door, Item, ItemState
from hitline.money import MTURK
from hitline.mturk.client import Requester
from hitline.pipeline import Gather, Link, NewItem, Pipeline, Settled, Stage
from hitline.questions import HtmlTemplate
from hitline.store import Store, alerts, items, leases, neglected
from hitline.store.leases import Leased
from hitline.store.schema import items as item_table
from hitline.tokens import item_id
from hitline.verdicts import GiveUp, Settle, Verdict
from hitline.wiring import Hitline
from tests.contracts.store.rows import START, WALL, at, somebody_waits, wall

Rule = Callable[..., Any]


def words(found: Settled) -> list[NewItem]:
    return [NewItem(input={"text": word}) for word in found.input["text"].split()]


def sentence(found: Settled, fixed: Sequence[Settled]) -> NewItem:
    said = " ".join(f"{one.input['text']}={one.label}" for one in fixed)
    return NewItem(input={"text": f"{found.key}: {said}"})


def stage(name: str) -> Stage:
    return Stage(
        name,
        question=HtmlTemplate("<p>${text}</p>"),
        title=f"Please {name}",
        reward="0.05",
        answer=Choice("answer", ["yes", "no"]),
        lifetime="1h",
        duration="5m",
    )


class Soylent:
    """find → fix for each word → check what was fixed, once; items are settled by hand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rules: dict[str, Rule] = {"fan out": words, "gather": sentence}
        self.pipeline = Pipeline(
            "soylent",
            stages=[stage("find"), stage("fix"), stage("check")],
            links=[
                Link(source="find", target="fix", rule=lambda it: self.rules["fan out"](it)),
                Gather(
                    parent="find",
                    source="fix",
                    target="check",
                    rule=lambda parent, fixed: self.rules["gather"](parent, fixed),
                ),
            ],
        )
        self.hitline = Hitline(
            store=store,
            requester=cast(Requester, None),
            clock=SetClock(START, wall=WALL),
            fees=MTURK,
            pipeline=lambda name: self.pipeline,
        )
        with store.writing() as connection:
            for one in self.pipeline.stages:
                items.register_version(connection, "soylent", one.name, one.policy, wall(0))

    def publish(self, key: str, text: str) -> Item:
        item = Item(
            id=item_id("soylent", "find", key),
            pipeline="soylent",
            stage="find",
            key=key,
            input={"text": text},
        )
        with self.store.writing() as connection:
            items.add(self.store, connection, [item], at(0))
        return item

    def end(self, item: Item, verdict: Verdict) -> str:
        leased = Leased(
            item_id=item.id, owner="run", marks=(), sent_at=None, marked_at=None, cause="a test"
        )
        with self.store.writing() as connection:
            mine = update(item_table).where(item_table.c.id == item.id)
            connection.execute(mine.values(lease_owner="run"))
        one = Settling(item=item, verdict=verdict, leased=leased)
        (outcome,) = settling.settle(self.hitline, [one], Door.AGGREGATE, "run")
        return outcome

    def settle(self, item: Item, label: str = "yes") -> str:
        return self.end(item, Settle(why="2 votes ahead", label=label, agreement=1.0))

    def in_stage(self, name: str) -> list[Item]:
        with self.store.reading() as connection:
            ids = connection.scalars(
                select(item_table.c.id).where(item_table.c.stage == name)
            ).all()
            return items.load(connection, ids)

    def row(self, item: Item) -> Any:
        with self.store.reading() as connection:
            return connection.execute(select(item_table).where(item_table.c.id == item.id)).one()

    def stuck(self) -> list[Item]:
        """The items whose chain rule the sweep will try again."""
        with self.store.reading() as connection:
            return neglected.unchained(connection)

    def alerts(self) -> list[str]:
        """What the standing alerts are about."""
        with self.store.reading() as connection:
            return [one.subject for one in alerts.standing(connection)]

    def marked(self, name: str) -> int:
        """How many items of a stage wait to be published."""
        with self.store.reading() as connection:
            waiting = leases.waiting(connection, WALL)
        return sum(one.items for one in waiting if (one.stage, one.door) == (name, Door.PUBLISH))


@pytest.fixture
def soylent(store: Store) -> Soylent:
    return Soylent(store)


def test_what_a_settled_item_leads_to_is_added_and_marked(soylent: Soylent) -> None:
    said = soylent.settle(soylent.publish("p1", "Teh cat"))

    assert said == "settled as yes → fix p1, fix p1.2"
    assert [child.input["text"] for child in soylent.in_stage("fix")] == ["Teh", "cat"]
    assert soylent.marked("fix") == 2


def test_what_is_gathered_waits_for_the_last_child(soylent: Soylent) -> None:
    soylent.settle(soylent.publish("p1", "Teh cat sat"))
    first, second, third = soylent.in_stage("fix")

    assert soylent.settle(third, "no") == "settled as no"
    assert soylent.settle(first) == "settled as yes"
    assert soylent.in_stage("check") == []

    assert soylent.settle(second) == "settled as yes → check p1"
    (gathered,) = soylent.in_stage("check")
    assert gathered.input == {"text": "p1: Teh=yes cat=yes sat=no"}
    assert gathered.parent_id == item_id("soylent", "find", "p1")
    assert soylent.marked("check") == 1


def test_children_that_were_dropped_are_left_out(soylent: Soylent) -> None:
    soylent.settle(soylent.publish("p1", "Teh cat"))
    first, second = soylent.in_stage("fix")
    soylent.settle(first)
    soylent.end(second, GiveUp(why="nobody came", to_staff=False))

    (gathered,) = soylent.in_stage("check")
    assert gathered.input == {"text": "p1: Teh=yes"}


def test_children_that_went_to_staff_are_waited_for(soylent: Soylent) -> None:
    soylent.settle(soylent.publish("p1", "Teh cat"))
    first, second = soylent.in_stage("fix")
    soylent.end(second, GiveUp(why="nobody came", to_staff=True))
    soylent.settle(first)
    assert soylent.in_stage("check") == []

    (with_staff,) = (item for item in soylent.in_stage("fix") if item.state is ItemState.STAFF)
    soylent.settle(with_staff, "no")
    (gathered,) = soylent.in_stage("check")
    assert gathered.input == {"text": "p1: Teh=yes cat=no"}


def test_of_children_none_of_which_was_answered_nothing_is_gathered_but_the_parent(
    soylent: Soylent,
) -> None:
    soylent.settle(soylent.publish("p1", "Teh"))
    (only,) = soylent.in_stage("fix")
    soylent.end(only, GiveUp(why="nobody came", to_staff=False))

    assert [item.input["text"] for item in soylent.in_stage("check")] == ["p1: "]


def test_every_parent_gathers_its_own_children(soylent: Soylent) -> None:
    for key in ("p1", "p2"):
        soylent.settle(soylent.publish(key, f"word-of-{key}"))
    for child in soylent.in_stage("fix"):
        soylent.settle(child)

    assert [item.input["text"] for item in soylent.in_stage("check")] == [
        "p1: word-of-p1=yes",
        "p2: word-of-p2=yes",
    ]


def test_chaining_twice_makes_one_child(soylent: Soylent) -> None:
    parent = soylent.publish("p1", "Teh")
    soylent.settle(parent)
    soylent.settle(parent)
    (child,) = soylent.in_stage("fix")
    soylent.settle(child)
    soylent.settle(child)

    assert len(soylent.in_stage("fix")) == len(soylent.in_stage("check")) == 1


def failing(*_: object) -> NewItem:
    raise ValueError("no idea")


@pytest.mark.parametrize("wrong", [failing, lambda *_: "text"], ids=["raises", "no item"])
@pytest.mark.parametrize("where", ["fan out", "gather"])
def test_a_failing_rule_loses_nothing_and_is_tried_again_once_mended(
    soylent: Soylent, where: str, wrong: Rule
) -> None:
    right = soylent.rules[where]
    soylent.rules[where] = wrong
    item = soylent.publish("p1", "Teh")
    said = soylent.settle(item)
    if where == "gather":
        (item,) = soylent.in_stage("fix")
        said = soylent.settle(item)

    assert "the chain rule" in said
    row = soylent.row(item)
    assert (row.state, row.label, row.chained) == ("settled", "yes", False)
    assert row.problem in said
    (stuck,) = soylent.stuck()
    assert stuck.id == item.id

    soylent.rules[where] = right
    settling.chain_again(soylent.hitline, stuck)
    assert len(soylent.in_stage("check" if where == "gather" else "fix")) == 1
    assert (soylent.row(item).chained, soylent.row(item).problem) == (True, None)


def test_nothing_follows_from_a_label_that_was_taken_back_since_it_was_read(
    soylent: Soylent,
) -> None:
    """The sweep reads what is stuck, and works through it one by one."""
    right = soylent.rules["fan out"]
    soylent.rules["fan out"] = failing
    item = soylent.publish("p1", "Teh")
    soylent.settle(item)
    (stuck,) = soylent.stuck()
    soylent.rules["fan out"] = right
    with soylent.store.writing() as connection:
        taken_back = update(item_table).where(item_table.c.id == item.id)
        connection.execute(taken_back.values(state=ItemState.OPEN, label=None))

    assert settling.chain_again(soylent.hitline, stuck) == ""
    assert soylent.in_stage("fix") == []
    assert not soylent.row(item).chained


def test_of_two_last_children_at_the_same_moment_the_second_gathers_both(soylent: Soylent) -> None:
    soylent.settle(soylent.publish("p1", "Teh cat"))
    first, second = soylent.in_stage("fix")
    other = threading.Thread(target=soylent.settle, args=[second])
    with soylent.store.writing() as connection:
        done = replace(first, state=ItemState.SETTLED, label="yes", agreement=1.0)
        items.finished(connection, first.id, done.state, "agreed", at(1), label="yes")
        versions = items.current_versions(connection, "soylent")
        assert what_follows(connection, soylent.pipeline, done, versions) == []
        # The first has looked and is not stored yet, when the second looks.
        other.start()
        while other.is_alive() and not somebody_waits(soylent.store):
            pass
    other.join()

    assert [item.input["text"] for item in soylent.in_stage("check")] == ["p1: Teh=yes cat=yes"]


def test_a_rule_that_fails_ten_times_is_set_aside_until_a_person_says_so(soylent: Soylent) -> None:
    """Its item stays settled, and has no part in what is set aside of work with the endpoint."""
    right = soylent.rules["fan out"]
    soylent.rules["fan out"] = failing
    item = soylent.publish("p1", "Teh")
    soylent.settle(item)
    for tried in range(2, 11):
        (stuck,) = soylent.stuck()
        assert soylent.alerts() == [], f"before try {tried}"
        settling.chain_again(soylent.hitline, stuck)
    assert soylent.stuck() == []
    assert soylent.alerts() == [item.id]
    assert soylent.row(item).attempts == 0
    (told,) = setting_aside.rows(soylent.hitline)
    assert told["problem"] == soylent.row(item).problem

    soylent.rules["fan out"] = right
    assert setting_aside.try_again(soylent.hitline, item.pipeline) == 1
    (stuck,) = soylent.stuck()
    settling.chain_again(soylent.hitline, stuck)
    assert len(soylent.in_stage("fix")) == 1
    assert (soylent.alerts(), soylent.stuck()) == ([], [])
