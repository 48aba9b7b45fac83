"""The nouns: a form, its fields, and what can be answered to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple


class Kind(StrEnum):
    """What an answer to a field is."""

    CHOICE = "choice"  # one of the options
    SEVERAL = "several"  # any number of the options
    NUMBER = "number"
    TEXT = "text"
    BOXES = "boxes"  # rectangles on an image, each with one of the options as its label


class Box(NamedTuple):
    """A rectangle on an image, in pixels from its upper left corner."""

    label: str
    left: float
    top: float
    width: float
    height: float


Answer = str | tuple[str, ...] | tuple[Box, ...]
"""Of a choice, number or text a string, of several a tuple of options, of boxes a tuple of them."""


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One thing that a form asks for."""

    name: str
    """Under which it is posted."""
    set: str
    """Under which skills and truth are looked up: `data-crowd-set`, else the name."""
    kind: Kind
    key: str | None = None
    """Of the item that it asks about: `data-crowd-task`."""
    options: tuple[str, ...] = ()
    required: bool = False
    least: float | None = None
    """The least number, the fewest characters, or the fewest options."""
    most: float | None = None
    step: float | None = None
    format: str = "text"
    """Of a text: the input's type."""
    shape: str = ""
    """The crowd element that posts it."""
    values: tuple[str, ...] = ()
    """Of radio buttons with names of their own, which are the options, what each posts."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a question asks for."""

    fields: tuple[FormField, ...]
    style: Literal["html", "crowd", "questionform"]
    hidden: Mapping[str, str] = field(default_factory=dict)
    """What is posted as it stands."""
    marks: frozenset[str] = frozenset()
    """Attribute values and texts in which the key of an item may stand."""
