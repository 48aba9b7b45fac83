"""Pilots: a few items of a file that were published first, and the rest that waits for a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from hitline.itemsfile import ItemRow
from hitline.store.schema import pilot_items, pilots


class PilotState(StrEnum):
    """What a person said of a pilot."""

    RUNNING = "running"
    """Nothing yet: the rest waits."""
    CONTINUED = "continued"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class Pilot:
    """A pipeline's `number`th pilot: the ids of its `chosen` items, and the `rest` of the file.

    `started_at` is also the time at which the chosen ones were published.
    """

    pipeline: str
    number: int
    state: PilotState
    seed: int
    started_at: datetime
    decided_at: datetime | None
    chosen: tuple[str, ...]
    rest: Mapping[str, ItemRow]

    @property
    def all_ids(self) -> set[str]:
        """The ids of all items of its file."""
        return {*self.chosen, *self.rest}


def newest(connection: Connection, pipeline: str) -> Pilot | None:
    """The pipeline's last pilot."""
    row = connection.execute(
        select(pilots)
        .where(pilots.c.pipeline == pipeline)
        .order_by(pilots.c.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    kept = connection.execute(
        select(pilot_items)
        .where(pilot_items.c.pipeline == pipeline, pilot_items.c.number == row.number)
        .order_by(pilot_items.c.line)
    ).all()
    return Pilot(
        pipeline=pipeline,
        number=row.number,
        state=PilotState(row.state),
        seed=row.seed,
        started_at=row.started_at,
        decided_at=row.decided_at,
        chosen=tuple(one.item_id for one in kept if one.chosen),
        rest={
            one.item_id: ItemRow(key=one.key, input=one.input, gold=one.gold, line=one.line)
            for one in kept
            if not one.chosen
        },
    )


def running(connection: Connection, pipeline: str) -> Pilot | None:
    """The pilot that waits for a word, if there is one."""
    last = newest(connection, pipeline)
    return last if last is not None and last.state is PilotState.RUNNING else None


def add(
    connection: Connection,
    pipeline: str,
    seed: int,
    rows: Mapping[str, ItemRow],
    chosen: Sequence[str],
    at: datetime,
) -> None:
    """Remember a new pilot, of a file's items by their ids."""
    last = connection.scalar(select(func.max(pilots.c.number)).where(pilots.c.pipeline == pipeline))
    number = (last or 0) + 1
    connection.execute(
        insert(pilots).values(
            pipeline=pipeline, number=number, state=PilotState.RUNNING, seed=seed, started_at=at
        )
    )
    taken = set(chosen)
    connection.execute(
        insert(pilot_items),
        [
            {
                "pipeline": pipeline,
                "number": number,
                "item_id": item_id,
                "key": row.key,
                "input": row.input,
                "gold": row.gold,
                "line": row.line,
                "chosen": item_id in taken,
            }
            for item_id, row in rows.items()
        ],
    )


def decided(connection: Connection, pilot: Pilot, state: PilotState, at: datetime) -> bool:
    """Remember what was said of a running pilot; False if another was quicker."""
    changed = connection.execute(
        update(pilots)
        .where(
            pilots.c.pipeline == pilot.pipeline,
            pilots.c.number == pilot.number,
            pilots.c.state == PilotState.RUNNING,
        )
        .values(state=state, decided_at=at)
    )
    return changed.rowcount == 1
