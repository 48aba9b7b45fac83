"""Which rule goes with which kind of answer, and a rule for each of several fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hitline.errors import InvalidDefinition
from hitline.policies.agreement import Agree, Overlap, StandardError
from hitline.policies.redundancy import Adaptive, Fixed, VoteLead

Rule = VoteLead | Fixed | Adaptive | Agree | StandardError | Overlap
"""How many answers the label of one field takes."""


@dataclass(frozen=True, kw_only=True)
class PerField:
    """A rule for each field, by its name; an item settles when all its fields do."""

    rules: dict[str, Rule]
    kind: Literal["per_field"] = "per_field"

    @property
    def most(self) -> int:
        """Nobody is asked beyond this many."""
        return max(rule.most for rule in self.rules.values())


Redundancy = Rule | PerField
"""How many answers a label takes."""

TAKES: Mapping[type[Rule], tuple[str, ...]] = {
    VoteLead: ("choice", "multichoice", "text", "number"),
    Fixed: ("choice", "multichoice", "text", "number", "boxes"),
    Adaptive: ("choice",),
    Agree: ("text",),
    StandardError: ("number",),
    Overlap: ("boxes",),
}
"""The kinds of answer that each rule can judge."""


def rule_for(kind: str) -> Rule:
    """The rule of a field of that kind, where its stage names none.

    Which error of a number is small enough depends on what it measures, so numbers have no other.
    """
    match kind:
        case "number":
            return Fixed(answers=5)
        case "boxes":
            return Overlap()
    return VoteLead()


def check_rule(rule: Rule, kind: str) -> None:
    """Refuse a rule that cannot judge answers of that kind, and say which can."""
    if kind in TAKES[type(rule)]:
        return
    fit = [taken.__name__ for taken, kinds in TAKES.items() if kind in kinds]
    raise InvalidDefinition(
        "redundancy",
        f"{type(rule).__name__} takes {' or '.join(TAKES[type(rule)])}, not {kind}; "
        f"use {' or '.join(fit)}",
    )
