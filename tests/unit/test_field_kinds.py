"""Several choices, numbers and boxes: right when they are made, read strictly from any form."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from hitline.answers import parse, read
from hitline.errors import InvalidDefinition, UnreadableAnswer
from hitline.fields import Boxes, Choice, Field, Given, MultiChoice, Number, Text, from_json

TOPICS = MultiChoice("topics", ["price", "size", "colour"])
HOURS = Number("hours", least=0, most=24, step="0.5", unit="h")
THINGS = Boxes("things", ["cat", "dog"])


def box(label: str = "cat", **changed: Any) -> dict[str, Any]:
    return {"label": label, "left": 10, "top": 20, "width": 30, "height": 40, **changed}


def sent(*boxes: Any, **changed: Any) -> Given:
    picture = {"height": 200, "width": 400}
    return Given(value={"boundingBoxes": [*boxes], "inputImageProperties": picture, **changed})


# Several of a closed set


@pytest.mark.parametrize(
    "given",
    [
        Given(value={"price": True, "size": False, "colour": True}),
        Given(value={"labels": ["colour", "price"]}),
        Given(value={"labels": ["colour", "price"], "workerComment": "hm"}),
        Given(value={"labels": '["colour","price"]'}),
        Given(value=["colour", "price"]),
        Given(value={"price": "on", "colour": True}),
        Given(selections=("price", "colour")),
        Given(text="colour|price"),
        Given(text=" price | colour "),
    ],
)
def test_ticked_labels_are_read_in_every_form_and_stand_in_the_fields_order(given: Given) -> None:
    assert TOPICS.read(given) == ["price", "colour"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Given(), "not answered"),
        (Given(value={"price": False}), "0 labels; 1 to 3 are asked for"),
        (Given(value=["price", "price"]), "are not labels"),
        (Given(value=["prices"]), "are not labels"),
        (Given(value=[["price"]]), "are not labels"),
        (Given(value=["price"] * 1000), "are not labels"),
        (Given(value={"price": 1}), "are not labels"),
        (Given(value={"price": "off"}), "are not labels"),
        (Given(value={"labels": "price"}), "is not JSON"),
        (Given(value={"labels": "[" * 5000}), "is not JSON"),
        (Given(value=True), "are not labels"),
        (Given(text="price", other="more"), "are not labels"),
        (Given(text="price,size"), "are not labels"),
    ],
)
def test_what_are_not_labels_of_it_is_refused(given: Given, told: str) -> None:
    with pytest.raises(UnreadableAnswer, match="topics: ") as refused:
        TOPICS.read(given)

    assert told in str(refused.value)


def test_nothing_ticked_is_an_answer_only_where_the_field_says_so() -> None:
    free = MultiChoice("topics", ["price", "size"], least=0, most=1)

    assert free.read(Given()) == []
    assert free.read(Given(value={"price": False, "size": False})) == []
    with pytest.raises(UnreadableAnswer, match="2 labels; 0 to 1 are asked for"):
        free.read(Given(text="price|size"))


# Numbers


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (Given(text="7.5"), 7.5),
        (Given(text="+7.50 h"), 7.5),
        (Given(text=" .5"), 0.5),
        (Given(text="75e-1"), 7.5),
        (Given(text="-0"), 0.0),
        (Given(value=7.5), 7.5),
        (Given(value=7), 7.0),
        (Given(selections=("7",)), 7.0),
        (Given(value={"6": False, "7": True}), 7.0),
    ],
)
def test_a_number_is_read_in_every_form(given: Given, number: float) -> None:
    found = HOURS.read(given)

    assert (found, math.copysign(1, found)) == (number, 1.0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Given(), "not answered"),
        (Given(text="7,5"), "'7,5' is no number"),
        (Given(text="1 000"), "is no number"),
        (Given(text="seven"), "is no number"),
        (Given(text="nan"), "is no number"),
        (Given(text="inf"), "is no number"),
        (Given(text="0x10"), "is no number"),
        (Given(text="\u0667"), "is no number"),
        (Given(text="9" * 400), "is no number"),
        (Given(text="1e99"), "is no number"),
        (Given(value=math.nan), "is no number"),
        (Given(value=math.inf), "is no number"),
        (Given(value=10**400), "is no number"),
        (Given(value=True), "is no number"),
        (Given(value=[7]), "is no number"),
        (Given(value={"6": True, "7": True}), "is no number"),
        (Given(text="24.5"), "is more than 24"),
        (Given(text="-0.5"), "is less than 0"),
        (Given(text="7.3"), "is no multiple of 0.5"),
        (Given(text="7.5", upload="key"), "is no number"),
    ],
)
def test_what_is_no_such_number_is_refused(given: Given, told: str) -> None:
    with pytest.raises(UnreadableAnswer, match="hours: ") as refused:
        HOURS.read(given)

    assert told in str(refused.value)


def test_steps_are_counted_from_the_lowest_number() -> None:
    odd = Number("odd", least=1, step="2")

    assert odd.read(Given(text="7")) == 7
    with pytest.raises(UnreadableAnswer, match="is no multiple of 2 above 1"):
        odd.read(Given(text="8"))
    assert Number("price", step="0.1").read(Given(value=0.3)) == 0.3


@pytest.mark.parametrize(
    ("value", "label"), [(12.0, "12"), (0.1, "0.1"), (-2.5, "-2.5"), (1e15, "1" + 15 * "0")]
)
def test_a_number_has_one_spelling(value: float, label: str) -> None:
    field = Number("n")

    assert field.write(value) == label
    assert field.parse(label) == value


# Boxes


def test_boxes_are_read_as_crowd_bounding_box_sends_them_and_sorted() -> None:
    assert THINGS.read(sent(box("dog"), box(), initialValueModified=True)) == [box(), box("dog")]
    assert THINGS.read(sent()) == []


@pytest.mark.parametrize(
    "given",
    [
        Given(text=json.dumps([box()])),
        Given(text=json.dumps({"boundingBoxes": [box()]})),
        Given(value=[box()]),
        Given(
            value={
                "boundingBoxes": json.dumps([box()]),
                "inputImageProperties.height": "200",
                "inputImageProperties.width": "400",
            }
        ),
    ],
)
def test_boxes_may_come_flattened_or_from_a_form_of_ones_own(given: Given) -> None:
    assert THINGS.read(given) == [box()]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Given(), "not answered"),
        (Given(text="none"), "is not JSON"),
        (Given(text='[{"label": "cat", "left": NaN}]'), "is not JSON"),
        (Given(text="[" * 100_000), "is not JSON"),
        (Given(text="9" * 5000), "is not JSON"),
        (Given(value={"boxes": []}), "are no boxes"),
        (Given(value=7), "are no boxes"),
        (Given(selections=("cat",)), "are no boxes"),
        (sent({"left": 1}), "is no box"),
        (sent(box(note="hello")), "is no box"),
        (sent([box()]), "is no box"),
        (sent(None), "is no box"),
        (sent(box("bird")), "the label of a box, but none"),
        (sent(box(label=["cat"])), "the label of a box, but none"),
        (sent(box(width=-30)), "is no box in pixels"),
        (sent(box(left=-1)), "is no box in pixels"),
        (sent(box(left="10")), "is no box in pixels"),
        (sent(box(left=True)), "is no box in pixels"),
        (sent(box(left=math.nan)), "is no box in pixels"),
        (sent(box(top=math.inf)), "is no box in pixels"),
        (sent(box(width=10**400)), "is no box in pixels"),
        (sent(box(height=0)), "is a box without an area"),
        (sent(box(width=400)), "is beyond the picture of 400 x 200"),
        (sent(*[box()] * 101), "101 boxes; 0 to 100 are asked for"),
        (sent(*[box()] * 201), "201 boxes, more than 200"),
        (sent(inputImageProperties=7), "are no inputImageProperties"),
        (sent(inputImageProperties={"width": "wide", "height": 1}), "is no size"),
        (sent(boundingBoxes="x"), "is not JSON"),
        (sent(boundingBoxes={}), "is no list of boxes"),
    ],
)
def test_what_are_no_boxes_on_the_picture_is_refused(given: Given, told: str) -> None:
    with pytest.raises(UnreadableAnswer, match="things: ") as refused:
        THINGS.read(given)

    assert told in str(refused.value)


def test_a_picture_of_known_size_bounds_the_boxes_whatever_the_answer_says() -> None:
    with pytest.raises(UnreadableAnswer, match="is beyond the picture of 30 x 60"):
        Boxes("things", ["cat"], size=(30, 60)).read(sent(box()))


# All kinds


ALL = [
    TOPICS,
    MultiChoice("a", ["x", "y"], least=0, most=1),
    HOURS,
    Number("a", tolerance=2),
    THINGS,
    Boxes("a", ["x"], least=1, most=3, size=(640, 480)),
    Choice("a", ["x", "y"]),
    Text("a"),
]


@pytest.mark.parametrize("field", ALL, ids=str)
def test_a_field_comes_back_from_json_as_it_was(field: Field) -> None:
    assert from_json(json.loads(json.dumps(field.to_json()))) == field


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"kind": "colour", "name": "a"}, "is no answer kind of this version"),
        ({"kind": "number", "name": "a", "colour": 1}, "is no answer kind of this version"),
        ({"kind": "boxes", "name": "a"}, "is no answer kind of this version"),
    ],
)
def test_what_no_field_said_is_refused(data: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidDefinition, match=told):
        from_json(data)


@pytest.mark.parametrize(
    ("kind", "changed", "field"),
    [
        (MultiChoice, {"labels": ["x"]}, "labels"),
        (MultiChoice, {"labels": ["a|b", "c"]}, "labels"),
        (MultiChoice, {"labels": ["x", "y"], "least": -1}, "least"),
        (MultiChoice, {"labels": ["x", "y"], "most": 3}, "most"),
        (MultiChoice, {"labels": ["x", "y"], "least": 2, "most": 1}, "most"),
        (Number, {"least": 5, "most": 5}, "most"),
        (Number, {"least": math.nan}, "least"),
        (Number, {"most": "10"}, "most"),
        (Number, {"step": "0"}, "step"),
        (Number, {"step": "a little"}, "step"),
        (Number, {"tolerance": -1}, "tolerance"),
        (Number, {"unit": "a\nb"}, "unit"),
        (Boxes, {"labels": []}, "labels"),
        (Boxes, {"labels": "cat"}, "labels"),
        (Boxes, {"labels": ["x"], "most": 201}, "most"),
        (Boxes, {"labels": ["x"], "least": 1.5}, "least"),
        (Boxes, {"labels": ["x"], "size": (0, 10)}, "size"),
        (Boxes, {"labels": ["x"], "size": (10,)}, "size"),
    ],
)
def test_a_wrong_field_is_refused_with_what_is_wrong(
    kind: Any, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        kind("a", **changed)

    assert refused.value.field == field


# Through the XML that the endpoint hands out


def submitted(**answers: Any) -> str:
    text = json.dumps([answers]).replace("&", "&amp;").replace("<", "&lt;")
    return (
        "<QuestionFormAnswers><Answer><QuestionIdentifier>taskAnswers</QuestionIdentifier>"
        f"<FreeText>{text}</FreeText></Answer></QuestionFormAnswers>"
    )


def test_several_fields_of_a_crowd_form_are_read_at_once() -> None:
    form = submitted(
        topics={"price": True, "size": False},
        hours=7.5,
        things={"boundingBoxes": [box()], "inputImageProperties": {"height": 200, "width": 400}},
    )
    (slot,) = read(parse(form), [TOPICS, HOURS, THINGS])

    assert slot.values == {"topics": ["price"], "hours": 7.5, "things": [box()]}


def test_one_wrong_field_spoils_the_answer_and_is_named() -> None:
    (slot,) = read(parse(submitted(topics={"price": True}, hours="late")), [TOPICS, HOURS])

    assert slot.values == {}
    assert slot.problem == "hours: 'late' is no number, written like 1200.5"
