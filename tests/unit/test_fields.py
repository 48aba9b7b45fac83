"""A choice is right when it is made, and reads one label or none."""

from __future__ import annotations

from typing import Any

import pytest

from hitline.errors import InvalidDefinition, UnreadableAnswer
from hitline.fields import RESERVED, Choice, Field, Given, Text, from_json

BREED = Choice("breed", ["Norfolk terrier", "Norwich terrier"])


@pytest.mark.parametrize(
    "given",
    [
        Given(text="Norfolk terrier"),
        Given(text="\r\n  Norfolk terrier "),
        Given(selections=("Norfolk terrier",)),
        Given(selections=("Norfolk terrier",), other=""),
        Given(value={"Norfolk terrier": True, "Norwich terrier": False}),
        Given(value={"Norfolk terrier": True}),
        Given(value={"label": "Norfolk terrier"}),
    ],
)
def test_a_choice_reads_its_label_in_every_form(given: Given) -> None:
    assert BREED.read(given) == "Norfolk terrier"


def test_a_radio_group_may_have_a_label_called_label() -> None:
    assert Choice("what", ["label", "other"]).read(Given(value={"label": True})) == "label"


@pytest.mark.parametrize(
    ("given", "came"),
    [
        (Given(text="norfolk terrier"), "'norfolk terrier'"),
        (Given(text="a\x1b[2Jb\nc"), r"'a\x1b[2Jb\nc'"),
        (Given(text="x" * 100), "'xxxxxxxxxxxx...xxxxxxxxxxxxx'"),
        (Given(selections=("Norfolk terrier", "Norwich terrier")), "('Norfolk"),
        (Given(selections=("Norfolk terrier",), other="or so"), "'or so'"),
        (Given(other="Norfolk terrier"), "'Norfolk terrier'"),
        (Given(value={"Norfolk terrier": True, "Norwich terrier": True}), "True"),
        (Given(value={"Norfolk terrier": False}), "False"),
        (Given(value={"Norfolk terrier": "true"}), "'true'"),
        (Given(value={"label": "Norfolk terrier", "x": 1}), "'x': 1"),
        (Given(value=True), "True"),
        (Given(value=3), "3"),
        (Given(value=["Norfolk terrier"]), "['Norfolk terrier']"),
        (Given(upload="some/key.png"), "'some/key.png'"),
    ],
)
def test_what_is_not_one_label_is_refused_with_the_field_and_what_came(
    given: Given, came: str
) -> None:
    with pytest.raises(UnreadableAnswer) as refused:
        BREED.read(given)

    message = str(refused.value)
    assert message.startswith("breed: ")
    assert message.endswith(" is not one of its labels ('Norfolk terrier', 'Norwich terrier')")
    assert came in message
    assert message.isprintable()


@pytest.mark.parametrize("given", [Given(), Given(text=" \n"), Given(other=" ")])
def test_an_empty_answer_is_told_from_a_wrong_one(given: Given) -> None:
    with pytest.raises(UnreadableAnswer, match=r"^breed: not answered$"):
        BREED.read(given)


def test_a_boolean_is_not_guessed_to_be_a_label() -> None:
    with pytest.raises(UnreadableAnswer, match=r"^sure: True is not one of its labels"):
        Choice("sure", ["yes", "no"]).read(Given(value=True))


@pytest.mark.parametrize("name", ["", "1st", "a.b", "a b", "a\n", "ä", "x" * 65, None, 7])
def test_a_malformed_field_name_is_refused(name: Any) -> None:
    with pytest.raises(InvalidDefinition, match=r"^name: .* is no field name") as refused:
        Choice(name, ["yes", "no"])

    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([], "leaves no choice"),
        (["yes"], "leaves no choice"),
        ("yes", "is one string"),
        (["yes", ""], "is empty"),
        (["yes", " no"], "has spaces around it"),
        (["yes", "n\to"], "not printable"),
        (["yes", None], "is empty"),
        (["yes", "no", "yes"], "'yes' is there twice"),
    ],
)
def test_labels_that_cannot_work_are_refused(labels: Any, reason: str) -> None:
    with pytest.raises(InvalidDefinition, match=f"^labels: .*{reason}"):
        Choice("side", labels)


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_names_that_mturks_forms_use_are_refused(name: str) -> None:
    with pytest.raises(InvalidDefinition, match=r"^name: .* use for themselves"):
        Choice(name, ["yes", "no"])
    with pytest.raises(InvalidDefinition, match=r"^labels: .* use for themselves"):
        Choice("side", ["yes", name])


def test_a_choice_comes_back_equal_from_json() -> None:
    described = BREED.to_json()

    assert described == {
        "kind": "choice",
        "name": "breed",
        "labels": ["Norfolk terrier", "Norwich terrier"],
    }
    assert from_json(described) == BREED


@pytest.mark.parametrize("data", [{}, {"kind": "riddle"}, {"kind": "choice", "name": "x"}])
def test_an_unknown_kind_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidDefinition, match=r"^kind: .* is no answer kind of this version"):
        from_json(data)


def test_a_choice_is_a_field() -> None:
    field: Field = BREED

    assert field.name == "breed"
    assert len({BREED, Choice("breed", ("Norfolk terrier", "Norwich terrier"))}) == 1


REPLY = Text("reply", least=3, most=10)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("three", "three"),
        ("  two words\r\n", "two words"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("ééé", "ééé"),
        ("0123456789", "0123456789"),
    ],
)
def test_a_text_is_read_without_what_surrounds_it(sent: str, read: str) -> None:
    assert REPLY.read(Given(text=sent)) == read


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (Given(), "not answered"),
        (Given(text=" \r\n "), "not answered"),
        (Given(text="ab "), "2 characters; 3 to 10 are asked for"),
        (Given(text="01234567890"), "11 characters; 3 to 10 are asked for"),
        (Given(selections=("yes",)), "('yes',) is no text"),
        (Given(value={"a": 1}), "{'a': 1} is no text"),
        (Given(upload="key"), "'key' is no text"),
    ],
)
def test_what_is_no_text_of_that_length_is_refused(given: Given, why: str) -> None:
    with pytest.raises(UnreadableAnswer) as refused:
        REPLY.read(given)

    assert str(refused.value) == f"reply: {why}"


@pytest.mark.parametrize(
    ("least", "most", "field"), [(0, 10, "least"), (5, 4, "most"), (-1, 10, "least")]
)
def test_a_text_that_could_be_empty_or_never_right_cannot_be_asked_for(
    least: int, most: int, field: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        Text("reply", least=least, most=most)

    assert refused.value.field == field


def test_a_text_is_the_same_after_it_was_stored() -> None:
    assert from_json(REPLY.to_json()) == REPLY
