"""Answer kinds: what a stage asks of a worker, and how what they gave is read.

A kind checks itself when it is made, reads one worker's answer into a typed value, and is stored
as JSON with the policy that an item was published under.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Protocol

from hitline.errors import InvalidDefinition, UnreadableAnswer
from hitline.model import Label

RESERVED = frozenset({"assignmentId", "hitId", "turkSubmitTo", "workerId", "taskAnswers"})
"""Form names that MTurk's pages and the crowd-form element use for themselves."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What a worker gave under one question identifier; nothing in it is trusted."""

    text: str | None = None
    selections: tuple[str, ...] = ()
    other: str | None = None
    """What stood in the "other" box beside the selections."""
    value: Any = None
    """What a crowd-form sent that is no string: an object, an array, a boolean or a number."""
    upload: str | None = None
    """The key of an uploaded file."""

    @property
    def is_empty(self) -> bool:
        """Whether the worker left the question unanswered."""
        return (
            self.value is None
            and not self.selections
            and not (self.text or "").strip()
            and not (self.other or "").strip()
            and not self.upload
        )

    def __str__(self) -> str:
        """Shortened, control characters escaped: fit for a message or a log."""
        came = (self.text, self.selections or None, self.other, self.value, self.upload)
        return ", ".join(reprlib.repr(part) for part in came if part is not None) or "nothing"


class Field(Protocol):
    """A kind of answer. `name` is the form field's name, without the slot's number."""

    @property
    def name(self) -> str: ...

    def read(self, given: Given) -> Any:
        """The typed value; an empty `given` stands for a question that was not answered.

        Raises UnreadableAnswer, naming the field and what came.
        """
        ...

    def to_json(self) -> dict[str, Any]:
        """The kind and its parameters; `from_json` makes an equal field of it."""
        ...


@dataclass(frozen=True)
class Choice:
    """One of a closed set of labels, compared case by case."""

    name: str
    labels: Sequence[Label]

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_labels(self.labels)
        object.__setattr__(self, "labels", tuple(self.labels))

    def read(self, given: Given) -> Label:
        """The label chosen, be it sent as text, as a selection or as a crowd element's object."""
        if given.is_empty:
            raise UnreadableAnswer(f"{self.name}: not answered")
        said = _said(given)
        if len(said) != 1 or said[0] not in self.labels:
            raise UnreadableAnswer(
                f"{self.name}: {given} is not one of its labels {reprlib.repr(self.labels)}"
            )
        return said[0]

    def to_json(self) -> dict[str, Any]:
        return {"kind": "choice", "name": self.name, "labels": list(self.labels)}


@dataclass(frozen=True)
class Text:
    """Text in the worker's own words, `least` to `most` characters long without what surrounds it.

    Line ends, which forms send as CR LF, become LF.
    """

    name: str
    _: KW_ONLY
    least: int = 1
    most: int = 10_000

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.least < 1:
            raise InvalidDefinition("least", f"{self.least} would let an empty answer pass")
        if self.most < self.least:
            raise InvalidDefinition("most", f"{self.most} is less than least ({self.least})")

    def read(self, given: Given) -> str:
        """The text, if it is one and of the right length."""
        if given.is_empty:
            raise UnreadableAnswer(f"{self.name}: not answered")
        if given.text is None or given.selections or given.value is not None:
            raise UnreadableAnswer(f"{self.name}: {given} is no text")
        text = given.text.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not self.least <= len(text) <= self.most:
            raise UnreadableAnswer(
                f"{self.name}: {len(text)} characters; {self.least} to {self.most} are asked for"
            )
        return text

    def to_json(self) -> dict[str, Any]:
        return {"kind": "text", "name": self.name, "least": self.least, "most": self.most}


def from_json(data: Mapping[str, Any]) -> Field:
    """The field that `to_json` described. Raises InvalidDefinition for a kind unknown here."""
    match data:
        case {"kind": "choice", "name": str(name), "labels": [*labels]}:
            return Choice(name, labels)
        case {"kind": "text", "name": str(name), "least": int(least), "most": int(most)}:
            return Text(name, least=least, most=most)
    raise InvalidDefinition("kind", f"{reprlib.repr(data)} is no answer kind of this version")


def _said(given: Given) -> list[str]:
    """Each label that `given` may mean; the caller insists on exactly one.

    Plain forms and crowd-input send text, radio buttons in a crowd-form `{"yes": true, "no":
    false}`, crowd-classifier `{"label": "yes"}`. A bare boolean or number is not guessed at.
    """
    match given.value:
        case {"label": str(label), **rest} if not rest:
            return [label]
        case dict() as ticks if all(isinstance(tick, bool) for tick in ticks.values()):
            return [label for label, ticked in ticks.items() if ticked]
    if given.other or given.upload:
        return []
    text = (given.text or "").strip()
    return [*given.selections, text] if text else [*given.selections]


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidDefinition(
            "name",
            f"{name!r} is no field name; use up to 64 letters, digits, - and _, a letter first",
        )
    _check_reserved("name", name)


def _check_labels(labels: Sequence[Label]) -> None:
    if isinstance(labels, str):
        raise InvalidDefinition("labels", f"{labels!r} is one string; write a list of labels")
    if len(labels) < 2:
        raise InvalidDefinition("labels", f"{list(labels)!r} leaves no choice; write two or more")
    for label in labels:
        if not isinstance(label, str) or not label or label != label.strip():
            raise InvalidDefinition("labels", f"{label!r} is empty or has spaces around it")
        if not label.isprintable():
            raise InvalidDefinition("labels", f"{label!r} holds a character that is not printable")
        _check_reserved("labels", label)
        if list(labels).count(label) > 1:
            raise InvalidDefinition("labels", f"{label!r} is there twice")


def _check_reserved(field: str, value: str) -> None:
    if value in RESERVED:
        raise InvalidDefinition(field, f"{value!r} is a name that MTurk's forms use for themselves")
