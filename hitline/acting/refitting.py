"""Refitting: the model of a stage's workers over all answers, kept; and what it doubts."""

from __future__ import annotations

from dataclasses import dataclass

from hitline.acting import believing, reopening
from hitline.acting.believing import View
from hitline.acting.reopening import Reconsidered
from hitline.loading import if_it_loads
from hitline.policies import Adaptive
from hitline.store import evidence, models, pipelines, provisional
from hitline.wiring import Hitline

CLOSE = 0.005
"""Confidences that differ by no more are the same to a reader."""
CHUNK = 2000
"""Items whose confidence is written in one transaction: others wait for it."""
CAUSE = "refit"
"""What an item's story says of why it was reopened."""


@dataclass(frozen=True, kw_only=True)
class Refitted:
    """A stage's model: `workers` are (worker, answers, expected share of right ones), the least
    reliable first; `would_flip` how many final labels it contradicts; `pruned` versions are
    gone."""

    pipeline: str
    stage: str
    version: str
    answers: int
    by_votes: bool
    workers: tuple[tuple[str, int, float], ...]
    reconsidered: Reconsidered
    would_flip: int
    pruned: int


def modelled(hitline: Hitline) -> list[tuple[str, str]]:
    """(pipeline, stage) of every launched stage whose rule has a model of the workers."""
    with hitline.store.reading() as connection:
        names = pipelines.names(connection)
    loaded = [found for name in names if (found := if_it_loads(hitline.pipeline, name))]
    return [
        (pipeline.name, stage.name)
        for pipeline in loaded
        for stage in pipeline.stages
        if isinstance(stage.redundancy, Adaptive)
    ]


def refit(hitline: Hitline, pipeline: str, stage: str) -> Refitted | None:
    """Fit, keep the model, and reconsider what is settled; None before anybody has answered."""
    view = believing.view_of(hitline, pipeline, hitline.pipeline(pipeline).stage(stage))
    if not view.evidence.items:
        return None
    grounds = view.grounds()
    with hitline.store.writing() as connection:
        models.keep(hitline.store, connection, pipeline, stage, grounds, hitline.clock.now())
    reconsidered = reopening.reconsider(hitline, pipeline, stage, CAUSE)
    _restate(hitline, pipeline, stage, view)
    with hitline.store.writing() as connection:
        pruned = models.prune(connection, pipeline, stage)
        flips = len(provisional.would_flip(connection, pipeline, stage))
    return Refitted(
        pipeline=pipeline,
        stage=stage,
        version=grounds.version,
        answers=grounds.answers,
        by_votes=grounds.by_votes,
        workers=tuple(grounds.accuracies()),
        reconsidered=reconsidered,
        would_flip=flips,
        pruned=pruned,
    )


def _restate(hitline: Hitline, pipeline: str, stage: str, view: View) -> None:
    """State of every settled label what all answers say of it by now, for or against.

    A label is settled by the answers that speak for it, when little is known of those who gave
    them; so what is stated at that moment is two to four points too much in the mean.
    """
    with hitline.store.reading() as connection:
        labels = evidence.settled(connection, pipeline, stage)
        before = provisional.stated(connection, pipeline, stage)
    new: dict[str, float] = {}
    for item, place in zip(labels, view.evidence.places(labels), strict=True):
        known = before.get(item)
        if place < 0 or known is None:
            continue  # settled by votes alone, or by staff: nothing was stated
        says = float(view.opinion.stated[place])
        agrees = view.labels[view.opinion.label[place]] == labels[item]
        stated = says if agrees else 1.0 - says
        if abs(stated - known) > CLOSE:
            new[item] = stated
    for start in range(0, len(new), CHUNK):
        chunk = dict(list(new.items())[start : start + CHUNK])
        with hitline.store.writing() as connection:
            provisional.restate(connection, chunk)
