"""Boxes: what several people drew around the same things, and where they agree.

Boxes of different people belong together if they bear the same label and their overlap (shared
area over joint area, IoU) is at least `matched`. The nearest pairs are joined first, and nobody has
two boxes in one group; of equal overlaps the first in order of place. A group that more than half
of the people are in becomes a box of the label: the median of each of its sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np

from hitline.consensus.choice import Agreed, Needs
from hitline.consensus.skill import Shares
from hitline.consensus.view import Ruling, View
from hitline.fields import Box, Boxes
from hitline.model import Label
from hitline.policies import Fixed, Overlap

MATCHED = 0.5
"""The overlap from which boxes belong together, where the rule does not say."""

Drawing = Sequence[Box]


@dataclass(frozen=True)
class Drawings:
    """What some people drew, one list of boxes each."""

    field: Boxes
    rule: Overlap | Fixed
    drawings: Sequence[Drawing]

    @property
    def view(self) -> View:
        if not self.drawings:
            return View(best=None, lead=0, said="no answers")
        counts = ", ".join(str(count) for count in sorted(map(len, self.drawings)))
        said = f"{len(self.joint)} boxes of {counts}"
        return View(best=self.field.write(self.joint), lead=len(self.drawings), said=said)

    def judge(self) -> Ruling:
        """Agreement in the mean, or enough people whose own drawing agrees with the label."""
        have, rule = len(self.drawings), self.rule
        if isinstance(rule, Fixed):
            if have < rule.answers:
                return Needs(answers=rule.answers - have)
            return self._agreed(f"all {have} drawings")
        if have < rule.start:
            return Needs(answers=rule.start - have)
        alike = [likeness(drawing, self.joint, rule.matched) for drawing in self.drawings]
        if fmean(alike) >= rule.agree:
            return self._agreed(f"agreement {fmean(alike):.2f} of {have} drawings")
        confirming = sum(one >= rule.agree for one in alike)
        if confirming >= rule.confirm:
            return self._agreed(f"{confirming} of {have} drawings agree with it")
        if have >= rule.most:
            return self._agreed(f"all {have} drawings that are allowed")
        return Needs(answers=1)

    def agreement(self, label: Label) -> float:
        """The mean likeness of the drawings to the label."""
        if not self.drawings:
            return 0.0
        settled = self.field.parse(label)
        return fmean(likeness(drawing, settled, self._matched) for drawing in self.drawings)

    @cached_property
    def joint(self) -> list[Box]:
        """The boxes that more than half of the people drew."""
        groups = grouped(self.drawings, self._matched)
        kept = [group for group in groups if 2 * len(group) > len(self.drawings)]
        return sorted((_middle(list(group.values())) for group in kept), key=_place)

    @property
    def _matched(self) -> float:
        return self.rule.matched if isinstance(self.rule, Overlap) else MATCHED

    def _agreed(self, why: str) -> Agreed:
        return Agreed(label=self.field.write(self.joint), why=f"{why} ({self.view.said})")


def overlaps(one: Drawing, other: Drawing) -> Shares:
    """Shared area over joint area of each box of `one` with each of `other`.

    0 between different labels.
    """
    left, right = _corners(one)[:, None], _corners(other)[None, :]
    sides = np.minimum(left[..., 2:], right[..., 2:]) - np.maximum(left[..., :2], right[..., :2])
    shared = np.clip(sides, 0.0, None).prod(axis=-1)
    areas = [(corners[..., 2:] - corners[..., :2]).prod(axis=-1) for corners in (left, right)]
    labels = np.array([[box["label"] == second["label"] for second in other] for box in one])
    return np.where(labels, shared / (areas[0] + areas[1] - shared), 0.0)


def likeness(one: Drawing, other: Drawing, matched: float) -> float:
    """The overlaps of boxes that belong together, summed, over the number of the fuller drawing.

    Two empty drawings are alike.
    """
    if not one or not other:
        return float(not one and not other)
    shares = overlaps(one, other)
    left, right, total = set(range(len(one))), set(range(len(other))), 0.0
    for first, second in _near(one, other, matched):
        if first in left and second in right:
            left.discard(first)
            right.discard(second)
            total += float(shares[first, second])
    return total / max(len(one), len(other))


def grouped(drawings: Sequence[Drawing], matched: float) -> list[dict[int, Box]]:
    """Boxes that belong together, by the number of who drew them; single ones as well."""
    drawn = sorted(
        ((number, box) for number, drawing in enumerate(drawings) for box in drawing),
        key=lambda one: (*_place(one[1]), one[0]),
    )
    groups = [{number: box} for number, box in drawn]
    boxes = [box for _, box in drawn]
    of = list(range(len(boxes)))
    for first, second in _near(boxes, boxes, matched):
        one, other = of[first], of[second]
        if one == other or groups[one].keys() & groups[other].keys():
            continue
        groups[one].update(groups[other])
        of = [one if group == other else group for group in of]
    return [groups[group] for group in dict.fromkeys(of)]


def _near(one: Drawing, other: Drawing, matched: float) -> Iterator[tuple[int, int]]:
    """Places of boxes with so much overlap or more, the nearest first, then in order of place."""
    if not one or not other:
        return
    shares = overlaps(one, other)
    first, second = np.nonzero(shares >= matched)
    order = np.lexsort((second, first, -shares[first, second]))
    yield from zip(first[order].tolist(), second[order].tolist(), strict=True)


def _corners(drawing: Drawing) -> Shares:
    """Left, top, right and bottom of each box."""
    return np.array(
        [
            (box["left"], box["top"], box["left"] + box["width"], box["top"] + box["height"])
            for box in drawing
        ],
        dtype=float,
    )


def _middle(boxes: Sequence[Box]) -> Box:
    """The median of each side. As each box's left is before its right, so are the medians."""
    left, top, right, bottom = np.median(_corners(boxes), axis=0).tolist()
    return Box(label=boxes[0]["label"], left=left, top=top, width=right - left, height=bottom - top)


def _place(box: Box) -> tuple[str, float, float, float, float]:
    return box["label"], box["left"], box["top"], box["width"], box["height"]
