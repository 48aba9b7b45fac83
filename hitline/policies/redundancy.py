"""Redundancy: how many answers a label takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hitline.errors import InvalidDefinition

WALL = 9
"""Posted with fewer than ten assignments, a HIT never reaches ten (MTurk's API reference,
CreateAdditionalAssignmentsForHIT). More answers take further HITs about the same item."""

MOST = 30
"""So many people are asked about an item at most, over all its HITs."""


def check_bounds(start: int, most: int) -> None:
    """Refuse to ask nobody, more at first than in all, or more than is sensible."""
    if not 1 <= most <= MOST:
        raise InvalidDefinition("redundancy.most", f"{most} is not between 1 and {MOST}")
    if not 1 <= start <= most:
        raise InvalidDefinition("redundancy.start", f"{start} is not between 1 and most ({most})")


@dataclass(frozen=True, kw_only=True)
class VoteLead:
    """Settle once the first label is `lead` votes ahead of the second; ask `most` people at most.

    `start` answers are asked for at once. Asking stops early when the answers still to come up to
    `most` cannot change the label.
    """

    start: int = 2
    lead: int = 2
    most: int = 9
    kind: Literal["vote_lead"] = "vote_lead"

    def __post_init__(self) -> None:
        check_bounds(self.start, self.most)
        if not 1 <= self.lead <= self.most:
            raise InvalidDefinition(
                "redundancy.lead", f"{self.lead} is not between 1 and most ({self.most})"
            )


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """Settle with what `answers` people come to, whatever the kind of answer.

    Where they vote, asking stops early when the answers still to come cannot change the label: the
    labels are those of all the answers, for about a quarter fewer.
    """

    answers: int = 5
    kind: Literal["fixed"] = "fixed"

    def __post_init__(self) -> None:
        if not 1 <= self.answers <= MOST:
            raise InvalidDefinition(
                "redundancy.answers", f"{self.answers} is not between 1 and {MOST}"
            )

    @property
    def most(self) -> int:
        """Nobody is asked beyond this many."""
        return self.answers


@dataclass(frozen=True, kw_only=True)
class Adaptive:
    """Settle once the model of the workers is `confidence` sure and the label `lead` votes ahead.

    `start` answers are asked for at once, `most` people at most. Where labels are final as soon as
    they are stored, a stage keeps below `average` answers an item; so many are also asked where
    known answers say that a plain majority does better than the model.
    """

    start: int = 2
    confidence: float = 0.99
    lead: int = 2
    most: int = 9
    average: int = 5
    kind: Literal["adaptive"] = "adaptive"

    def __post_init__(self) -> None:
        check_bounds(self.start, self.most)
        if not 0.5 < self.confidence < 1:
            raise InvalidDefinition(
                "redundancy.confidence", f"{self.confidence} is not between 0.5 and 1"
            )
        if not 0 <= self.lead <= self.most:
            raise InvalidDefinition(
                "redundancy.lead", f"{self.lead} is not between 0 and most ({self.most})"
            )
        if self.average < self.start:
            raise InvalidDefinition(
                "redundancy.average", f"{self.average} is less than start ({self.start})"
            )


THOROUGH = Adaptive(confidence=0.99, lead=2)
"""Nearly the labels of nine answers each, for about half of them."""
THRIFTY = Adaptive(confidence=0.9, lead=1)
"""Better labels than five answers each and a majority, for about three and a half."""
