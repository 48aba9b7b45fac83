"""The nouns of a QuestionForm: questions, what they show, and how they may be answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Style = Literal["radiobutton", "checkbox", "list", "dropdown", "combobox", "multichooser"]
STYLES: tuple[str, ...] = get_args(Style)
MEDIA = ("image", "audio", "video")


@dataclass(frozen=True, kw_only=True)
class Text:
    """Words: a Title, a Text, an item of a List, or FormattedContent."""

    kind: Literal["Title", "Text", "FormattedContent"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Items:
    """A bulleted list."""

    items: tuple[str, ...]
    kind: Literal["List"] = "List"


@dataclass(frozen=True, kw_only=True)
class Media:
    """A picture, sound or film at an address; `width` and `height` as the requester wrote them."""

    media: str
    subtype: str | None
    url: str
    alt: str
    width: str | None = None
    height: str | None = None
    kind: Literal["Media"] = "Media"


Content = Text | Items | Media


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A JavaScript regular expression that the answer must match somewhere."""

    regex: str
    flags: str
    error: str


@dataclass(frozen=True, kw_only=True)
class FreeText:
    """A text field; lengths are characters."""

    numeric: bool = False
    min_value: int | None = None
    max_value: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    patterns: tuple[Pattern, ...] = ()
    default: str = ""
    lines: int = 1


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing to choose."""

    identifier: str
    content: Content


@dataclass(frozen=True, kw_only=True)
class Selection:
    """A multiple-choice field, of which `least` to `most` options are chosen."""

    least: int
    most: int
    style: str | None
    options: tuple[Option, ...]
    other: FreeText | None


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of a form."""

    identifier: str
    name: str | None
    required: bool
    content: tuple[Content, ...]
    answer: FreeText | Selection


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What is said between the questions."""

    content: tuple[Content, ...]


@dataclass(frozen=True, kw_only=True)
class QuestionForm:
    """Overviews and questions in the order of the form."""

    parts: tuple[Overview | Question, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(part for part in self.parts if isinstance(part, Question))
