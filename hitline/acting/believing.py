"""Believing: what the model of a stage's workers holds of its items, added to the facts on them.

The model is fitted to all counted answers of the stage so far, once for each chunk. The same
answers give the same beliefs, in whatever order they came. But what is known when an item is looked
at depends on when that is: of two items looked at at different times, the later one is judged with
more. And of two runs at the same time, both may spend the same left-over answers; what is left for
others is less by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from hitline.consensus import adaptive, grounds, opinion
from hitline.consensus.adaptive import Savings
from hitline.consensus.choice import Tally
from hitline.consensus.grounds import Grounds
from hitline.consensus.opinion import Opinion
from hitline.consensus.skill import Answers
from hitline.facts import ItemFacts
from hitline.fields import Choice
from hitline.model import FINISHED, Label
from hitline.pipeline import Stage
from hitline.policies import Adaptive
from hitline.store import Store, evidence
from hitline.store.evidence import Evidence
from hitline.wiring import Hitline


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """What all answers of a stage lead to; the opinion's labels stand in `labels`."""

    evidence: Evidence
    golds: Mapping[str, Label]
    labels: tuple[Label, ...]
    opinion: Opinion

    def grounds(self, workers: Sequence[str] | None = None) -> Grounds:
        """What it holds of these workers, all of whom have answered, or of everybody."""
        everybody = self.evidence.workers
        if workers is None:
            return grounds.of_workers(self.opinion, self.labels, everybody, range(len(everybody)))
        numbers = np.searchsorted(np.array(everybody), list(workers)).tolist()
        return grounds.of_workers(self.opinion, self.labels, workers, numbers)


_VIEWS: WeakKeyDictionary[Store, dict[tuple[str, str], View]] = WeakKeyDictionary()
"""The newest view of each stage: while nothing is said, nothing is reckoned again."""


def believe(hitline: Hitline, stage: Stage, found: Sequence[ItemFacts]) -> list[ItemFacts]:
    """The facts, with beliefs where a rule has a model and an item has answers to judge by."""
    asking = [facts for facts in found if _has_model(facts) and facts.item.state not in FINISHED]
    if not asking:
        return list(found)
    pipeline = asking[0].item.pipeline
    final = is_final(hitline, pipeline, stage.name)
    with hitline.store.reading() as connection:
        asked = evidence.asked(connection, pipeline, stage.name) if final else {}
        settled = evidence.settled(connection, pipeline, stage.name) if final else {}
    view = view_of(hitline, pipeline, stage)
    held = _with_beliefs(view, asking)
    if final:
        held = _shared_out(held, view.evidence, settled, asked)
    return _put_in(found, held)


def look_back(hitline: Hitline, stage: Stage, found: Sequence[ItemFacts]) -> list[ItemFacts]:
    """The facts on items that are settled, with what is believed of them by now."""
    judged = [facts for facts in found if _has_model(facts)]
    if not judged:
        return list(found)
    view = view_of(hitline, judged[0].item.pipeline, stage)
    return _put_in(found, _with_beliefs(view, judged))


def is_final(hitline: Hitline, pipeline: str, stage: str) -> bool:
    """Whether something is built on the stage's labels as soon as they are stored."""
    definition = hitline.pipeline(pipeline)
    return bool(definition.links_from(stage) or definition.gathers_of(stage))


def view_of(hitline: Hitline, pipeline: str, stage: Stage) -> View:
    """What is believed of the stage by now."""
    with hitline.store.reading() as connection:
        said = evidence.of_stage(hitline.store, connection, pipeline, stage.name)
        golds = evidence.known(connection, pipeline, stage.name)
    labels = _labels(stage, said, golds)
    views = _VIEWS.setdefault(hitline.store, {})
    view = views.get((pipeline, stage.name))
    if view is None or view.evidence is not said or (view.golds, view.labels) != (golds, labels):
        formed = _opinion(said, golds, labels)
        view = View(evidence=said, golds=golds, labels=labels, opinion=formed)
        views[pipeline, stage.name] = view
    return view


def _put_in(found: Sequence[ItemFacts], held: Sequence[ItemFacts]) -> list[ItemFacts]:
    by_id = {facts.item.id: facts for facts in held}
    return [by_id.get(facts.item.id, facts) for facts in found]


def _with_beliefs(view: View, found: Sequence[ItemFacts]) -> list[ItemFacts]:
    """The facts with what the view holds of them; as they are where nobody has answered."""
    places = view.evidence.places(facts.item.id for facts in found)
    version, answers = view.opinion.version, view.evidence
    known = [place for place in places if place >= 0]
    beliefs = iter(view.opinion.beliefs(known, view.labels))
    held = []
    for facts, place in zip(found, places, strict=True):
        if place < 0:
            held.append(facts)
            continue
        first, last = np.searchsorted(answers.item, [place, place + 1])
        who = [answers.workers[number] for number in answers.worker[first:last].tolist()]
        held.append(replace(facts, belief=next(beliefs), model=version, grounds=view.grounds(who)))
    return held


def _has_model(facts: ItemFacts) -> bool:
    by_model = isinstance(facts.policy.redundancy, Adaptive) and facts.item.copy_of is None
    return by_model and bool(facts.labels)


def _labels(stage: Stage, said: Evidence, golds: Mapping[str, Label]) -> tuple[Label, ...]:
    """The stage's labels, and those that earlier versions of it had."""
    now = stage.answer.labels if isinstance(stage.answer, Choice) else ()
    return tuple(dict.fromkeys([*now, *sorted({*said.labels, *golds.values()})]))


def _opinion(said: Evidence, golds: Mapping[str, Label], labels: Sequence[Label]) -> Opinion:
    number_of = {label: number for number, label in enumerate(labels)}
    renumbered = np.array([number_of[label] for label in said.labels], dtype=np.intp)
    answers = Answers(
        item=said.item,
        worker=said.worker,
        label=renumbered[said.label] if len(said.label) else said.label,
        items=len(said.items),
        workers=len(said.workers),
        labels=len(labels),
    )
    known = np.full(len(said.items), -1, dtype=np.intp)
    for place, gold in zip(said.places(golds), golds.values(), strict=True):
        if place >= 0:
            known[place] = number_of[gold]
    return opinion.form(answers, known if (known >= 0).any() else None)


def _shared_out(
    held: Sequence[ItemFacts],
    said: Evidence,
    settled: Mapping[str, Label],
    asked: Mapping[str, int],
) -> list[ItemFacts]:
    """The facts with the answers that each item may still take from what others left over.

    The surest first. What was asked for an item already is its own, whether it has come or not.
    """
    rule = held[0].policy.redundancy
    assert isinstance(rule, Adaptive)
    counts = np.bincount(said.item, minlength=len(said.items))
    done = [place for place in said.places(settled) if place >= 0]
    beyond = {item: max(0, count - rule.average) for item, count in asked.items()}
    savings = Savings(
        rule, settled=len(done), answers=int(counts[done].sum()), taken=sum(beyond.values())
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
    return -(facts.belief.likely if facts.belief else 0.0), facts.item.id
