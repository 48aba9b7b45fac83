"""Fields as JSON, and labels of stages that ask for one field or several."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

from hitline.errors import InvalidDefinition, UnreadableAnswer
from hitline.fields.boxes import Boxes
from hitline.fields.choice import Choice
from hitline.fields.given import Field, canonical, decoded
from hitline.fields.multichoice import MultiChoice
from hitline.fields.number import Number
from hitline.fields.text import Text
from hitline.model import Label


def from_json(data: Mapping[str, Any]) -> Field:
    """The field that `to_json` described. Raises InvalidDefinition for a kind unknown here."""
    match data:
        case {"kind": "choice", "name": str(name), "labels": [*labels]}:
            return Choice(name, labels)
        case {"kind": "text", "name": str(name), "least": int(least), "most": int(most)}:
            return Text(name, least=least, most=most)
        case {"kind": "multichoice", "name": str(name), "labels": [*labels], **bounds}:
            return _made(MultiChoice, name, bounds, labels)
        case {"kind": "boxes", "name": str(name), "labels": [*labels], **bounds}:
            return _made(Boxes, name, bounds, labels)
        case {"kind": "number", "name": str(name), **bounds}:
            return _made(Number, name, bounds)
    raise _unknown(data)


def label_of(fields: Sequence[Field], values: Mapping[str, Any]) -> Label:
    """One field's value as its label; several as a JSON object by their names.

    Raises KeyError where a field has no value.
    """
    if len(fields) == 1:
        return fields[0].write(values[fields[0].name])
    return canonical({field.name: values[field.name] for field in fields})


def values_of(fields: Sequence[Field], label: Label) -> dict[str, Any]:
    """The typed values by field name. Raises UnreadableAnswer if it is no label of these fields."""
    if len(fields) == 1:
        return {fields[0].name: fields[0].parse(label)}
    names = {field.name for field in fields}
    values = decoded("label", label)
    if not isinstance(values, dict) or set(values) != names:
        raise UnreadableAnswer(
            f"label: {reprlib.repr(label)} is no JSON object with {', '.join(sorted(names))}"
        )
    return {field.name: field.accept(values[field.name]) for field in fields}


def spelled(fields: Sequence[Field], text: str) -> Label:
    """A label that a person typed, in the one spelling in which labels are stored and compared.

    Raises UnreadableAnswer if it is no label of these fields.
    """
    return label_of(fields, values_of(fields, text))


def is_label(fields: Sequence[Field], text: str) -> bool:
    """Whether the text is a label of these fields."""
    try:
        values_of(fields, text)
    except UnreadableAnswer:
        return False
    return True


def _made(kind: Any, name: str, bounds: Mapping[str, Any], *labels: Any) -> Field:
    try:
        made: Field = kind(name, *labels, **bounds)
    except TypeError:
        raise _unknown({"kind": kind.kind, "name": name, **bounds}) from None
    return made


def _unknown(data: Mapping[str, Any]) -> InvalidDefinition:
    return InvalidDefinition("kind", f"{reprlib.repr(data)} is no answer kind of this version")
