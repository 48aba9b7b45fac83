"""Number: a quantity, from a text field, a slider or a scale of radio buttons."""

from __future__ import annotations

import math
import re
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from hitline.errors import InvalidDefinition, UnreadableAnswer
from hitline.fields.given import Given, check_name, refuse
from hitline.model import Label

LARGEST = 1e15
"""Beyond it, a float does not tell neighbouring whole numbers apart by much."""

DECIMALS = 9
"""Of a number that is kept."""

_WRITTEN = re.compile(
    r"[+-]?(?:[0-9]{1,16}(?:\.[0-9]{0,16})?|\.[0-9]{1,16})(?:[eE][+-]?[0-9]{1,2})?"
)


@dataclass(frozen=True)
class Number:
    """A number from `least` to `most`, a multiple of `step` above `least` (above 0 without one).

    It is read as forms send it: a point before the fraction, nothing between thousands; `unit` may
    stand behind. A known answer counts as met within `tolerance`.
    """

    kind: ClassVar[str] = "number"

    name: str
    _: KW_ONLY
    least: float | None = None
    most: float | None = None
    step: str | None = None
    unit: str = ""
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        check_name(self.name)
        for name in ("least", "most", "tolerance"):
            bound = getattr(self, name)
            if bound is None and name != "tolerance":
                continue
            if not _is_number(bound):
                raise InvalidDefinition(name, f"{bound!r} is no number")
            object.__setattr__(self, name, float(bound))
        if self.least is not None and self.most is not None and self.most <= self.least:
            raise InvalidDefinition("most", f"{self.most:g} is not above least ({self.least:g})")
        if self.tolerance < 0:
            raise InvalidDefinition("tolerance", f"{self.tolerance:g} is less than 0")
        if self.step is not None:
            object.__setattr__(self, "step", _step(self.step))
        if not isinstance(self.unit, str) or (self.unit and not self.unit.isprintable()):
            raise InvalidDefinition("unit", f"{self.unit!r} is no text in one line")

    @property
    def is_bounded(self) -> bool:
        """Whether no answer can be out by more than the width of the scale."""
        return self.least is not None and self.most is not None

    def read(self, given: Given) -> float:
        """The number, if it is one of those that are asked for."""
        if given.is_empty:
            raise UnreadableAnswer(f"{self.name}: not answered")
        value = given.value if _is_number(given.value) else self._written(given)
        number = self.accept(value)
        if self.step is not None:
            start = Decimal(repr(self.least or 0.0))
            if (Decimal(repr(number)) - start) % Decimal(self.step):
                above = f" above {self.least:g}" if self.least else ""
                refuse(self.name, given, f"is no multiple of {self.step}{above}")
        return number

    def accept(self, value: Any) -> float:
        """A finite number within the bounds."""
        if not _is_number(value):
            refuse(self.name, value, "is no number")
        number = round(float(value), DECIMALS) + 0.0  # without the sign of a negative zero
        if self.least is not None and number < self.least:
            refuse(self.name, value, f"is less than {self.least:g}")
        if self.most is not None and number > self.most:
            refuse(self.name, value, f"is more than {self.most:g}")
        return number

    def write(self, value: float) -> Label:
        """In digits, with a fraction only where there is one."""
        return digits(value)

    def parse(self, label: Label) -> float:
        return self.accept(self._number(label, label))

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "number",
            "name": self.name,
            "least": self.least,
            "most": self.most,
            "step": self.step,
            "unit": self.unit,
            "tolerance": self.tolerance,
        }

    def _written(self, given: Given) -> float:
        said = given.said
        if len(said) != 1:
            refuse(self.name, given, "is no number")
        return self._number(said[0], given)

    def _number(self, text: str, came: object) -> float:
        text = text.strip()
        if self.unit:
            text = text.removesuffix(self.unit).rstrip()
        if not _WRITTEN.fullmatch(text):
            refuse(self.name, came, "is no number, written like 1200.5")
        return float(text)


def digits(value: float) -> str:
    """The shortest digits that read as this float again, never with an exponent."""
    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_number(value: Any) -> bool:
    """Whether it is a finite number that a float holds; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= LARGEST and math.isfinite(value)


def _step(step: object) -> str:
    try:
        size = Decimal(str(step))
    except InvalidOperation:
        raise InvalidDefinition("step", f"{step!r} is no number") from None
    if not size.is_finite() or not 0 < size <= Decimal(LARGEST):
        raise InvalidDefinition("step", f"{step!r} is not above 0")
    return str(step)
