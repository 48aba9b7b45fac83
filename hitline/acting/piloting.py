"""Piloting: publish a few items, look at what comes, then publish the rest or stop.

The rest are no items yet: they stand in a table of their own, which no sweep, bell or flow reads,
so nothing but `go_on` can publish them, whatever restarts in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from sqlalchemy import Connection, func, select

from hitline.acting import controlling, launching
from hitline.acting.controlling import Stopped
from hitline.acting.launching import Launched
from hitline.errors import HitlineError, InvalidDefinition
from hitline.itemsfile import ItemRow
from hitline.pipeline import Pipeline
from hitline.store import items as item_rows
from hitline.store import pilots
from hitline.store.pilots import Pilot, PilotState
from hitline.store.schema import items
from hitline.tokens import item_id
from hitline.wiring import Hitline


def check(size: int, seed: int, new: int) -> None:
    """Refuse a pilot of nothing, or of all there is."""
    if size < 1:
        raise InvalidDefinition("--pilot", f"{size} is less than 1")
    if seed < 0:
        raise InvalidDefinition("--seed", f"{seed} is less than 0")
    if size >= new:
        raise InvalidDefinition(
            "--pilot", f"{size} of {new} new items leave nothing for later; leave --pilot out"
        )


def refuse_beside(connection: Connection, pipeline: str) -> None:
    """Refuse to publish anything else while a pilot waits for a word."""
    pilot = pilots.running(connection, pipeline)
    if pilot is not None:
        raise HitlineError(
            f"a pilot of {pipeline} is running and {len(pilot.rest)} items wait for it; "
            f'"hitline pilot continue {pipeline}" publishes them, "hitline pilot stop {pipeline}" '
            "gives them up"
        )


def start(
    hitline: Hitline, pipeline: Pipeline, rows: Sequence[ItemRow], *, size: int, seed: int
) -> Pilot:
    """Publish `size` of the new items, by chance, and keep the rest; both or neither.

    Of a pilot of the same items that is running already nothing is published again. Raises
    HitlineError where another one is running.
    """
    stage = pipeline.first.name
    by_id = {item_id(pipeline.name, stage, row.key): row for row in rows}
    with hitline.store.writing() as connection:
        there = pilots.running(connection, pipeline.name)
        if there is not None and set(by_id) == there.all_ids:
            return there
        refuse_beside(connection, pipeline.name)
        known = item_rows.ids_of(connection, pipeline.name, stage)
        new = {found: row for found, row in by_id.items() if found not in known}
        check(size, seed, len(new))
        chosen = _chosen(pipeline, new, size, seed)
        launching.add(hitline, connection, pipeline, [new[found] for found in chosen])
        published = select(func.max(items.c.created_at)).where(items.c.id == chosen[0])
        at = connection.scalar(published) or hitline.clock.now()
        pilots.add(connection, pipeline.name, seed, new, chosen, at)
        pilot = pilots.newest(connection, pipeline.name)
    assert pilot is not None
    return pilot


def newest(hitline: Hitline, pipeline: str) -> Pilot:
    """The pipeline's last pilot. Raises HitlineError naming the way to one."""
    with hitline.store.reading() as connection:
        pilot = pilots.newest(connection, pipeline)
    if pilot is None:
        raise HitlineError(
            f'{pipeline} has no pilot; "hitline run {pipeline} ITEMS.csv --pilot 20" begins one'
        )
    return pilot


def check_rest(pipeline: Pipeline, pilot: Pilot) -> None:
    """Refuse to go on where the pipeline's template has changed beyond what the items hold."""
    needed = set(pipeline.first.question.placeholders)
    for row in pilot.rest.values():
        if lacking := sorted(needed - set(row.input)):
            raise HitlineError(
                f"{pipeline.name}: the template of {pipeline.first.name} now needs "
                f"{', '.join(lacking)}, which item {row.key} does not have; change it back, or "
                f'"hitline pilot stop {pipeline.name} --finish" and run with a new file'
            )


def go_on(hitline: Hitline, pipeline: Pipeline, pilot: Pilot) -> Launched:
    """Publish the rest, once: said twice, nothing is added.

    The stages are to be prepared before, as they may have been edited meanwhile. Raises
    HitlineError if the pilot was stopped.
    """
    with hitline.store.writing() as connection:
        if not pilots.decided(connection, pilot, PilotState.CONTINUED, hitline.clock.now()):
            _refuse_unless(connection, pilot, PilotState.CONTINUED)
            return Launched(added=0, known=len(pilot.rest))
        return launching.add(hitline, connection, pipeline, list(pilot.rest.values()))


def stop(hitline: Hitline, pilot: Pilot, *, finish: bool) -> Stopped | None:
    """Give the rest up; end what is out, as `controlling.stop` does, or let it `finish`.

    Interrupted, the same call goes on where it was. Raises HitlineError if it was continued.
    """
    with hitline.store.writing() as connection:
        if not pilots.decided(connection, pilot, PilotState.STOPPED, hitline.clock.now()):
            _refuse_unless(connection, pilot, PilotState.STOPPED)
    return None if finish else controlling.stop(hitline, pilot.pipeline)


def _refuse_unless(connection: Connection, pilot: Pilot, state: PilotState) -> None:
    now = pilots.newest(connection, pilot.pipeline)
    if now is None or now.number != pilot.number or now.state is not state:
        said = "replaced by another" if now is None or now.number != pilot.number else now.state
        way = f'; "hitline stop {pilot.pipeline}" ends it' if said == "continued" else ""
        raise HitlineError(f"the pilot of {pilot.pipeline} was {said} already{way}")


def _chosen(pipeline: Pipeline, new: Mapping[str, ItemRow], size: int, seed: int) -> list[str]:
    """A random few in the order of the file; the same seed and items give the same.

    Where known items are to be mixed in, one of them is among the few, if there is any.
    """
    chance = Random(f"{seed}/{pipeline.name}")
    ids = sorted(new)
    chosen = chance.sample(ids, size)
    here = ("", pipeline.first.name)
    known = [found for found in ids if any(stage in new[found].gold for stage in here)]
    if pipeline.first.known is not None and known and not set(chosen) & set(known):
        chosen[-1] = chance.choice(known)
    return sorted(chosen, key=lambda found: new[found].line)
