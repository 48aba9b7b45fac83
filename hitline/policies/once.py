"""Once: which answers of the same person do not count twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hitline.errors import InvalidDefinition

Unit = Literal["item", "parent", "stage"]


@dataclass(frozen=True, kw_only=True)
class Once:
    """Nobody answers twice about the same `per`, nor about what they had a part in before.

    Per "item": it always is at least that. Per "parent": once among the items that one item led to
    (a fan-out). Per "stage": once in all. `not_by` names other stages: who answered there about
    what the item comes from, or about its siblings, is not asked.
    """

    per: Unit = "item"
    not_by: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.per not in ("item", "parent", "stage"):
            raise InvalidDefinition(
                "once.per", f'{self.per!r} is none of "item", "parent" and "stage"'
            )
        if isinstance(self.not_by, str):
            raise InvalidDefinition(
                "once.not_by", f'{self.not_by!r} is one string; write ["{self.not_by}"]'
            )
        object.__setattr__(self, "not_by", tuple(self.not_by))

    @property
    def beyond_the_item(self) -> bool:
        """Whether more is asked for than one answer a person and item."""
        return self.per != "item" or bool(self.not_by)
