"""Mixing known items in among the others: those handed in, and where they run out copies of them.

A copy is an item of its own, asked on a HIT of its own, so that workers who come later meet it too.
What a worker sees of it, and what the endpoint is told, is what it would be of any other item.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from sqlalchemy import Connection

from hitline.errors import InvalidItems
from hitline.model import Item
from hitline.policies import Known
from hitline.store import mixtures
from hitline.store.mixtures import Mixture
from hitline.tokens import copy_id
from hitline.wiring import Hitline


def mix(hitline: Hitline, connection: Connection, new: Sequence[Item]) -> list[Item]:
    """These items in the order in which to publish them, and copies of known ones among them.

    Those that are there already are left out. Call it in the transaction that adds them.
    """
    by_stage: dict[tuple[str, str], list[Item]] = {}
    for item in new:
        by_stage.setdefault((item.pipeline, item.stage), []).append(item)
    mixed: list[Item] = []
    for (pipeline, stage), fresh in by_stage.items():
        known = hitline.pipeline(pipeline).stage(stage).known
        if known is None:
            mixed += fresh
        else:
            mixed += _mix(hitline, connection, known, pipeline, stage, fresh)
    return mixed


def _mix(
    hitline: Hitline,
    connection: Connection,
    known: Known,
    pipeline: str,
    stage: str,
    new: Sequence[Item],
) -> list[Item]:
    # Locked first: of two that add to the stage at once, the second counts what the first added.
    before = mixtures.locked(hitline.store, connection, pipeline, stage)
    there = mixtures.present(connection, [item.id for item in new])
    fresh = list({item.id: item for item in new if item.id not in there}.values())
    others = [item for item in fresh if item.gold is None]
    handed_in = [item for item in fresh if item.gold is not None]
    chance = Random(f"{known.seed}/{pipeline}/{stage}/{before.others}/{before.known}")
    copies = _copies(connection, pipeline, stage, handed_in, chance)
    waiting = list(reversed(handed_in))
    mixed: list[Item] = []
    mixed_in = before.known
    for count, item in enumerate(others, before.others + 1):
        mixed.append(item)
        while known.due(count, f"{pipeline}/{stage}") > mixed_in:
            another = waiting.pop() if waiting else next(copies, None)
            if another is None:
                break
            mixed.append(another)
            mixed_in += 1
    mixed = _spread(mixed, list(reversed(waiting)), chance)
    mixtures.record(
        connection,
        pipeline,
        stage,
        Mixture(others=before.others + len(others), known=mixed_in + len(waiting)),
    )
    return mixed


def refuse_without(hitline: Hitline, connection: Connection, new: Sequence[Item]) -> None:
    """Raise InvalidItems where a stage is to mix known items in and has none."""
    for pipeline, stage in {(item.pipeline, item.stage) for item in new}:
        if hitline.pipeline(pipeline).stage(stage).known is None:
            continue
        given = any(item.gold is not None for item in new if item.stage == stage)
        if not given and not mixtures.seen(connection, pipeline, stage):
            raise InvalidItems(
                f"stage {stage} mixes known items in (known=…), and no item has a known answer; "
                f"give some of them one in a column gold_{stage}, or take known out of the stage"
            )


def _copies(
    connection: Connection, pipeline: str, stage: str, handed_in: Sequence[Item], chance: Random
) -> Iterator[Item]:
    """Copies of the stage's known items, one after the other, the least asked first."""
    known, asked = mixtures.known_items(connection, pipeline, stage)
    known += handed_in
    if not known:
        return
    version = mixtures.current_version(connection, pipeline, stage)
    issued = {item.id: asked.get(item.id, 0) for item in known}
    while True:
        least = min(issued.values())
        item = chance.choice([item for item in known if issued[item.id] == least])
        issued[item.id] += 1
        yield replace(
            item,
            id=copy_id(item.id, issued[item.id]),
            key=f"{item.key}~{issued[item.id]}",
            golds={stage: item.golds[stage]},
            version=version,
            parent_id=None,
            root_id=None,
            round=0,
            copy_of=item.id,
        )


def _spread(mixed: list[Item], more: Sequence[Item], chance: Random) -> list[Item]:
    """The items with more of them in places taken at random, the order of each kept."""
    if not more:
        return mixed
    places = set(chance.sample(range(len(mixed) + len(more)), len(more)))
    rest, spread = iter(mixed), iter(more)
    return [next(spread if place in places else rest) for place in range(len(mixed) + len(more))]
