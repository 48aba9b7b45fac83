"""Pipelines: stages, and the links that turn what one settles into what the next asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from decimal import Decimal
from typing import Any

from hitline.errors import InvalidDefinition
from hitline.model import Label
from hitline.money import money
from hitline.policies.pay import wage
from hitline.stage import Stage, check_name

__all__ = [
    "ChainRule",
    "Gather",
    "GatherRule",
    "Link",
    "NewItem",
    "Pipeline",
    "Settled",
    "Stage",
    "check_name",
]


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What a chain rule is given: an item of the stage before, and the label it settled with.

    `values` is the same label, typed, by the names of the stage's fields: a number for a Number, a
    list for a MultiChoice or for Boxes. It is empty where the stage was edited meanwhile, and the
    label is none of it any more.
    """

    key: str
    input: Mapping[str, str]
    label: Label
    agreement: float
    gold: Label | None
    round: int
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NewItem:
    """What a chain rule returns: an item's input for the next stage, its known answer if any."""

    input: Mapping[str, str]
    gold: Label | None = None


ChainRule = Callable[[Settled], Iterable[NewItem] | NewItem | None]
GatherRule = Callable[[Settled, Sequence[Settled]], NewItem | None]


@dataclass(frozen=True, kw_only=True)
class Link:
    """From every settled item of `source` to none, one or many items of `target`.

    A link back to the same or an earlier stage is a loop and has `rounds`: an item that has come
    through loops so often already, whichever they were, is not sent on.
    """

    source: str
    target: str
    rule: ChainRule
    rounds: int | None = None


@dataclass(frozen=True, kw_only=True)
class Gather:
    """Fan-in: from all settled children in `source` of one item of `parent` to one of `target`.

    The rule runs once, when no child of the parent is still open or with staff; children that were
    dropped are left out. A link must lead from `parent` to `source`; where its rule made no
    child, there is nothing to gather.
    """

    parent: str
    source: str
    target: str
    rule: GatherRule


@dataclass(frozen=True)
class Pipeline:
    """Stages in order, their links, and the most it may spend in all (`budget`, fees included).

    `daily_budget` is the most that may be reserved on one day (UTC). `hourly_wage` is that of every
    stage that has none of its own.
    """

    name: str
    _: KW_ONLY
    stages: Sequence[Stage]
    links: Sequence[Link | Gather] = ()
    budget: Decimal | str | None = None
    daily_budget: Decimal | str | None = None
    hourly_wage: Decimal | str | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "pipeline name")
        if not self.stages:
            raise InvalidDefinition("stages", "a pipeline has at least one stage")
        names = [stage.name for stage in self.stages]
        for name in names:
            if names.count(name) > 1:
                raise InvalidDefinition("stages", f'two stages are called "{name}"; rename one')
        self._refuse_shared_types()
        if self.hourly_wage is not None:
            self._pay_by_the_hour(wage(self.hourly_wage))
        for cap in ("budget", "daily_budget"):
            if getattr(self, cap) is not None:
                object.__setattr__(self, cap, money(getattr(self, cap), cap))
        for link in self.links:
            self._check_link(link, names)
        self._refuse_doubled_links()
        self._refuse_unknown_others(names)

    def _refuse_unknown_others(self, names: list[str]) -> None:
        """Whoever is kept off for what they said elsewhere said it in another stage of ours."""
        for stage in self.stages:
            for name in stage.once.not_by:
                if name not in names:
                    raise InvalidDefinition(
                        f"stage {stage.name}: once.not_by",
                        f'there is no stage "{name}"; the stages are {", ".join(names)}',
                    )

    def _refuse_shared_types(self) -> None:
        """Two stages with equal attributes would share one HIT type and its notification path."""
        seen: dict[tuple[object, ...], str] = {}
        for stage in self.stages:
            description = stage.description or stage.title
            attributes = (stage.title, description, stage.keywords, stage.duration)
            if attributes in seen:
                raise InvalidDefinition(
                    f"stage {stage.name}: title",
                    f'is the same as of stage "{seen[attributes]}"; give each stage its own, '
                    "for MTurk makes one HIT type of equal attributes",
                )
            seen[attributes] = stage.name

    def _pay_by_the_hour(self, hourly_wage: Decimal) -> None:
        stages = [
            replace(stage, hourly_wage=stage.hourly_wage or hourly_wage) for stage in self.stages
        ]
        object.__setattr__(self, "hourly_wage", hourly_wage)
        object.__setattr__(self, "stages", stages)

    def _check_link(self, link: Link | Gather, names: list[str]) -> None:
        ends = {"source": link.source, "target": link.target}
        if isinstance(link, Gather):
            ends["parent"] = link.parent
        for end, name in ends.items():
            if name not in names:
                raise InvalidDefinition(
                    f"links.{end}", f'there is no stage "{name}"; the stages are {", ".join(names)}'
                )
        back = names.index(link.target) <= names.index(link.source)
        if isinstance(link, Gather):
            if back:
                raise InvalidDefinition("links.target", "what is gathered goes to a later stage")
            if not any(made.target == link.source for made in self.links_from(link.parent)):
                raise InvalidDefinition(
                    "links.parent",
                    f"no link leads from {link.parent} to {link.source}, so it has no children "
                    "there to gather",
                )
            return
        if back and link.rounds is None:
            raise InvalidDefinition(
                "links.rounds", f"{link.source} → {link.target} is a loop; say how many rounds"
            )
        if link.rounds is not None and link.rounds < 1:
            raise InvalidDefinition("links.rounds", f"{link.rounds} is less than 1")

    def _refuse_doubled_links(self) -> None:
        """A child is known by its parent and stage: two links could not be told apart."""
        seen: set[tuple[str, ...]] = set()
        for link in self.links:
            ends: tuple[str, ...] = (link.source, link.target)
            if isinstance(link, Gather):
                ends = (link.parent, *ends)
            if ends in seen:
                raise InvalidDefinition(
                    "links", f"two lead from {' and '.join(ends[:-1])} to {ends[-1]}; make it one"
                )
            seen.add(ends)

    @property
    def cap(self) -> Decimal | None:
        """The budget in dollars, if there is one."""
        assert not isinstance(self.budget, str)
        return self.budget

    @property
    def daily_cap(self) -> Decimal | None:
        """The budget of one day in dollars, if there is one."""
        assert not isinstance(self.daily_budget, str)
        return self.daily_budget

    @property
    def first(self) -> Stage:
        """The stage that an items file feeds."""
        return self.stages[0]

    def stage(self, name: str) -> Stage:
        """The stage of that name, or InvalidDefinition listing those there are."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise InvalidDefinition(
            "stage",
            f'{self.name} has no stage "{name}"; it has '
            + ", ".join(stage.name for stage in self.stages),
        )

    def leads_on(self, stage: str) -> bool:
        """Whether anything may follow from an item of that stage."""
        return bool(self.links_from(stage) or self.gathers_of(stage))

    def links_from(self, stage: str) -> list[Link]:
        return [link for link in self.links if isinstance(link, Link) and link.source == stage]

    def gathers_of(self, stage: str) -> list[Gather]:
        return [link for link in self.links if isinstance(link, Gather) and link.source == stage]
