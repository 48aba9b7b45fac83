"""Rehearsal: a stage's own rule on recorded answers, item by item, for a forecast to go by."""

from __future__ import annotations

import reprlib

import numpy as np

from hitline.branching import labels_of
from hitline.deck import Deck
from hitline.errors import InvalidRecording
from hitline.pipeline import Pipeline, Stage
from hitline.priors import Simulated
from hitline.recorded import Recorded
from hitline.replay import Run

MOST = 2_000
"""Recorded items that are gone through: more would make no interval narrower that matters."""

OPEN = 0.05
"""Of the items, that are open at a time where something is built on each label at once."""


def stage_of(pipeline: Pipeline, recorded: Recorded) -> Stage:
    """The first stage whose labels hold all that was recorded. Raises InvalidRecording."""
    said = set(recorded.labels)
    known = {
        stage.name: labels for stage in pipeline.stages if (labels := labels_of(stage)) is not None
    }
    for name, labels in known.items():
        if said <= set(labels):
            return pipeline.stage(name)
    has = "; ".join(f"{name} has {', '.join(labels)}" for name, labels in known.items())
    raise InvalidRecording(
        f"column label: the answers are {reprlib.repr(sorted(said))}, which no stage of "
        f"{pipeline.name} asks for ({has or 'none is a choice'})"
    )


def rehearse(pipeline: Pipeline, stage: Stage, recorded: Recorded, seed: int) -> Simulated:
    """What the stage's rule would have asked for, and whether its labels would have been right."""
    chance = np.random.default_rng([seed, 2])
    final = bool(pipeline.links_from(stage.name) or pipeline.gathers_of(stage.name))
    deck = Deck.shuffled(recorded, min(MOST, len(recorded.tasks)), chance)
    run = Run(deck, stage.policy.redundancy, None, final=final)
    room = max(1, round(OPEN * deck.items)) if final else deck.items
    run.to_the_end(chance.permutation(deck.items), room)
    place = [(labels_of(stage) or ()).index(label) for label in recorded.labels]
    return Simulated(
        answers=run.have,
        rounds=np.maximum(run.rounds, 1),
        label=np.array(place, dtype=np.intp)[run.label],
        settled=np.ones(deck.items, dtype=np.intp),
        right=np.where(deck.gold >= 0, run.label == deck.gold, -1).astype(np.intp),
    )
