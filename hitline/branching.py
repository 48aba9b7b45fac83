"""What a pipeline's own chain rules make of each label, tried on items that are to be published.

Pure as far as the rules are: they are the pipeline's, and run again when items really settle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hitline.fields import Choice
from hitline.pipeline import Gather, Link, NewItem, Pipeline, Settled, Stage

TRIED = 20
"""Items on which a rule is tried."""


@dataclass
class Branching:
    """`made`: (source, target) → label → how many items each try led to; "" stands for any label.

    `gathered`: parent → targets of gathers, which make one item once a parent's children are done.
    `failed`: links whose rule could not be tried: each item is taken to lead to one.
    """

    made: dict[tuple[str, str], dict[str, list[int]]] = field(default_factory=dict)
    gathered: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def targets(self, stage: str) -> list[str]:
        """The stages that items of `stage` lead to."""
        return [target for source, target in self.made if source == stage]

    def tries(self, source: str, target: str, label: str) -> list[int]:
        """How many items each try with that label led to."""
        by_label = self.made[source, target]
        return by_label.get(label) or by_label.get("") or [1]


def labels_of(stage: Stage) -> tuple[str, ...] | None:
    """The labels of a stage that is one choice; None for all other kinds of answer."""
    return tuple(stage.answer.labels) if isinstance(stage.answer, Choice) else None


def branching(pipeline: Pipeline, inputs: Sequence[Mapping[str, str]]) -> Branching:
    """Try every link with every label that its source's stage has, on a few of these inputs."""
    found = Branching()
    samples = {pipeline.first.name: [dict(given) for given in inputs[:TRIED]]}
    for stage in pipeline.stages:
        labels = labels_of(stage) or ("",)
        for link in pipeline.links_from(stage.name):
            made: dict[str, list[int]] = {}
            try:
                for label in labels:
                    new = [_try(link, stage, given, label) for given in samples.get(stage.name, [])]
                    made[label] = [len(one) for one in new]
                    onward = samples.setdefault(link.target, [])
                    onward += [dict(item.input) for one in new for item in one]
                    del onward[TRIED:]
            except Exception:
                found.failed.append(f"{link.source} → {link.target}")
                made = {}
            found.made[link.source, link.target] = made
    for gather in pipeline.links:
        if isinstance(gather, Gather):
            found.gathered.setdefault(gather.parent, []).append((gather.source, gather.target))
    return found


def _try(link: Link, stage: Stage, given: Mapping[str, str], label: str) -> list[NewItem]:
    settled = Settled(
        key="forecast",
        input=given,
        label=label,
        agreement=1.0,
        gold=None,
        round=0,
        values={stage.fields[0].name: label} if label else {},
    )
    returned = link.rule(settled)
    if returned is None:
        return []
    return list(returned) if isinstance(returned, Iterable) else [returned]
