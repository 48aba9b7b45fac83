"""Answer kinds, whatever comes: read or refused, one spelling, and no consensus out of order."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitline.consensus.choice import Agreed, Needs
from hitline.consensus.ruling import consensus
from hitline.errors import UnreadableAnswer
from hitline.fields import Boxes, Field, Given, MultiChoice, Number, Text, label_of, values_of
from hitline.policies import Agree, Fixed, Overlap, Rule, StandardError, VoteLead

FIELDS: list[Field] = [
    MultiChoice("a", ["x", "y", "z"], least=0),
    Number("a", least=-100, most=100),
    Number("a"),
    Boxes("a", ["cat", "dog"], size=(50, 50)),
    Text("a"),
]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
given_ = st.builds(
    Given,
    text=st.none() | st.text() | anything.map(lambda value: json.dumps(value)),
    value=anything,
    selections=st.lists(st.text()).map(tuple),
)

side = st.integers(0, 24)
box = st.builds(
    lambda label, left, top, width, height: {
        "label": label,
        "left": left,
        "top": top,
        "width": width + 1,
        "height": height + 1,
    },
    st.sampled_from(["cat", "dog"]),
    *[side] * 4,
)
VALUES: dict[str, Any] = {
    "multichoice": st.lists(st.sampled_from(["x", "y", "z"]), unique=True).map(sorted),
    "number": st.floats(-100, 100).map(lambda number: number + 0.0),
    "boxes": st.lists(box, max_size=4),
    "text": st.lists(st.sampled_from("abc"), min_size=1, max_size=6).map(" ".join),
}
RULES: dict[str, list[Rule]] = {
    "multichoice": [VoteLead(most=5), Fixed(answers=3)],
    "number": [StandardError(at_most=5.0, most=5), Fixed(answers=3)],
    "boxes": [Overlap(most=5), Fixed(answers=3)],
    "text": [Agree(most=5), Agree(within=0.3, most=5, merge="medoid"), Fixed(answers=3)],
}


@pytest.mark.parametrize("field", FIELDS, ids=lambda one: one.kind)
@given(came=given_)
def test_whatever_is_given_is_read_or_refused_and_what_is_read_has_a_label(
    field: Field, came: Given
) -> None:
    try:
        value = field.read(came)
    except UnreadableAnswer:
        return
    label = label_of([field], {"a": value})
    assert values_of([field], label) == {"a": value}
    assert json.loads(json.dumps(value)) == value


@pytest.mark.parametrize("field", FIELDS, ids=lambda one: one.kind)
@given(data=st.data())
def test_consensus_does_not_depend_on_the_order_and_ends_at_the_most(
    field: Field, data: st.DataObject
) -> None:
    values = data.draw(st.lists(VALUES[field.kind], min_size=1, max_size=5))
    labels = [field.write(field.accept(value)) for value in values]
    rule = data.draw(st.sampled_from(RULES[field.kind]))
    ruling = consensus(field, rule, labels).judge()

    assert ruling == consensus(field, rule, Random(1).sample(labels, len(labels))).judge()
    if isinstance(ruling, Needs):
        assert 1 <= ruling.answers <= rule.most - len(labels)
    if isinstance(ruling, Agreed):
        assert field.write(field.parse(ruling.label)) == ruling.label
        assert 0 <= consensus(field, rule, labels).agreement(ruling.label) <= 1
    if len(labels) >= rule.most and field.kind != "multichoice":
        assert isinstance(ruling, Agreed)
