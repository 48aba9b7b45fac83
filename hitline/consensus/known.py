"""Known answers: whether what a worker said, or what an item settled with, is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hitline.consensus.boxes import MATCHED, likeness
from hitline.consensus.ruling import asked
from hitline.consensus.wording import worded
from hitline.errors import UnreadableAnswer
from hitline.fields import Boxes, Field, Number, Text, values_of
from hitline.model import Label
from hitline.policies import Policy
from hitline.standing import matches


def is_right(fields: Sequence[Field], label: Label | None, gold: Label) -> bool:
    """Whether a label says what is known; of several fields, whether each does.

    False where either is no label of these fields. Without fields, labels are compared as they are.
    """
    if label is None or not fields:
        return label == gold
    try:
        return _says(fields, values_of(fields, label), gold)
    except UnreadableAnswer:
        return False


def meets(policy: Policy, values: Mapping[str, Any], gold: Label) -> bool:
    """Whether one worker's values say what is known, by the fields that were asked for."""
    fields = asked(policy)
    if not fields:
        return policy.field in values and matches(values[policy.field], gold)
    return _says(fields, values, gold)


def agrees(policy: Policy, values: Mapping[str, Any], label: Label) -> bool | None:
    """Whether one worker's values say what the item settled with.

    None where being different is no fault: words of one's own, and numbers without a tolerance.
    """
    for field in asked(policy):
        if isinstance(field, Text) or (isinstance(field, Number) and not field.tolerance):
            return None
    return meets(policy, values, label)


def _says(fields: Sequence[Field], values: Mapping[str, Any], gold: Label) -> bool:
    try:
        known = values_of(fields, gold)
    except UnreadableAnswer:
        return False
    return all(
        field.name in values and _is_met(field, values[field.name], known[field.name])
        for field in fields
    )


def _is_met(field: Field, value: Any, known: Any) -> bool:
    """Numbers within the field's tolerance, texts by their words, boxes by their overlap."""
    match field:
        case Number():
            return bool(abs(value - known) <= field.tolerance)
        case Text():
            return worded(value).words == worded(known).words
        case Boxes():
            return likeness(value, known, MATCHED) >= MATCHED
    return bool(value == known)
