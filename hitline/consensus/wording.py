"""Wording: texts as words, how far apart two are, and which word stands for which.

Words are compared in lower case and Unicode's compatible form (NFKC); what is no letter, digit or
apostrophe inside a word only parts words. So "It's 5 o'clock!" is it's, 5, o'clock. A
typographic apostrophe counts as a plain one. Where a language does not part words, a sentence
counts as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

LONGEST = 2000
"""Words of a text that are compared. So many against so many take some 50 ms."""

EDIT = 2 * LONGEST
CHANGE = EDIT + 1
"""A changed word is one edit; of equally many edits, those with fewer changed words are better."""

Words = tuple[str, ...]

TYPOGRAPHIC = "\N{RIGHT SINGLE QUOTATION MARK}"

_WORD = re.compile(rf"\w+(?:['{TYPOGRAPHIC}]\w+)*")


class Worded(NamedTuple):
    """A text's words as they are compared, and as they were written."""

    words: Words
    spellings: Words


def worded(text: str) -> Worded:
    """The first `LONGEST` words of a text. A text of none at all is its one word, as it stands."""
    spellings = tuple(_WORD.findall(unicodedata.normalize("NFC", text))[:LONGEST])
    if not spellings:
        return Worded((text.strip(),), (text.strip(),))
    plain = (unicodedata.normalize("NFKC", word).casefold() for word in spellings)
    return Worded(tuple(word.replace(TYPOGRAPHIC, "'") for word in plain), spellings)


@dataclass(frozen=True)
class Alignment:
    """How one text (the pivot) becomes another with the fewest word edits.

    `stands`: for each of the pivot's words the place of the word that stands for it, or None.
    `extra`: for each gap (before the first word, … after the last), the places of further words.
    """

    stands: tuple[int | None, ...]
    extra: tuple[tuple[int, ...], ...]


class Wording:
    """Compares texts, and keeps what it found: the same pair is looked at once."""

    def __init__(self) -> None:
        self.worded = cache(worded)
        self._edits = cache(_edits)
        self.aligned = cache(aligned)

    def edits(self, one: Words, other: Words) -> int:
        """The fewest words to be changed, added or left out that make `other` of `one`."""
        if one == other:
            return 0
        return self._edits(*sorted((one, other)))

    def apart(self, one: Words, other: Words) -> float:
        """The edits as a share of the longer text."""
        return self.edits(one, other) / max(len(one), len(other))

    def medoid(self, texts: Sequence[Words]) -> Words:
        """The text that is nearest to all of them; of equal ones, the first in the alphabet."""
        return min(
            sorted(set(texts)), key=lambda one: sum(self.edits(one, other) for other in texts)
        )


def aligned(pivot: Words, other: Words) -> Alignment:
    """The alignment of two texts; of equally short ones, one that keeps most words."""
    same = _same_start(pivot, other)
    table = _table(pivot[same:], other[same:])
    stands: list[int | None] = [*range(same), *[None] * (len(pivot) - same)]
    extra: list[list[int]] = [[] for _ in range(len(pivot) + 1)]
    at, to = len(pivot) - same, len(other) - same
    while at or to:
        cost = table[at][to]
        differ = at and to and pivot[same + at - 1] != other[same + to - 1]
        if at and to and cost == table[at - 1][to - 1] + (CHANGE if differ else 0):
            at, to = at - 1, to - 1
            stands[same + at] = same + to
        elif at and cost == table[at - 1][to] + EDIT:
            at -= 1
        else:
            to -= 1
            extra[same + at].append(same + to)
    return Alignment(tuple(stands), tuple(tuple(reversed(places)) for places in extra))


def _edits(one: Words, other: Words) -> int:
    same = _same_start(one, other)
    one, other = one[same:], other[same:]
    end = _same_start(one[::-1], other[::-1])
    return _table(one[: len(one) - end], other[: len(other) - end])[-1][-1] // EDIT


def _same_start(one: Words, other: Words) -> int:
    """How many words both begin with."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))


def _table(one: Words, other: Words) -> list[list[int]]:
    """What it costs to make each beginning of `other` of each of `one`.

    By R. Wagner and M. Fischer (1974), row by row with numpy: an addition costs an edit more than
    what is left of it, so that a running minimum finds the best.
    """
    numbers = {word: number for number, word in enumerate({*one, *other})}
    across = np.array([numbers[word] for word in other], dtype=np.int32)
    steps = EDIT * np.arange(len(other) + 1, dtype=np.int32)
    row = steps
    rows = [row.tolist()]
    for place, word in enumerate(one, 1):
        best = np.empty_like(steps)
        best[0] = EDIT * place
        changed = CHANGE * (across != numbers[word])
        np.minimum(row[1:] + EDIT, row[:-1] + changed, out=best[1:])
        row = np.minimum.accumulate(best - steps) + steps
        rows.append(row.tolist())
    return rows
