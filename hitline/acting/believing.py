"""Believing: what the model of a stage's workers holds of its items, added to the facts on them.

The model is fitted to all counted answers of the stage so far, once for each chunk. The same
answers give the same beliefs, in whatever order they came. But what is known when an item is looked
at depends on when that is: of two items looked at at different times, the later one is judged with
more. And of two runs at the same time, both may spend the same left-over answers; what is left for
others is less by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hitline.consensus import adaptive, opinion
from hitline.consensus.adaptive import Savings
from hitline.consensus.choice import Tally
from hitline.consensus.opinion import Opinion
from hitline.consensus.skill import Answers
from hitline.facts import ItemFacts
from hitline.fields import Choice
from hitline.model import FINISHED, Label
from hitline.pipeline import Stage
from hitline.policies import Adaptive
from hitline.store import evidence
from hitline.store.evidence import Said
from hitline.wiring import Hitline


def believe(hitline: Hitline, stage: Stage, found: Sequence[ItemFacts]) -> list[ItemFacts]:
    """The facts, with beliefs where a rule has a model and an item has answers to judge by."""
    asking = [
        facts
        for facts in found
        if isinstance(facts.policy.redundancy, Adaptive)
        and facts.labels
        and facts.item.state not in FINISHED
    ]
    if not asking:
        return list(found)
    pipeline = asking[0].item.pipeline
    definition = hitline.pipeline(pipeline)
    final = bool(definition.links_from(stage.name) or definition.gathers_of(stage.name))
    with hitline.store.reading() as connection:
        said = evidence.of_stage(connection, pipeline, stage.name)
        asked = evidence.asked(connection, pipeline, stage.name) if final else {}
    numbers = {item: number for number, item in enumerate(sorted({one.item_id for one in said}))}
    labels = _labels(stage, said)
    view = _opinion(said, numbers, labels)
    places = [numbers[facts.item.id] for facts in asking]
    beliefs = view.beliefs(places, labels)
    held = [
        replace(facts, belief=belief, model=view.version)
        for facts, belief in zip(asking, beliefs, strict=True)
    ]
    if final:
        held = _shared_out(held, said, asked)
    by_id = {facts.item.id: facts for facts in held}
    return [by_id.get(facts.item.id, facts) for facts in found]


def _labels(stage: Stage, said: Sequence[Said]) -> list[Label]:
    """The stage's labels, and those that earlier versions of it had."""
    now = stage.answer.labels if isinstance(stage.answer, Choice) else ()
    before = {one.label for one in said} | {one.gold for one in said if one.gold is not None}
    return list(dict.fromkeys([*now, *sorted(before)]))


def _opinion(said: Sequence[Said], numbers: dict[str, int], labels: Sequence[Label]) -> Opinion:
    label_of = {label: number for number, label in enumerate(labels)}
    worker_of = {name: n for n, name in enumerate(sorted({one.worker_id for one in said}))}
    item = np.array([numbers[one.item_id] for one in said], dtype=np.intp)
    worker = np.array([worker_of[one.worker_id] for one in said], dtype=np.intp)
    label = np.array([label_of[one.label] for one in said], dtype=np.intp)
    # One order, whatever the database's: sums of fractions depend on it.
    order = np.lexsort((worker, item))
    known = np.full(len(numbers), -1, dtype=np.intp)
    for one in said:
        if one.gold is not None:
            known[numbers[one.item_id]] = label_of[one.gold]
    answers = Answers(
        item=item[order],
        worker=worker[order],
        label=label[order],
        items=len(numbers),
        workers=len(worker_of),
        labels=len(labels),
    )
    return opinion.form(answers, known if (known >= 0).any() else None)


def _shared_out(
    held: Sequence[ItemFacts], said: Sequence[Said], asked: dict[str, int]
) -> list[ItemFacts]:
    """The facts with the answers that each item may still take from what others left over.

    The surest first. What was asked for an item already is its own, whether it has come or not.
    """
    rule = held[0].policy.redundancy
    assert isinstance(rule, Adaptive)
    settled = [one.item_id for one in said if one.settled]
    beyond = {item: max(0, count - rule.average) for item, count in asked.items()}
    savings = Savings(
        rule, settled=len(set(settled)), answers=len(settled), taken=sum(beyond.values())
    )
    shared = []
    for facts in sorted(held, key=_surest):
        rule = facts.policy.redundancy
        assert isinstance(rule, Adaptive)
        total, own = len(facts.labels), asked.get(facts.item.id, 0)
        coming = max(0, own - max(total, rule.average))
        given = replace(facts, spare=savings.left + coming)
        shared.append(given)
        if own <= total:
            ruling = adaptive.judge(Tally.of(facts.labels), facts.belief, rule, spare=given.spare)
            savings.heed(ruling, total)
    return shared


def _surest(facts: ItemFacts) -> tuple[float, str]:
    assert facts.belief is not None
    return -facts.belief.likely, facts.item.id
