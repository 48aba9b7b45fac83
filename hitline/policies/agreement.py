"""Redundancy of answers that are no labels: texts that come near, numbers, boxes; several fields.

Each settles with what there is once `most` people have answered, so none of them ends undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hitline.errors import InvalidDefinition
from hitline.policies.redundancy import check_bounds


@dataclass(frozen=True, kw_only=True)
class Agree:
    """For Text: settle once `equal` people wrote the same words, or two came `within` word edits.

    `within` is a share of the longer text's words; 0.0: only the same words count. `start` answers
    are asked for at once, then one or two at a time, `most` people in all. The label is put
    together word by word from all answers (`merge="rover"`, for transcripts), or one person's text,
    the one nearest to all others (`merge="medoid"`, for words of one's own).
    """

    start: int = 2
    equal: int = 2
    within: float = 0.0
    most: int = 9
    merge: Literal["rover", "medoid"] = "rover"
    kind: Literal["agree"] = "agree"

    def __post_init__(self) -> None:
        check_bounds(self.start, self.most)
        if not 2 <= self.equal <= max(self.most, 2):
            raise InvalidDefinition(
                "redundancy.equal", f"{self.equal} is not between 2 and most ({self.most})"
            )
        if not 0 <= self.within < 1:
            raise InvalidDefinition(
                "redundancy.within", f"{self.within} is no share; write one from 0 to below 1"
            )
        if self.merge not in ("rover", "medoid"):
            raise InvalidDefinition("redundancy.merge", f"{self.merge!r}: write rover or medoid")


@dataclass(frozen=True, kw_only=True)
class StandardError:
    """For Number: settle once the standard error of the label is `at_most`, in the field's unit.

    `start` answers are asked for at once, then by what the error still lacks, `most` people in all.
    The label is the mean of the answers, or their median (`of="median"`), which single answers far
    off do not move.
    """

    at_most: float
    start: int = 3
    most: int = 9
    of: Literal["mean", "median"] = "mean"
    kind: Literal["standard_error"] = "standard_error"

    def __post_init__(self) -> None:
        check_bounds(self.start, self.most)
        if self.start < 2 <= self.most:
            raise InvalidDefinition("redundancy.start", "one answer has no standard error; ask two")
        if not 0 < self.at_most < float("inf"):
            raise InvalidDefinition("redundancy.at_most", f"{self.at_most} is not above 0")
        if self.of not in ("mean", "median"):
            raise InvalidDefinition("redundancy.of", f"{self.of!r}: write mean or median")


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """For Boxes: settle once the drawings agree, in the mean or those of `confirm` people.

    Agreement of a drawing with the label is the shared area over the joint area (IoU), summed over
    the boxes that belong together and divided by the number of boxes of whichever has more. `agree`
    of it is asked for. Boxes with the same label and an IoU of `matched` or more belong together;
    the label has those that more than half of the people drew. `start` people are asked at once,
    then one at a time, `most` in all.
    """

    start: int = 3
    agree: float = 0.75
    confirm: int = 3
    matched: float = 0.5
    most: int = 9
    kind: Literal["overlap"] = "overlap"

    def __post_init__(self) -> None:
        check_bounds(self.start, self.most)
        for name in ("agree", "matched"):
            share = getattr(self, name)
            if not 0 < share <= 1:
                raise InvalidDefinition(
                    f"redundancy.{name}", f"{share} is no share; write one above 0, up to 1"
                )
        if self.confirm < 2:
            raise InvalidDefinition("redundancy.confirm", f"{self.confirm} is less than 2 people")
