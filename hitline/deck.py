"""Recorded answers, shuffled, to be dealt one by one as a rule asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hitline.consensus.skill import Answers, Numbers, Shares
from hitline.recorded import Recorded


@dataclass(frozen=True, kw_only=True)
class Deck:
    """The answers of some items in the order in which they are dealt: `place` within the item.

    `ties`: items by labels, between 0 and 1; who leads where votes are equal.
    """

    item: Numbers
    worker: Numbers
    label: Numbers
    place: Numbers
    sizes: Numbers
    gold: Numbers
    ties: Shares
    workers: int
    labels: Sequence[str]

    @classmethod
    def shuffled(cls, recorded: Recorded, items: int | None, chance: np.random.Generator) -> Deck:
        chosen = np.arange(len(recorded.tasks))
        if items is not None:
            chosen = np.sort(chance.permutation(chosen)[:items])
        number = np.full(len(recorded.tasks), -1, dtype=np.intp)
        number[chosen] = np.arange(len(chosen))
        dealt = np.lexsort((chance.random(len(recorded.item)), recorded.item))
        dealt = dealt[number[recorded.item[dealt]] >= 0]
        item = number[recorded.item[dealt]]
        sizes = np.bincount(item, minlength=len(chosen))
        starts = np.cumsum(sizes) - sizes
        return cls(
            item=item,
            worker=recorded.worker[dealt],
            label=recorded.label[dealt],
            place=np.arange(len(item)) - starts[item],
            sizes=sizes,
            gold=recorded.gold[chosen],
            ties=chance.random((len(chosen), len(recorded.labels))),
            workers=recorded.workers,
            labels=recorded.labels,
        )

    @property
    def items(self) -> int:
        return len(self.sizes)

    @property
    def most(self) -> int:
        return int(self.sizes.max())

    def upto(self, have: Numbers) -> Answers:
        """The first `have` answers of each item."""
        bought = self.place < have[self.item]
        return Answers(
            item=self.item[bought],
            worker=self.worker[bought],
            label=self.label[bought],
            items=self.items,
            workers=self.workers,
            labels=len(self.labels),
        )

    def majority(self, answers: int) -> Numbers:
        """The label that most of each item's first `answers` give."""
        return self.leaders(self.upto(np.full(self.items, answers)).votes)

    def leaders(self, votes: Shares) -> Numbers:
        """The label with most votes, items by labels; of equal ones, who wins the tie."""
        return np.asarray((votes + self.ties / 2).argmax(axis=1))
