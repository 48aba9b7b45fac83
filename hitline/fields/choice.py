"""Choice: one of a closed set of labels."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from hitline.errors import UnreadableAnswer
from hitline.fields.given import Given, check_labels, check_name
from hitline.model import Label


@dataclass(frozen=True)
class Choice:
    """One of a closed set of labels, compared case by case."""

    kind: ClassVar[str] = "choice"

    name: str
    labels: Sequence[Label]

    def __post_init__(self) -> None:
        check_name(self.name)
        check_labels(self.labels)
        object.__setattr__(self, "labels", tuple(self.labels))

    def read(self, given: Given) -> Label:
        """The label chosen, be it sent as text, as a selection or as a crowd element's object."""
        if given.is_empty:
            raise UnreadableAnswer(f"{self.name}: not answered")
        said = given.said
        if len(said) != 1 or said[0] not in self.labels:
            raise UnreadableAnswer(
                f"{self.name}: {given} is not one of its labels {reprlib.repr(self.labels)}"
            )
        return said[0]

    def accept(self, value: Any) -> Label:
        """One of the labels."""
        if not isinstance(value, str) or value not in self.labels:
            raise UnreadableAnswer(
                f"{self.name}: {reprlib.repr(value)} is not one of its labels "
                f"{reprlib.repr(self.labels)}"
            )
        return value

    def write(self, value: Label) -> Label:
        return value

    def parse(self, label: Label) -> Label:
        return self.accept(label)

    def to_json(self) -> dict[str, Any]:
        return {"kind": "choice", "name": self.name, "labels": list(self.labels)}
