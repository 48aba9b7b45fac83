"""The ruling on an item of any kind of answer, of one field or several; and known answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hitline.consensus import known, ruling
from hitline.consensus.choice import Agreed, Needs, Undecided
from hitline.errors import InvalidDefinition
from hitline.facts import ItemFacts
from hitline.fields import Boxes, Choice, Field, MultiChoice, Number, Text
from hitline.model import Item, ItemState
from hitline.pipeline import Stage
from hitline.policies import (
    Adaptive,
    Agree,
    Fixed,
    Overlap,
    PerField,
    Policy,
    StandardError,
    VoteLead,
)
from hitline.questions import HtmlTemplate

TOPIC = Choice("topic", ["a", "b"])
HOURS = Number("hours", least=0, most=24)
NOTE = Text("note")
THINGS = Boxes("things", ["cat"])
PARTS = MultiChoice("parts", ["x", "y"])


def stage(answer: Field | list[Field], redundancy: Any = None) -> Stage:
    return Stage(
        "ask",
        question=HtmlTemplate("<p>${text}</p>"),
        title="Ask",
        reward="0.05",
        answer=answer,
        lifetime="1h",
        duration="5m",
        redundancy=redundancy,
    )


def facts(policy: Policy, *labels: str) -> ItemFacts:
    item = Item(id="i", pipeline="p", stage="ask", key="k", input={}, state=ItemState.OPEN)
    now = datetime(2026, 1, 5, tzinfo=UTC)
    # Stored and read again, as the facts of an item are.
    stored = Policy.from_json(policy.to_json())
    return ItemFacts(item=item, policy=stored, hits=(), labels=labels, now=now)


def judged(answer: Field | list[Field], rule: Any, *labels: str) -> ruling.Ruling:
    return ruling.judge(facts(stage(answer, rule).policy, *labels))


# One field


@pytest.mark.parametrize(
    ("field", "rule", "labels", "label"),
    [
        (TOPIC, VoteLead(), ["a", "a"], "a"),
        (TOPIC, Fixed(answers=3), ["a", "b", "a"], "a"),
        (NOTE, VoteLead(), ["so", "so"], "so"),
        (HOURS, VoteLead(), ["2", "2"], "2"),
        (NOTE, Agree(), ["So.", "so"], "So."),
        (NOTE, Fixed(answers=1), ["so"], "so"),
        (HOURS, StandardError(at_most=1), ["2", "3", "4"], "3"),
        (HOURS, Fixed(answers=2), ["2", "3"], "2.5"),
        (PARTS, VoteLead(), ['["x"]', '["x"]'], '["x"]'),
        (THINGS, Overlap(start=2), ["[]", "[]"], "[]"),
        (THINGS, Fixed(answers=1), ["[]"], "[]"),
    ],
)
def test_each_kind_is_judged_by_its_own_consensus(
    field: Field, rule: Any, labels: list[str], label: str
) -> None:
    found = judged(field, rule, *labels)

    assert isinstance(found, Agreed)
    assert found.label == label
    assert ruling.agreement(facts(stage(field, rule).policy, *labels), label) > 0


@pytest.mark.parametrize("field", [TOPIC, NOTE, HOURS, THINGS, PARTS], ids=lambda one: one.kind)
def test_no_answers_need_some_and_come_to_nothing(field: Field) -> None:
    view = ruling.view(facts(stage(field).policy))

    assert isinstance(judged(field, None), Needs)
    assert (view.best, view.lead, view.said) == (None, 0, "no answers")


def test_a_policy_stored_without_fields_takes_labels_as_they_are() -> None:
    policy = replace(stage(TOPIC).policy, fields=())

    assert ruling.judge(facts(policy, "old", "old")) == Agreed(
        label="old", why="2 votes ahead (old 2)"
    )


# Several fields

BOTH = [TOPIC, HOURS]
RULES = {"topic": VoteLead(start=2, lead=2, most=3), "hours": Fixed(answers=2)}


def both(topic: str, hours: float) -> str:
    return f'{{"hours":{hours:.1f},"topic":"{topic}"}}'


def test_an_item_of_several_fields_needs_what_its_slowest_field_does() -> None:
    assert judged(BOTH, RULES) == Needs(answers=2)
    # The hours are there; the topics are one to one, and one more of three decides.
    assert judged(BOTH, RULES, both("a", 1), both("b", 2)) == Needs(answers=1)


def test_an_item_of_several_fields_settles_when_all_do() -> None:
    assert judged(BOTH, RULES, both("a", 1), both("a", 2)) == Agreed(
        label='{"hours":1.5,"topic":"a"}',
        why="topic: 2 votes ahead (a 2); hours: all 2 answers (1, 2)",
    )


def test_one_undecided_field_leaves_the_item_undecided() -> None:
    rules = {"topic": Fixed(answers=2), "hours": Fixed(answers=2)}
    answers = both("a", 1), both("b", 2)

    assert judged(BOTH, rules, *answers) == Undecided()
    view = ruling.view(facts(stage(BOTH, rules).policy, *answers))
    assert (view.best, view.lead) == (None, 0)
    assert view.said == "topic: a 1, b 1; hours: 1, 2"


def test_agreement_on_several_fields_is_that_on_the_worst() -> None:
    about = facts(stage(BOTH, RULES).policy, both("a", 0), both("a", 24))

    # All say the topic; the hours are as far from their mean as they can be.
    assert ruling.agreement(about, both("a", 12)) == 0.0


# Which rule goes with what


def test_a_rule_for_all_fields_becomes_one_for_each() -> None:
    assert stage(BOTH, Fixed(answers=3)).policy.redundancy == PerField(
        rules={"topic": Fixed(answers=3), "hours": Fixed(answers=3)}
    )
    assert stage(BOTH, RULES).policy.redundancy.most == 3


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        (TOPIC, VoteLead()),
        (PARTS, VoteLead()),
        (NOTE, VoteLead()),
        (HOURS, Fixed(answers=5)),
        (THINGS, Overlap()),
    ],
)
def test_a_stage_without_a_rule_has_that_of_its_kind(field: Field, rule: Any) -> None:
    assert stage(field).policy.redundancy == rule


@pytest.mark.parametrize(
    ("answer", "rule", "field", "reason"),
    [
        (HOURS, Adaptive(), "redundancy", "takes choice, not number"),
        (THINGS, VoteLead(), "redundancy", "not boxes; use Fixed or Overlap"),
        (TOPIC, Agree(), "redundancy", "Agree takes text, not choice"),
        (NOTE, StandardError(at_most=1), "redundancy", "takes number, not text"),
        (BOTH, Agree(), "redundancy.topic", "Agree takes text, not choice"),
        (BOTH, {**RULES, "hours": Overlap()}, "redundancy.hours", "takes boxes, not number"),
        (BOTH, {**RULES, "topic": Adaptive()}, "redundancy.topic", "in a stage of its own"),
        (BOTH, {"topic": VoteLead()}, "redundancy", "has rules for topic; the fields are"),
        (BOTH, {**RULES, "note": Agree()}, "redundancy", "has rules for hours, note, topic"),
        ([], None, "answer", "has no field"),
        ([TOPIC, TOPIC], None, "answer", 'two fields are called "topic"'),
    ],
)
def test_what_cannot_be_judged_is_refused_by_the_name_of_its_field(
    answer: Any, rule: Any, field: str, reason: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        stage(answer, rule)

    assert refused.value.field == f"stage ask: {field}"
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("rule", "changed", "field"),
    [
        (Agree, {"start": 0}, "start"),
        (Agree, {"equal": 10}, "equal"),
        (Agree, {"within": 1.0}, "within"),
        (StandardError, {"at_most": 0.0}, "at_most"),
        (StandardError, {"at_most": 1.0, "most": 31}, "most"),
        (Overlap, {"agree": 0.0}, "agree"),
        (Overlap, {"matched": 1.5}, "matched"),
        (Overlap, {"confirm": 1}, "confirm"),
    ],
)
def test_a_wrong_rule_is_refused_by_the_name_of_its_field(
    rule: Any, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        rule(**changed)

    assert refused.value.field == f"redundancy.{field}"


def test_a_policy_of_any_kind_comes_back_from_json_as_it_was() -> None:
    policy = stage([NOTE, THINGS], {"note": Agree(within=0.1), "things": Overlap()}).policy

    assert Policy.from_json(policy.to_json()) == policy
    assert ruling.asked(policy) == (NOTE, THINGS)
    assert (policy.field, policy.lifetime, policy.rewards[0]) == (
        "note",
        timedelta(hours=1),
        Decimal("0.05"),
    )


# Known answers

CAT = '[{"height":10,"label":"cat","left":0,"top":0,"width":10}]'
NEAR = '[{"height":10,"label":"cat","left":2,"top":0,"width":10}]'
FAR = '[{"height":10,"label":"cat","left":6,"top":0,"width":10}]'


@pytest.mark.parametrize(
    ("fields", "label", "gold", "right"),
    [
        ([TOPIC], "a", "a", True),
        ([TOPIC], "a", "b", False),
        ([Number("n", tolerance=0.5)], "2.5", "3", True),
        ([Number("n", tolerance=0.4)], "2.5", "3", False),
        ([NOTE], "The cat.", "the  CAT", True),
        ([NOTE], "the cats", "the cat", False),
        ([PARTS], '["x","y"]', '["y","x"]', True),
        ([PARTS], '["x"]', '["x","y"]', False),
        ([THINGS], NEAR, CAT, True),
        ([THINGS], FAR, CAT, False),
        ([THINGS], "[]", "[]", True),
        ([TOPIC, HOURS], both("a", 2), both("a", 2), True),
        ([TOPIC, HOURS], both("a", 2), both("a", 3), False),
        ([TOPIC, HOURS], both("a", 2), "a", False),
        ([HOURS], "two", "2", False),
        ([HOURS], None, "2", False),
        ([], "any", "any", True),
    ],
)
def test_what_is_known_is_met_by_the_measure_of_its_kind(
    fields: list[Field], label: str | None, gold: str, right: bool
) -> None:
    assert known.is_right(fields, label, gold) is right


def test_different_words_and_numbers_are_no_disagreement_with_a_label() -> None:
    loose, strict = stage(Number("n", tolerance=1)).policy, stage(HOURS).policy

    assert known.agrees(stage(NOTE).policy, {"note": "so"}, "else") is None
    assert known.agrees(strict, {"hours": 2.0}, "3") is None
    assert known.agrees(loose, {"n": 2.0}, "3") is True
    assert known.agrees(loose, {"n": 2.0}, "4") is False
    assert known.agrees(stage(TOPIC).policy, {"topic": "a"}, "b") is False
