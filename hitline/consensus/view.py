"""What answers come to before any rule is asked: the same figures for every kind of answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hitline.consensus.choice import Agreed, Needs, Undecided
from hitline.model import Label

Ruling = Agreed | Needs | Undecided


@dataclass(frozen=True, kw_only=True)
class View:
    """`best`: the label that the answers so far lead to, None where there is none.

    `lead`: by how many people it is ahead; where nothing is voted on, all who answered.
    `said`: the answers in a few words, worker-written ones shortened and escaped.
    """

    best: Label | None
    lead: int
    said: str


class Consensus(Protocol):
    """The answers to one field of an item, and how they are judged."""

    @property
    def view(self) -> View: ...

    def judge(self) -> Ruling:
        """Whether the label stands by the field's rule, and if not, what it takes."""
        ...

    def agreement(self, label: Label) -> float:
        """How far the answers agree with `label`, 0 to 1."""
        ...
