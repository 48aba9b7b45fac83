"""MultiChoice: any of a closed set of labels."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from hitline.errors import InvalidDefinition, UnreadableAnswer
from hitline.fields.given import Given, canonical, check_count, check_labels, check_name, decoded
from hitline.model import Label

TICKED = frozenset({"true", "on"})
"""What forms send for a box that is ticked, where each box has a name of its own."""


@dataclass(frozen=True)
class MultiChoice:
    """`least` to `most` of a closed set of labels, each once; the value has them in its order.

    With `least=0` an unticked form is an answer too. A plain form does not even send the name then,
    so a wrong name looks the same: a label of its own for "none of these" is safer.
    """

    kind: ClassVar[str] = "multichoice"

    name: str
    labels: Sequence[Label]
    _: KW_ONLY
    least: int = 1
    most: int | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        check_labels(self.labels)
        object.__setattr__(self, "labels", tuple(self.labels))
        if self.most is None:
            object.__setattr__(self, "most", len(self.labels))
        check_count(self.least, self.limit, floor=0)
        if self.limit > len(self.labels):
            raise InvalidDefinition("most", f"{self.most}, but there are {len(self.labels)} labels")
        for label in self.labels:
            if "|" in label:
                raise InvalidDefinition("labels", f'{label!r} holds a "|", which parts labels')

    @property
    def limit(self) -> int:
        """So many labels at most."""
        assert self.most is not None
        return self.most

    def read(self, given: Given) -> list[Label]:
        """The labels that were ticked, in whichever form they came."""
        if given.is_empty and self.least > 0:
            raise UnreadableAnswer(f"{self.name}: not answered")
        said = self._said(given)
        if said is None or not self._are_labels(said):
            raise UnreadableAnswer(
                f"{self.name}: {given} are not labels of it {reprlib.repr(self.labels)}"
            )
        if not self.least <= len(said) <= self.limit:
            raise UnreadableAnswer(
                f"{self.name}: {len(said)} labels; {self.least} to {self.limit} are asked for"
            )
        return self._in_order(said)

    def accept(self, value: Any) -> list[Label]:
        """A list of labels, each once."""
        if not isinstance(value, list) or not self._are_labels(value):
            raise UnreadableAnswer(
                f"{self.name}: {reprlib.repr(value)} is no list of its labels "
                f"{reprlib.repr(self.labels)}"
            )
        return self._in_order(value)

    def write(self, value: list[Label]) -> Label:
        return canonical(self._in_order(value))

    def parse(self, label: Label) -> list[Label]:
        """JSON, or as people type it: labels with "|" between them."""
        if label.startswith("["):
            return self.accept(decoded(self.name, label))
        return self.accept([part.strip() for part in label.split("|") if part.strip()])

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "multichoice",
            "name": self.name,
            "labels": list(self.labels),
            "least": self.least,
            "most": self.limit,
        }

    def _said(self, given: Given) -> list[Any] | None:
        """The labels that were ticked; None where it cannot be told.

        Checkboxes in a crowd-form send `{"a": true, "b": false}`, crowd-classifier-multi-select
        `{"labels": ["a"]}`, a select an array; flattened, the arrays are JSON text. Boxes of a
        plain form have a name each, `field.a`. Text has "|" between labels.
        """
        match given.value:
            case {"labels": list(said), **rest} if set(rest) <= {"workerComment"}:
                return said
            case {"labels": str(text), **rest} if set(rest) <= {"workerComment"}:
                said = decoded(self.name, text)
                return said if isinstance(said, list) else None
            case list(said):
                return said
            case dict() as ticks:
                known = all(isinstance(tick, bool) or _is_tick(tick) for tick in ticks.values())
                return [label for label, tick in ticks.items() if tick] if known else None
        if given.value is not None or given.other or given.upload:
            return None
        text = (given.text or "").strip()
        return [*given.selections, *(part.strip() for part in text.split("|") if part.strip())]

    def _are_labels(self, said: Sequence[Any]) -> bool:
        return (
            len(said) <= len(self.labels)
            and all(isinstance(one, str) and one in self.labels for one in said)
            and len(set(said)) == len(said)
        )

    def _in_order(self, said: Iterable[Label]) -> list[Label]:
        ticked = set(said)
        return [label for label in self.labels if label in ticked]


def _is_tick(value: Any) -> bool:
    return isinstance(value, str) and value in TICKED
