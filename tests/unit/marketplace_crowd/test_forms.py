"""Reading a question's form, and writing what a browser would post of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from marketplace.crowd.forms import Box, FormField, Kind, form_of
from marketplace.crowd.forms.filling import answer_xml, posted

XMLNS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"


def html_question(page: str) -> str:
    return (
        f'<HTMLQuestion xmlns="{XMLNS}/2011-11-11/HTMLQuestion.xsd">'
        f"<HTMLContent><![CDATA[{page}]]></HTMLContent><FrameHeight>0</FrameHeight></HTMLQuestion>"
    )


def question_form(*questions: str, version: str = "2017-11-06") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><QuestionForm xmlns="{XMLNS}/{version}/'
        f'QuestionForm.xsd">{"".join(questions)}</QuestionForm>'
    )


def asked(identifier: str, answer: str, required: str = "true") -> str:
    return (
        f"<Question><QuestionIdentifier>{identifier}</QuestionIdentifier>"
        f"<IsRequired>{required}</IsRequired><QuestionContent><Text>?</Text></QuestionContent>"
        f"<AnswerSpecification>{answer}</AnswerSpecification></Question>"
    )


def selection(*options: str, counts: str = "") -> str:
    inside = "".join(
        f"<Selection><SelectionIdentifier>{one}</SelectionIdentifier><Text>{one}</Text></Selection>"
        for one in options
    )
    return f"<SelectionAnswer>{counts}<Selections>{inside}</Selections></SelectionAnswer>"


def field(name: str, kind: Kind, **rest: Any) -> FormField:
    return FormField(**{"name": name, "set": name, "kind": kind, **rest})


HTML = [
    (
        '<input type="radio" name="a" value="x" required><input type="radio" name="a" value="y">',
        field("a", Kind.CHOICE, options=("x", "y"), required=True, format="radio"),
    ),
    (
        '<input type="checkbox" name="a" value="x"><input type="checkbox" name="a" value="y">',
        field("a", Kind.SEVERAL, options=("x", "y"), format="checkbox"),
    ),
    (
        '<select name="a" required><option value="">Choose</option><option>x</option>'
        '<option value="y">Y</option></select>',
        field("a", Kind.CHOICE, options=("x", "y"), required=True),
    ),
    (
        '<select name="a" multiple><option>x</option></select>',
        field("a", Kind.SEVERAL, options=("x",)),
    ),
    (
        '<input type="number" name="a" min="1" max="9" step="2">',
        field("a", Kind.NUMBER, least=1, most=9, step=2, format="number"),
    ),
    ('<input type="range" name="a">', field("a", Kind.NUMBER, least=0, most=100, format="range")),
    (
        '<textarea name="a" required maxlength="80"></textarea>',
        field("a", Kind.TEXT, required=True, most=80),
    ),
    ('<input name="a" minlength="3">', field("a", Kind.TEXT, least=3)),
    ('<input type="email" name="a">', field("a", Kind.TEXT, format="email")),
    (
        '<p data-crowd-set="s" data-crowd-task="7"><input name="a"></p>',
        field("a", Kind.TEXT, set="s", key="7"),
    ),
    (
        '<p data-crowd-set="s" data-crowd-task="7" data-crowd-field="a"><input name="a"></p>',
        field("a", Kind.TEXT, set="s", key="7"),
    ),
    (
        '<p data-crowd-set="s" data-crowd-task="7" data-crowd-field="b"><input name="a"></p>',
        field("a", Kind.TEXT),
    ),
]

CROWD = [
    (
        """<crowd-classifier name="a" categories="['x', 'y']"></crowd-classifier>""",
        field("a", Kind.CHOICE, options=("x", "y"), required=True, shape="crowd-classifier"),
        "y",
        {"a": {"label": "y"}},
    ),
    (
        """<crowd-classifier-multi-select name="a" categories='["x","y"]' header="h">"""
        "</crowd-classifier-multi-select>",
        field(
            "a",
            Kind.SEVERAL,
            options=("x", "y"),
            required=True,
            shape="crowd-classifier-multi-select",
        ),
        ("x",),
        {"a": {"labels": ["x"]}},
    ),
    (
        '<crowd-input name="a" required></crowd-input>',
        field("a", Kind.TEXT, required=True, shape="crowd-input"),
        "hello",
        {"a": "hello"},
    ),
    (
        '<input type="radio" name="a" value="x"><input type="radio" name="a" value="y">',
        field("a", Kind.CHOICE, options=("x", "y"), format="radio"),
        "y",
        {"a": {"x": False, "y": True}},
    ),
    (
        '<crowd-slider name="a" min="1" max="5"></crowd-slider>',
        field("a", Kind.NUMBER, least=1, most=5, shape="crowd-slider"),
        "4",
        {"a": 4},
    ),
    (
        '<crowd-radio-group><crowd-radio-button name="a" value="x"></crowd-radio-button>'
        '<crowd-radio-button name="b" value="y"></crowd-radio-button></crowd-radio-group>',
        field(
            "a/b",
            Kind.CHOICE,
            options=("a", "b"),
            required=True,
            shape="crowd-radio-group",
            values=("x", "y"),
        ),
        "b",
        {"a": {"x": False}, "b": {"y": True}},
    ),
    (
        '<crowd-checkbox name="a" value="x"></crowd-checkbox>'
        '<crowd-checkbox name="a" value="y"></crowd-checkbox>',
        field("a", Kind.SEVERAL, options=("x", "y"), shape="crowd-checkbox"),
        ("x",),
        {"a": {"x": True, "y": False}},
    ),
    (
        """<crowd-bounding-box name="a" labels="['cat']" src="x.jpg"></crowd-bounding-box>""",
        field("a", Kind.BOXES, options=("cat",), required=True, shape="crowd-bounding-box"),
        (Box("cat", 1, 2, 3, 4),),
        {
            "a": {
                "boundingBoxes": [{"label": "cat", "left": 1, "top": 2, "width": 3, "height": 4}],
                "inputImageProperties": {"height": 0, "width": 0},
            }
        },
    ),
]

QUESTION_FORMS = [
    (selection("x", "y"), field("q", Kind.CHOICE, options=("x", "y"), required=True)),
    (
        selection("x", "y", counts="<MaxSelectionCount>2</MaxSelectionCount>"),
        field("q", Kind.SEVERAL, options=("x", "y"), required=True, least=1, most=2),
    ),
    (
        '<FreeTextAnswer><Constraints><IsNumeric minValue="1" maxValue="9"/></Constraints>'
        "</FreeTextAnswer>",
        field("q", Kind.NUMBER, required=True, least=1, most=9),
    ),
    (
        '<FreeTextAnswer><Constraints><Length minLength="2"/></Constraints></FreeTextAnswer>',
        field("q", Kind.TEXT, required=True, least=2),
    ),
]


@pytest.mark.parametrize(("page", "expected"), HTML, ids=[page[:40] for page, _ in HTML])
def test_a_plain_forms_field_is_read(page: str, expected: FormField) -> None:
    form = form_of(html_question(f"<form>{page}<button>Submit</button></form>"))
    assert form is not None
    assert form.fields == (expected,)


@pytest.mark.parametrize(
    ("page", "expected", "answer", "wire"), CROWD, ids=[row[0][:30] for row in CROWD]
)
def test_a_crowd_element_is_read_and_posted_as_json(
    page: str, expected: FormField, answer: Any, wire: Any
) -> None:
    form = form_of(html_question(f"<crowd-form>{page}</crowd-form>"))
    assert form is not None
    assert form.fields == (expected,)
    assert json.loads(dict(posted(form, {expected.name: answer}))["taskAnswers"]) == [wire]


@pytest.mark.parametrize(("answer", "expected"), QUESTION_FORMS)
@pytest.mark.parametrize("version", ["2005-10-01", "2017-11-06"])
def test_a_question_forms_field_is_read(answer: str, expected: FormField, version: str) -> None:
    form = form_of(question_form(asked("q", answer), version=version))
    assert form is not None
    assert form.fields == (expected,)


@pytest.mark.parametrize(
    "question",
    [
        f'<ExternalQuestion xmlns="{XMLNS}/2006-07-14/ExternalQuestion.xsd">'
        "<ExternalURL>https://example.com/</ExternalURL></ExternalQuestion>",
        "no XML",
        "",
    ],
)
def test_what_is_no_form_cannot_be_read(question: str) -> None:
    assert form_of(question) is None


def test_nothing_is_read_that_nobody_fills_in() -> None:
    page = (
        '<input type="hidden" name="assignmentId"><input type="submit" name="go">'
        '<input name="off" disabled><input><input type="file" name="f">'
    )
    form = form_of(html_question(f"<form>{page}</form>"))
    assert form is not None
    assert form.fields == ()


def test_a_plain_form_posts_hidden_values_and_each_box_that_is_ticked() -> None:
    page = (
        '<input type="hidden" name="item" value="7"><input type="hidden" name="assignmentId">'
        '<input type="checkbox" name="a" value="x"><input type="checkbox" name="a" value="y">'
        '<input type="checkbox" name="b" value="z">'
    )
    form = form_of(html_question(f"<form>{page}</form>"))
    assert form is not None
    answers = {"a": ("x", "y"), "b": ()}
    assert posted(form, answers) == [("item", "7"), ("a", "x"), ("a", "y")]


@pytest.mark.parametrize("prologue", ["ascii", "utf8"])
def test_a_question_form_is_answered_by_identifiers_and_texts(prologue: Any) -> None:
    most = "<MaxSelectionCount>2</MaxSelectionCount>"
    question = question_form(
        asked("one", selection("x", "y")),
        asked("two", selection("x", "y", counts=most)),
        asked("text", "<FreeTextAnswer/>"),
        asked("left", "<FreeTextAnswer/>", required="false"),
    )
    form = form_of(question)
    assert form is not None
    xml = answer_xml(form, {"one": "x", "two": ("x", "y"), "text": "é & <"}, prologue=prologue)
    given = [[(child.tag.split("}")[1], child.text) for child in answer] for answer in parsed(xml)]
    assert given == [
        [("QuestionIdentifier", "one"), ("SelectionIdentifier", "x")],
        [
            ("QuestionIdentifier", "two"),
            ("SelectionIdentifier", "x"),
            ("SelectionIdentifier", "y"),
        ],
        [("QuestionIdentifier", "text"), ("FreeText", "é & <")],
        [("QuestionIdentifier", "left"), ("FreeText", None)],
    ]


def parsed(xml: str) -> etree._Element:
    return etree.fromstring(xml.encode())
