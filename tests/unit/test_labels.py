"""Labels: values of one field or several as text, in one spelling."""

from __future__ import annotations

from typing import Any

import pytest

from hitline.errors import UnreadableAnswer
from hitline.fields import (
    Boxes,
    Choice,
    Field,
    MultiChoice,
    Number,
    Text,
    is_label,
    label_of,
    spelled,
    values_of,
)

TOPIC = Choice("topic", ["billing", "delivery"])
PARTS = MultiChoice("parts", ["a", "b", "c"])
HOURS = Number("hours", least=0)
NOTE = Text("note")
THINGS = Boxes("things", ["cat"])
CAT = {"label": "cat", "left": 1, "top": 2.5, "width": 3, "height": 4}


@pytest.mark.parametrize(
    ("fields", "values", "label"),
    [
        ([TOPIC], {"topic": "billing"}, "billing"),
        ([NOTE], {"note": "so “long”"}, "so “long”"),
        ([HOURS], {"hours": 2.0}, "2"),
        ([PARTS], {"parts": ["a", "c"]}, '["a","c"]'),
        ([PARTS], {"parts": []}, "[]"),
        ([THINGS], {"things": [CAT]}, '[{"height":4,"label":"cat","left":1,"top":2.5,"width":3}]'),
        (
            [TOPIC, HOURS, NOTE],
            {"topic": "billing", "hours": 2.5, "note": "größer"},
            '{"hours":2.5,"note":"größer","topic":"billing"}',
        ),
    ],
)
def test_values_become_a_label_and_the_label_those_values(
    fields: list[Field], values: dict[str, Any], label: str
) -> None:
    assert label_of(fields, values) == label
    assert values_of(fields, label) == values
    assert spelled(fields, label) == label


@pytest.mark.parametrize(
    ("fields", "typed", "label"),
    [
        ([HOURS], "02.50", "2.5"),
        ([PARTS], "c | a", '["a","c"]'),
        ([PARTS], '["c", "a"]', '["a","c"]'),
        ([TOPIC, HOURS], '{"topic": "billing", "hours": 2.0}', '{"hours":2.0,"topic":"billing"}'),
    ],
)
def test_what_a_person_typed_is_spelled_as_labels_are(
    fields: list[Field], typed: str, label: str
) -> None:
    assert spelled(fields, typed) == label


@pytest.mark.parametrize(
    ("fields", "typed"),
    [
        ([TOPIC], "Billing"),
        ([HOURS], "-1"),
        ([HOURS], "two"),
        ([PARTS], "d"),
        ([PARTS], '{"a": true}'),
        ([NOTE], "  "),
        ([THINGS], "[1]"),
        ([TOPIC, HOURS], "billing"),
        ([TOPIC, HOURS], '{"topic": "billing"}'),
        ([TOPIC, HOURS], '{"topic": "billing", "hours": "2"}'),
        ([TOPIC, HOURS], '{"topic": "billing", "hours": NaN}'),
        ([TOPIC, HOURS], '{"topic": "billing", "hours": 2, "more": 1}'),
        ([TOPIC, HOURS], "[]"),
    ],
)
def test_what_is_no_label_is_refused(fields: list[Field], typed: str) -> None:
    assert not is_label(fields, typed)
    with pytest.raises(UnreadableAnswer):
        spelled(fields, typed)
