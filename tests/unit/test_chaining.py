"""Links: what a settled item leads to, and how a failing chain rule is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from hitline.acting.chaining import what_follows
from hitline.errors import ChainRuleFailed
from hitline.fields import Choice
from hitline.model import Item, ItemState
from hitline.pipeline import Link, NewItem, Pipeline, Settled, Stage
from hitline.questions import HtmlTemplate
from hitline.tokens import child_id, item_id

NO_DATABASE = cast(Connection, None)
"""Links follow from the item alone."""

VERSIONS = {"find": 1, "fix": 2, "check": 3}


def stage(name: str, page: str = "<p>${text}</p>") -> Stage:
    return Stage(
        name,
        question=HtmlTemplate(page),
        title=f"Please {name}",
        reward="0.05",
        answer=Choice("answer", ["yes", "no"]),
        lifetime="1h",
        duration="5m",
    )


def linked(*links: Link, page: str = "<p>${text}</p>") -> Pipeline:
    stages = [stage("find"), stage("fix", page), stage("check")]
    return Pipeline("soylent", stages=stages, links=links)


def to_fix(rule: Callable[[Settled], Any]) -> Pipeline:
    return linked(Link(source="find", target="fix", rule=rule))


def settled(label: str | None = "yes", **changed: Any) -> Item:
    item = Item(
        id=item_id("soylent", "find", "p1"),
        pipeline="soylent",
        stage="find",
        key="p1",
        input={"text": "Teh cat."},
        golds={"find": "yes", "check": "no"},
        state=ItemState.SETTLED,
        label=label,
        agreement=0.75,
    )
    return replace(item, **changed)


def follow(pipeline: Pipeline, item: Item) -> list[Item]:
    return what_follows(NO_DATABASE, pipeline, item, VERSIONS)


def test_a_map_makes_one_item_of_the_next_stage() -> None:
    pipeline = to_fix(lambda it: NewItem(input={"text": f"{it.input['text']} ({it.label})"}))

    assert follow(pipeline, settled()) == [
        Item(
            id=child_id(settled().id, "fix/0", 0),
            pipeline="soylent",
            stage="fix",
            key="p1",
            input={"text": "Teh cat. (yes)"},
            golds={"find": "yes", "check": "no"},
            version=2,
            parent_id=settled().id,
            root_id=settled().id,
        )
    ]


def test_a_rule_is_given_the_item_as_it_settled() -> None:
    given: list[Settled] = []
    follow(to_fix(given.append), settled())

    assert given == [
        Settled(
            key="p1",
            input={"text": "Teh cat."},
            label="yes",
            agreement=0.75,
            gold="yes",
            round=0,
            values={"answer": "yes"},
        )
    ]


def test_a_filter_lets_some_pass() -> None:
    pipeline = to_fix(lambda it: NewItem(input=it.input) if it.label == "yes" else None)

    assert len(follow(pipeline, settled("yes"))) == 1
    assert follow(pipeline, settled("no")) == []


@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_a_fan_out_makes_items_with_keys_and_ids_of_their_own(kind: Callable[[Any], Any]) -> None:
    words = [NewItem(input={"text": word}) for word in ("Teh", "cat.")]
    made = follow(to_fix(lambda it: kind(words)), settled())

    assert [(child.key, child.input["text"]) for child in made] == [("p1", "Teh"), ("p1.2", "cat.")]
    assert len({child.id for child in made}) == 2


def test_a_fan_out_to_nothing_is_a_filter() -> None:
    assert follow(to_fix(lambda it: []), settled()) == []


def test_a_known_answer_is_handed_down_or_given_by_the_rule() -> None:
    (child,) = follow(to_fix(lambda it: NewItem(input=it.input, gold="no")), settled())

    assert child.golds == {"find": "yes", "check": "no", "fix": "no"}
    assert child.gold == "no"


def test_every_link_of_a_stage_is_followed() -> None:
    pipeline = linked(
        Link(source="find", target="fix", rule=lambda it: NewItem(input=it.input)),
        Link(source="find", target="check", rule=lambda it: NewItem(input=it.input)),
        Link(source="fix", target="check", rule=lambda it: NewItem(input=it.input)),
    )

    assert [child.stage for child in follow(pipeline, settled())] == ["fix", "check"]


@pytest.mark.parametrize("state", [ItemState.STAFF, ItemState.DROPPED])
def test_an_item_that_was_not_settled_leads_nowhere(state: ItemState) -> None:
    pipeline = to_fix(lambda it: NewItem(input=it.input))

    assert follow(pipeline, settled(state=state, label=None)) == []


def test_chaining_twice_makes_the_same_child() -> None:
    pipeline = to_fix(lambda it: [NewItem(input=it.input)] * 3)

    assert follow(pipeline, settled()) == follow(pipeline, settled())


def test_a_loop_goes_its_rounds_and_ends() -> None:
    """find → fix → find → fix → find: the way back is gone twice."""
    pipeline = linked(
        Link(source="find", target="fix", rule=lambda it: NewItem(input=it.input)),
        Link(source="fix", target="find", rule=lambda it: NewItem(input=it.input), rounds=2),
    )
    way, item = [], settled()
    while children := follow(pipeline, item):
        (child,) = children
        way.append((child.stage, child.round))
        item = replace(child, state=ItemState.SETTLED, label="no")

    assert way == [("fix", 0), ("find", 1), ("fix", 1), ("find", 2), ("fix", 2)]
    assert item.root_id == settled().id


def test_a_stage_may_repeat_itself() -> None:
    again = Link(source="find", target="find", rule=lambda it: NewItem(input=it.input), rounds=1)
    (child,) = follow(linked(again), settled())

    assert (child.stage, child.round) == ("find", 1)
    assert child.id != settled().id
    assert follow(linked(again), replace(child, state=ItemState.SETTLED, label="yes")) == []


wrong_item: Any = NewItem


def raising(it: Settled) -> NewItem:
    raise KeyError("text")


def breaking_off(it: Settled) -> Iterator[NewItem]:
    yield NewItem(input=it.input)
    raise KeyError("text")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (raising, "raised KeyError: 'text'"),
        (breaking_off, "raised KeyError: 'text'"),
        (lambda: None, "raised TypeError"),
        (lambda it: "fix it", "returned 'f', which is no NewItem"),
        (lambda it: 5, "returned 5, which is no NewItem"),
        (lambda it: {"text": "x"}, "returned 'text', which is no NewItem"),
        (lambda it: [NewItem(input=it.input), None], "returned None, which is no NewItem"),
        (lambda it: wrong_item(input="x"), "a NewItem whose input is no mapping: 'x'"),
        (lambda it: wrong_item(input={"text": 5}), "input is not text: 'text' is 5"),
        (lambda it: wrong_item(input={5: "x"}), "input is not text: 5 is 'x'"),
        (lambda it: wrong_item(input=it.input, gold=1), "whose gold is no label: 1"),
        (
            lambda it: NewItem(input={"other": "x"}),
            "without text, which the template of fix needs",
        ),
    ],
)
def test_a_rule_that_fails_or_returns_what_is_no_item_is_told(rule: Any, reason: str) -> None:
    with pytest.raises(ChainRuleFailed) as failed:
        follow(to_fix(rule), settled())

    assert str(failed.value).startswith("the chain rule find → fix ")
    assert reason in str(failed.value)
    assert str(failed.value).endswith(
        "(item p1); mend it and restart the workers; the sweep tries again"
    )


def test_a_stage_that_was_added_and_never_launched_is_told() -> None:
    pipeline = to_fix(lambda it: NewItem(input=it.input))

    with pytest.raises(ChainRuleFailed, match=r'never launched .* run "hitline run soylent" again'):
        what_follows(NO_DATABASE, pipeline, settled(), {"find": 1})
