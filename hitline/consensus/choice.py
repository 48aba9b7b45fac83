"""Choice: majority with a vote lead and exact early stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from hitline.model import Label
from hitline.policies import Fixed, VoteLead

SHOWN = 40
"""Characters of a label in a tally's text."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Votes per label, most first; equal counts stand in alphabetical order."""

    votes: tuple[tuple[Label, int], ...]

    @classmethod
    def of(cls, labels: Iterable[Label]) -> Tally:
        counts = Counter(labels)
        return cls(votes=tuple(sorted(counts.items(), key=lambda vote: (-vote[1], vote[0]))))

    @property
    def total(self) -> int:
        return sum(count for _, count in self.votes)

    @property
    def first(self) -> int:
        return self.votes[0][1] if self.votes else 0

    @property
    def second(self) -> int:
        return self.votes[1][1] if len(self.votes) > 1 else 0

    @property
    def lead(self) -> int:
        return self.first - self.second

    @property
    def leader(self) -> Label | None:
        """The label with most votes; None when there is none or the first place is shared."""
        return self.votes[0][0] if self.lead > 0 else None

    @property
    def agreement(self) -> Fraction:
        """The leader's share of the votes."""
        return Fraction(self.first, self.total) if self.total else Fraction(0)

    def __str__(self) -> str:
        said = (f"{shown(label)} {count}" for label, count in self.votes)
        return ", ".join(said) or "no answers"


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """The label stands."""

    label: Label
    why: str


@dataclass(frozen=True, kw_only=True)
class Needs:
    """So many more answers: what is missing from the start, then the least that can decide."""

    answers: int


@dataclass(frozen=True, kw_only=True)
class Undecided:
    """As many people as allowed have answered, and the first place is shared."""


def judge(tally: Tally, rule: VoteLead | Fixed) -> Agreed | Needs | Undecided:
    """What `rule` says of `tally`."""
    if isinstance(rule, Fixed):
        # A lead that only all of them can reach leaves the early stop alone.
        return _judge(tally, start=0, least=rule.answers, most=rule.answers)
    return _judge(tally, start=rule.start, least=rule.lead, most=rule.most)


def _judge(tally: Tally, *, start: int, least: int, most: int) -> Agreed | Needs | Undecided:
    """Settled at a lead of `least`, or once the answers still to come cannot change the label."""
    left = max(most - tally.total, 0)
    label = tally.leader
    if label is not None and tally.lead >= least:
        return Agreed(label=label, why=f"{tally.lead} votes ahead ({tally})")
    if label is not None and tally.lead > left:
        return Agreed(label=label, why=f"the {left} answers left cannot change it ({tally})")
    if left == 0:
        return Undecided()
    if tally.total < start:
        return Needs(answers=start - tally.total)
    # If all of them go to the leader, either the lead is reached or the rest cannot change it.
    to_stop_early = (left - tally.lead) // 2 + 1
    return Needs(answers=min(least - tally.lead, to_stop_early))


def shown(label: Label) -> str:
    """A worker's own words are cut short and escaped: a tally is one line in tables and logs."""
    line = "".join(_escaped(letter) for letter in " ".join(label.split()))
    return line if len(line) <= SHOWN else f"“{line[:SHOWN].rstrip()}…”"


def _escaped(letter: str) -> str:
    """What a terminal would obey stands as its number."""
    return letter if letter.isprintable() else f"\\u{ord(letter):04x}"
