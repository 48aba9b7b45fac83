"""Answers read into names and values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from marketplace.console.answers import DEEPEST, MOST_VALUES, Value, read
from marketplace.engine.answers import NAMESPACE, Chosen, question_form_answers


def answers(*inside: str) -> str:
    return f'<QuestionFormAnswers xmlns="{NAMESPACE}">{"".join(inside)}</QuestionFormAnswers>'


def free(name: str, text: Any) -> str:
    return question_form_answers(
        {name: text if isinstance(text, str) else json.dumps(text)}, prologue="ascii"
    )


def value(name: str, text: str, kind: str = "") -> Value:
    return Value(name=name, text=text, kind=kind)


@pytest.mark.parametrize("answer", [None, "", "  \n", answers()])
def test_no_answer_has_no_values(answer: str | None) -> None:
    assert read(answer).values == []
    assert read(answer).raw is None


@pytest.mark.parametrize("prologue", ["ascii", "utf8"])
def test_both_prologues_are_read(prologue: Any) -> None:
    xml = question_form_answers({"breed": "<Pudel> ä 猫\r\n2"}, prologue=prologue)
    assert read(xml).values == [value("breed", "<Pudel> ä 猫\r\n2")]


def test_choices_come_one_by_one_with_what_was_typed_beside_them() -> None:
    xml = question_form_answers(
        {"breed": Chosen(selections=("poodle", "beagle"), other="mixed"), "none": Chosen()},
        prologue="ascii",
    )
    assert read(xml).values == [
        value("breed", "poodle", "chosen"),
        value("breed", "beagle", "chosen"),
        value("breed", "mixed", "other"),
        value("none", "", "nothing"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("taskAnswers", [{"a": "x"}], [value("a", "x")]),
        ("taskAnswers", {"a": "x"}, [value("a", "x")]),  # not as it should be, but seen
        ("taskAnswers", [{"a": 1}, {"a": 2}], [value("1.a", "1"), value("2.a", "2")]),
        (
            "taskAnswers",
            [{"a": {"on": True, "off": False}}],
            [value("a.on", "yes", "checked"), value("a.off", "no", "checked")],
        ),
        ("taskAnswers", [{"a": [None, 1.5]}], [value("a.1", "null", "JSON"), value("a.2", "1.5")]),
        ("taskAnswers", [{"a": {}}], [value("a", "{}", "JSON")]),
        ("taskAnswers", [{"a": '{"b": "c"}'}], [value("a.b", "c")]),
        ("taskAnswers", "[{'a': 'x'}]", [value("taskAnswers", "[{'a': 'x'}]")]),
        ("taskAnswers", "[]", [value("taskAnswers", "[]")]),
        ("boxes", [{"left": 1}], [value("boxes.1.left", "1")]),
        ("price", "12", [value("price", "12")]),
        ("note", "{not json", [value("note", "{not json")]),
        ("note", "[" * 60_000, [value("note", "[" * 60_000)]),
    ],
)
def test_json_becomes_names_and_values(name: str, content: Any, expected: list[Value]) -> None:
    assert read(free(name, content)).values == expected


def test_json_is_opened_to_a_certain_depth() -> None:
    content: Any = "core"
    for _ in range(DEEPEST + 5):
        content = {"x": content}
    (only,) = read(free("taskAnswers", content)).values
    assert only.name == ".".join("x" * DEEPEST)
    assert only.kind == "JSON"


def test_more_values_than_are_shown_leave_the_rest_as_it_came() -> None:
    xml = free("taskAnswers", {str(number): number for number in range(MOST_VALUES + 1)})
    reading = read(xml)
    assert (len(reading.values), reading.raw) == (MOST_VALUES, xml)


@pytest.mark.parametrize(
    "answer",
    [
        "no xml",
        "<QuestionFormAnswers>",
        '<!DOCTYPE a [<!ENTITY e "boom">]><a><Answer>&e;</Answer></a>',
    ],
)
def test_what_cannot_be_read_is_shown_as_it_came(answer: str) -> None:
    reading = read(answer)
    assert (reading.values, reading.raw) == ([], answer)
    assert str(reading.trouble).startswith("It cannot be read")
