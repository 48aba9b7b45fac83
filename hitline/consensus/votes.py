"""Votes: answers that are compared as they are, one label against the other."""

from __future__ import annotations

from dataclasses import dataclass

from hitline.consensus import adaptive, choice
from hitline.consensus.adaptive import Belief
from hitline.consensus.choice import Tally
from hitline.consensus.view import Ruling, View
from hitline.model import Label
from hitline.policies import Adaptive, Fixed, VoteLead


@dataclass(frozen=True, kw_only=True)
class Votes:
    """A tally and its rule; `belief` and `spare` are what `Adaptive` wants to know."""

    tally: Tally
    rule: VoteLead | Fixed | Adaptive
    belief: Belief | None = None
    spare: float | None = None

    @property
    def view(self) -> View:
        return View(best=self.tally.leader, lead=self.tally.lead, said=str(self.tally))

    def judge(self) -> Ruling:
        """By a plain count, or with what the model of the workers holds of the item."""
        if isinstance(self.rule, Adaptive):
            return adaptive.judge(self.tally, self.belief, self.rule, spare=self.spare)
        return choice.judge(self.tally, self.rule)

    def agreement(self, label: Label) -> float:
        """The label's share of the votes."""
        total = self.tally.total
        return dict(self.tally.votes).get(label, 0) / total if total else 0.0
