"""Whether a settled label is right, where that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hitline.consensus.known import is_right
from hitline.fields import Field, is_label
from hitline.model import ItemState, Label

Asked = Mapping[str, Sequence[Field]]
"""Stage -> the fields that it asks for; labels of stages that are not in it are compared as they
are."""


def right(
    asked: Asked, stage: str, state: str, label: Label | None, gold: Label | None
) -> bool | None:
    """Whether the label says what is known; None where none is settled or nothing is known."""
    fields = asked.get(stage, ())
    if state != ItemState.SETTLED or gold is None or (fields and not is_label(fields, gold)):
        return None
    return is_right(fields, label, gold)
