"""Text: an answer in the worker's own words."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from hitline.errors import InvalidDefinition, UnreadableAnswer
from hitline.fields.given import Given, check_name, refuse
from hitline.model import Label


@dataclass(frozen=True)
class Text:
    """Text in the worker's own words, `least` to `most` characters long without what surrounds it.

    Line ends, which forms send as CR LF, become LF.
    """

    kind: ClassVar[str] = "text"

    name: str
    _: KW_ONLY
    least: int = 1
    most: int = 10_000

    def __post_init__(self) -> None:
        check_name(self.name)
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

    def accept(self, value: Any) -> str:
        """Any text that is not empty."""
        if not isinstance(value, str) or not value.strip():
            refuse(self.name, value, "is no text")
        return value

    def write(self, value: str) -> Label:
        return value

    def parse(self, label: Label) -> str:
        return self.accept(label)

    def to_json(self) -> dict[str, Any]:
        return {"kind": "text", "name": self.name, "least": self.least, "most": self.most}
