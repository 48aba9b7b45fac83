"""Text: settled when enough people wrote the same words, or two came near enough.

How texts are compared is `wording`'s matter. The label is one person's text, the one nearest to all
others (the medoid), or put together by votes on each word, as ROVER does for speech recognisers
(J. Fiscus, 1997). Here each text is aligned with the medoid, not with what was merged before, so
that the label does not depend on the order of the answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from hitline.consensus.choice import Agreed, Needs, shown
from hitline.consensus.view import Ruling, View
from hitline.consensus.wording import LONGEST, Alignment, Wording, Words
from hitline.model import Label
from hitline.policies import Agree, Fixed

FAR = 0.2
"""Texts further apart than this share of their words are not near."""


@dataclass(frozen=True)
class Texts:
    """What some people wrote, one text each. `wording` may be shared, to compare each pair once."""

    rule: Agree | Fixed
    texts: Sequence[str]
    wording: Wording = field(default_factory=Wording)

    @property
    def view(self) -> View:
        return View(best=self.label if self.texts else None, lead=len(self.texts), said=self._said)

    def judge(self) -> Ruling:
        """`Fixed` takes the medoid; what more than half of all wrote is certain to be it.

        Under `Agree`, two more are asked at once where no two texts are near: one alone would
        hardly do, and each round is a wait.
        """
        have, rule = len(self.texts), self.rule
        same = self._same
        if isinstance(rule, Fixed):
            certain = rule.answers // 2 + 1
            if same >= certain or have >= rule.answers:
                return self._agreed(f"{same} of {rule.answers} the same")
            return Needs(answers=rule.answers - have)
        if have < rule.start:
            return Needs(answers=rule.start - have)
        if same >= rule.equal:
            return self._agreed(f"{same} the same")
        if rule.within and self.nearest <= rule.within:
            return self._agreed(f"two within {self.nearest:.0%} of their words")
        if have >= rule.most:
            return self._agreed(f"all {have} answers that are allowed")
        return Needs(answers=min(2 if self.nearest > FAR else 1, rule.most - have))

    def agreement(self, label: Label) -> float:
        """1 less the mean share of words by which the answers differ from the label."""
        if not self.texts:
            return 0.0
        settled = self.wording.worded(label).words
        off = sum(self.wording.apart(settled, words) for words in self._words)
        return 1.0 - off / len(self.texts)

    @property
    def label(self) -> Label:
        """What the texts come to."""
        merge = isinstance(self.rule, Agree) and self.rule.merge == "rover"
        pivot = self.wording.medoid(self._words)
        if not merge or any(len(words) >= LONGEST for words in self._words):
            return self._as_written(pivot)
        merged = self._merged(pivot)
        words = tuple(word for word, _ in merged)
        if words in self._words:
            return self._as_written(words)
        # Nobody may be left with nothing: each word may have been voted out.
        return " ".join(spelling for _, spelling in merged) or self._as_written(pivot)

    @cached_property
    def nearest(self) -> float:
        """How far apart the two texts are that are nearest to each other, as a share of words."""
        pairs = combinations(self._words, 2)
        return min((self.wording.apart(one, other) for one, other in pairs), default=1.0)

    @cached_property
    def _words(self) -> list[Words]:
        return [self.wording.worded(text).words for text in self.texts]

    @property
    def _same(self) -> int:
        """How many wrote the words that most wrote."""
        return max(Counter(self._words).values(), default=0)

    @property
    def _said(self) -> str:
        if not self.texts:
            return "no answers"
        said = Counter(self._as_written(words) for words in self._words)
        counted = sorted(said.items(), key=lambda one: (-one[1], one[0]))
        first, count = counted[0]
        if count > 1:
            return f"{shown(first)} {count}, {len(counted) - 1} others"
        return f"{len(counted)} different texts" if len(counted) > 1 else shown(first)

    def _agreed(self, why: str) -> Agreed:
        return Agreed(label=self.label, why=f"{why} ({self._said})")

    def _as_written(self, words: Words) -> str:
        """The text of these words as most wrote it; of equal ones, the first in the alphabet."""
        written = zip(self.texts, self._words, strict=True)
        return _most(text for text, found in written if found == words)

    def _merged(self, pivot: Words) -> list[tuple[str, str]]:
        """Each word that has most votes at its place, as it is compared and as most wrote it."""
        worded = [self.wording.worded(text) for text in self.texts]
        alignments = [self.wording.aligned(pivot, one.words) for one in worded]
        merged = []
        for column, own in _columns(alignments, pivot):
            cast = [
                (one.words[place], one.spellings[place]) if place is not None else None
                for one, place in zip(worded, column, strict=True)
            ]
            elected = _elected(cast, own)
            if elected is not None:
                merged.append(elected)
        return merged


def _columns(
    alignments: Sequence[Alignment], pivot: Words
) -> Iterator[tuple[list[int | None], str | None]]:
    """For each place of a word: where each text has its word for it, and the pivot's, if any."""
    for gap in range(len(pivot) + 1):
        extra = [alignment.extra[gap] for alignment in alignments]
        for place in range(max(map(len, extra))):
            yield [places[place] if place < len(places) else None for places in extra], None
        if gap < len(pivot):
            yield [alignment.stands[gap] for alignment in alignments], pivot[gap]


def _elected(cast: Sequence[tuple[str, str] | None], own: str | None) -> tuple[str, str] | None:
    """The word with most votes; None where it is none.

    A tie goes to `own`, the medoid's, then to no word, then to the first in the alphabet.
    """
    votes = Counter(vote and vote[0] for vote in cast)
    most = max(votes.values())
    first = [word for word, count in votes.items() if count == most]
    word = own if own in first else min(first, key=lambda one: one or "")
    if word is None:
        return None
    return word, _most(vote[1] for vote in cast if vote is not None and vote[0] == word)


def _most(written: Iterable[str]) -> str:
    """The most frequent; of equally frequent ones, the first in the alphabet."""
    counts = Counter(written)
    return min(counts, key=lambda one: (-counts[one], one))
