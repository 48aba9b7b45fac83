"""MultiChoice: a vote on each label, whether it applies; settled when every label's vote is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hitline.consensus import choice
from hitline.consensus.choice import Agreed, Needs, Tally, Undecided, shown
from hitline.consensus.view import Ruling, View
from hitline.fields import MultiChoice
from hitline.model import Label
from hitline.policies import Fixed, VoteLead

YES, NO = "yes", "no"


@dataclass(frozen=True)
class Sets:
    """What some people ticked, one list of labels each.

    Where the votes leave fewer labels than `field.least`, or more than the field's most, those with
    most votes make the label; if the last place among them is shared, nothing is decided.
    """

    field: MultiChoice
    rule: VoteLead | Fixed
    sets: Sequence[Sequence[Label]]

    @cached_property
    def votes(self) -> dict[Label, int]:
        """How many ticked each label."""
        return {label: sum(label in ticked for ticked in self.sets) for label in self.field.labels}

    @property
    def view(self) -> View:
        leads = [tally.lead for tally in self._tallies.values()] if self.sets else [0]
        best = self._chosen({label: tally.leader for label, tally in self._tallies.items()})
        ticked = (f"{shown(label)} {count}" for label, count in self._by_votes if count)
        said = ", ".join(ticked) or "nothing ticked"
        return View(
            best=None if best is None or not self.sets else self.field.write(best),
            lead=min(leads),
            said=f"{said} of {len(self.sets)}" if self.sets else "no answers",
        )

    def judge(self) -> Ruling:
        """The vote on a label is that of a choice between yes and no, by the same rule."""
        rulings = {label: choice.judge(tally, self.rule) for label, tally in self._tallies.items()}
        missing = [one.answers for one in rulings.values() if isinstance(one, Needs)]
        if missing:
            return Needs(answers=max(missing))
        agreed = {label: one.label for label, one in rulings.items() if isinstance(one, Agreed)}
        chosen = self._chosen(agreed) if len(agreed) == len(rulings) else None
        if chosen is not None:
            why = f"the vote on each label is decided ({self.view.said})"
            return Agreed(label=self.field.write(chosen), why=why)
        left = self.rule.most - len(self.sets)
        return Needs(answers=1) if left > 0 else Undecided()

    def agreement(self, label: Label) -> float:
        """The mean likeness of the answers to the label: labels in both, of those in either."""
        if not self.sets:
            return 0.0
        settled = set(self.field.parse(label))
        return sum(_likeness(settled, set(ticked)) for ticked in self.sets) / len(self.sets)

    @cached_property
    def _tallies(self) -> dict[Label, Tally]:
        return {
            label: Tally.of([YES] * count + [NO] * (len(self.sets) - count))
            for label, count in self.votes.items()
        }

    @property
    def _by_votes(self) -> list[tuple[Label, int]]:
        """Most first; equal ones in the field's order."""
        return sorted(self.votes.items(), key=lambda vote: -vote[1])

    def _chosen(self, sides: Mapping[Label, Label | None]) -> list[Label] | None:
        """The labels that won, brought within the field's bounds; None where votes are tied."""
        if None in sides.values():
            return None
        won = [label for label, side in sides.items() if side == YES]
        count = min(max(len(won), self.field.least), self.field.limit)
        if count == len(won):
            return won
        ranked = self._by_votes
        if count < len(ranked) and ranked[count - 1][1] == ranked[count][1]:
            return None
        return [label for label, _ in ranked[:count]]


def _likeness(one: set[Label], other: set[Label]) -> float:
    """Jaccard's index; two empty sets are alike."""
    either = one | other
    return len(one & other) / len(either) if either else 1.0
