"""What a worker gave under one name, and what every kind of answer makes of it."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, Protocol

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

    @property
    def said(self) -> list[str]:
        """Each label that may be meant; who wants one insists on exactly one.

        Plain forms and crowd-input send text, radio buttons in a crowd-form `{"yes": true, "no":
        false}`, crowd-classifier `{"label": "yes"}`. A bare boolean or number is not guessed at.
        """
        match self.value:
            case {"label": str(label), **rest} if not rest:
                return [label]
            case dict() as ticks if all(isinstance(tick, bool) for tick in ticks.values()):
                return [label for label, ticked in ticks.items() if ticked]
        if self.other or self.upload:
            return []
        text = (self.text or "").strip()
        return [*self.selections, text] if text else [*self.selections]

    def __str__(self) -> str:
        """Shortened, control characters escaped: fit for a message or a log."""
        came = (self.text, self.selections or None, self.other, self.value, self.upload)
        return ", ".join(reprlib.repr(part) for part in came if part is not None) or "nothing"


class Field(Protocol):
    """A kind of answer. `name` is the form field's name, without the slot's number.

    Three shapes of one answer: what was given, a typed value that JSON can hold, and the label,
    which is text. `parse(write(value))` is the value again, and equal values have equal labels.
    """

    kind: ClassVar[str]

    @property
    def name(self) -> str: ...

    def read(self, given: Given) -> Any:
        """The typed value; an empty `given` stands for a question that was not answered.

        Raises UnreadableAnswer, naming the field and what came.
        """
        ...

    def accept(self, value: Any) -> Any:
        """The typed value, of a JSON value that did not come from a form: stored, or typed by hand.

        What a form must keep to (steps, lengths, how many) is not asked for: what several answers
        come to need not keep to it. Raises UnreadableAnswer.
        """
        ...

    def write(self, value: Any) -> Label:
        """The value as a label."""
        ...

    def parse(self, label: Label) -> Any:
        """The value of a label. Raises UnreadableAnswer if it is none of this field."""
        ...

    def to_json(self) -> dict[str, Any]:
        """The kind and its parameters; `from_json` makes an equal field of it."""
        ...


def refuse(name: str, came: object, wanted: str) -> NoReturn:
    """Raise UnreadableAnswer with the field, what came (shortened, escaped) and what is wanted."""
    said = str(came) if isinstance(came, Given) else reprlib.repr(came)
    raise UnreadableAnswer(f"{name}: {said} {wanted}")


def canonical(value: Any) -> str:
    """JSON in one spelling: members in order, no spaces, characters as they are."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def decoded(name: str, text: str) -> Any:
    """What JSON text holds; NaN and infinities, which Python's parser takes, are none.

    Raises UnreadableAnswer.
    """
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        refuse(name, text, "is not JSON")


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number in JSON")


def check_name(name: str) -> None:
    """Refuse what is no name of a form's field. Raises InvalidDefinition."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidDefinition(
            "name",
            f"{name!r} is no field name; use up to 64 letters, digits, - and _, a letter first",
        )
    _check_reserved("name", name)


def check_labels(labels: Sequence[Label], *, fewest: int = 2) -> None:
    """Refuse labels that a form could not send, or that could not be told apart."""
    if isinstance(labels, str):
        raise InvalidDefinition("labels", f"{labels!r} is one string; write a list of labels")
    if len(labels) < fewest:
        wanted = "write two or more" if fewest > 1 else "write one or more"
        raise InvalidDefinition("labels", f"{list(labels)!r} leaves no choice; {wanted}")
    for label in labels:
        if not isinstance(label, str) or not label or label != label.strip():
            raise InvalidDefinition("labels", f"{label!r} is empty or has spaces around it")
        if not label.isprintable():
            raise InvalidDefinition("labels", f"{label!r} holds a character that is not printable")
        _check_reserved("labels", label)
        if list(labels).count(label) > 1:
            raise InvalidDefinition("labels", f"{label!r} is there twice")


def check_count(least: int, most: int, *, floor: int) -> None:
    """Refuse bounds of a count that nothing can keep to."""
    for name, number in (("least", least), ("most", most)):
        if not isinstance(number, int) or isinstance(number, bool):
            raise InvalidDefinition(name, f"{number!r} is no whole number")
    if least < floor:
        raise InvalidDefinition("least", f"{least} is less than {floor}")
    if most < least:
        raise InvalidDefinition("most", f"{most} is less than least ({least})")


def _check_reserved(field: str, value: str) -> None:
    if value in RESERVED:
        raise InvalidDefinition(field, f"{value!r} is a name that MTurk's forms use for themselves")
