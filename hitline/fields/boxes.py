"""Boxes: labelled rectangles on a picture, as crowd-bounding-box sends them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, TypedDict, TypeGuard

from hitline.errors import InvalidDefinition, UnreadableAnswer
from hitline.fields.given import (
    Given,
    canonical,
    check_count,
    check_labels,
    check_name,
    decoded,
    refuse,
)
from hitline.model import Label

LARGEST_SIDE = 100_000
"""Pixels of a picture, each way."""
MOST_BOXES = 200

_SIDES = ("left", "top", "width", "height")


class Box(TypedDict):
    """A labelled rectangle, in pixels of the picture from its upper left corner."""

    label: Label
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Boxes:
    """`least` to `most` boxes, each with one of `labels`. No box at all is an answer.

    A box lies within the picture, whose `size` (width, height) may be given here where all have
    the same; else the size counts that comes with the answer.
    """

    kind: ClassVar[str] = "boxes"

    name: str
    labels: Sequence[Label]
    _: KW_ONLY
    least: int = 0
    most: int = 100
    size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        check_labels(self.labels, fewest=1)
        object.__setattr__(self, "labels", tuple(self.labels))
        check_count(self.least, self.most, floor=0)
        if self.most > MOST_BOXES:
            raise InvalidDefinition("most", f"{self.most} is more than {MOST_BOXES}")
        if self.size is not None:
            size = tuple(self.size)
            if len(size) != 2 or not all(_is_length(side) and side > 0 for side in size):
                raise InvalidDefinition(
                    "size", f"{self.size!r} is no width and height of a picture in pixels"
                )
            object.__setattr__(self, "size", size)

    def read(self, given: Given) -> list[Box]:
        """The boxes, sorted; `{"boundingBoxes": […], "inputImageProperties": {…}}` is expected.

        A form of one's own may send that as text, or the array alone.
        """
        if given.is_empty:
            raise UnreadableAnswer(f"{self.name}: not answered")
        if given.selections or given.other or given.upload:
            refuse(self.name, given, "are no boxes")
        sent = given.value if given.value is not None else decoded(self.name, given.text or "")
        if isinstance(sent, list):
            boxes, size = sent, None
        else:
            boxes, size = self._unwrapped(sent)
        found = self._boxes(boxes, self.size or size)
        if not self.least <= len(found) <= self.most:
            raise UnreadableAnswer(
                f"{self.name}: {len(found)} boxes; {self.least} to {self.most} are asked for"
            )
        return found

    def accept(self, value: Any) -> list[Box]:
        """A list of boxes."""
        return self._boxes(value, self.size)

    def write(self, value: list[Box]) -> Label:
        return canonical(sorted((_tidied(box) for box in value), key=_place))

    def parse(self, label: Label) -> list[Box]:
        return self.accept(decoded(self.name, label))

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "boxes",
            "name": self.name,
            "labels": list(self.labels),
            "least": self.least,
            "most": self.most,
            "size": list(self.size) if self.size else None,
        }

    def _unwrapped(self, sent: Any) -> tuple[Any, tuple[float, float] | None]:
        """The array of boxes, and the picture's size if it came along.

        With `answer-format="flatten-objects"` the array is JSON text, and the sizes have names of
        their own.
        """
        if not isinstance(sent, dict) or "boundingBoxes" not in sent:
            refuse(self.name, sent, "are no boxes, which come as boundingBoxes")
        boxes = sent["boundingBoxes"]
        if isinstance(boxes, str):
            boxes = decoded(self.name, boxes)
        picture = sent.get("inputImageProperties")
        if picture is None:
            picture = {
                side: _flat(sent.get(f"inputImageProperties.{side}"))
                for side in ("width", "height")
            }
            if set(picture.values()) == {None}:
                return boxes, None
        if not isinstance(picture, dict):
            refuse(self.name, picture, "are no inputImageProperties")
        width, height = picture.get("width"), picture.get("height")
        if not (_is_length(width) and _is_length(height)):
            refuse(self.name, picture, "is no size of a picture")
        return boxes, (float(width), float(height))

    def _boxes(self, boxes: Any, size: tuple[float, float] | None) -> list[Box]:
        if not isinstance(boxes, list):
            refuse(self.name, boxes, "is no list of boxes")
        if len(boxes) > MOST_BOXES:
            raise UnreadableAnswer(f"{self.name}: {len(boxes)} boxes, more than {MOST_BOXES}")
        return sorted((self._box(box, size) for box in boxes), key=_place)

    def _box(self, box: Any, size: tuple[float, float] | None) -> Box:
        if not isinstance(box, dict) or set(box) != {"label", *_SIDES}:
            refuse(self.name, box, f"is no box, which has label, {', '.join(_SIDES)}")
        if not isinstance(box["label"], str) or box["label"] not in self.labels:
            refuse(self.name, box["label"], "is the label of a box, but none that is asked for")
        if not all(_is_length(box[side]) for side in _SIDES):
            refuse(self.name, box, "is no box in pixels, from 0 on")
        if not (box["width"] > 0 and box["height"] > 0):
            refuse(self.name, box, "is a box without an area")
        if size is not None:
            right, bottom = box["left"] + box["width"], box["top"] + box["height"]
            if right > size[0] or bottom > size[1]:
                refuse(self.name, box, f"is beyond the picture of {size[0]:g} x {size[1]:g}")
        return _tidied(box)


def _tidied(box: Mapping[str, Any]) -> Box:
    """Pixels without a fraction that says nothing, so that equal boxes have one spelling."""
    left, top, width, height = (_pixels(box[side]) for side in _SIDES)
    return Box(label=box["label"], left=left, top=top, width=width, height=height)


def _pixels(value: float) -> float:
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _is_length(value: Any) -> TypeGuard[float]:
    """Whether it is a finite number of pixels, 0 and more; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= LARGEST_SIDE and math.isfinite(value)


def _flat(text: Any) -> Any:
    """A length that a flattened form sent as text."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 6:
        return int(text)
    return text


def _place(box: Box) -> tuple[str, float, float, float, float]:
    return box["label"], box["left"], box["top"], box["width"], box["height"]
