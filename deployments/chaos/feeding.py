"""Feeding: items are added as long as the storm lasts, so that there is always work to lose."""

from __future__ import annotations

import csv
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from deployments.chaos.stack import HERE, PIPELINES, Chaotic
from hitline.acting.launching import launch, prepare
from hitline.errors import HitlineError
from hitline.itemsfile import ItemRow
from hitline.model import FINISHED, Label
from hitline.store.schema import items
from hitline.wiring import Hitline

LOOK_EVERY = 1.0
"""Wall seconds."""
STORM, TRIAL, PURSE = "storm", "trial", "purse"
BATCHES = {STORM: 10, TRIAL: 5}
"""So many items are added at a time, where there are too few. `purse` gets its items at once."""
ASKED = {STORM: "sight", TRIAL: "trial", PURSE: "purse"}
"""The set of the crowd's that a pipeline's first stage asks about."""
KNOWN = HERE / "truth.csv"


class Feeding:
    """A thread that keeps about `under_way` items of the first two pipelines unfinished."""

    def __init__(self, chaotic: Chaotic, hitline: Hitline, *, under_way: int, purse: int) -> None:
        self._chaotic = chaotic
        self._hitline = hitline
        self._under_way = under_way
        self._purse = purse
        self.fed: dict[str, list[str]] = {name: [] for name in ASKED}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeding", daemon=True)

    def start(self) -> None:
        """Launch the pipelines, and begin."""
        for name in self.fed:
            prepare(
                self._hitline,
                self._hitline.pipeline(name),
                Path(PIPELINES / name / "pipeline.py"),
                transport="SQS",
                destination=self._chaotic.local.path.destination,
            )
        self._launch(TRIAL, [*_known(), *_rows(TRIAL, 0, BATCHES[TRIAL])])
        self._launch(PURSE, _rows(PURSE, 0, self._purse))
        self._thread.start()

    def stop(self) -> None:
        """Add no more."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            # An outage is waited out; what had been added then is known by its key.
            with suppress(HitlineError, SQLAlchemyError):
                if self._unfinished() < self._under_way:
                    for name, count in BATCHES.items():
                        self._launch(name, _rows(name, len(self.fed[name]), count))

    def _unfinished(self) -> int:
        finished = [str(state) for state in FINISHED]
        query = select(func.count()).where(
            items.c.pipeline.in_(BATCHES), items.c.state.not_in(finished)
        )
        with self._hitline.store.reading() as connection:
            return connection.scalar(query) or 0

    def _launch(self, name: str, rows: Sequence[ItemRow]) -> None:
        launch(self._hitline, self._hitline.pipeline(name), rows)
        self.fed[name] += [row.key for row in rows]


def _known() -> list[ItemRow]:
    """Items of `trial` whose answer is known to us, as to the crowd."""
    with KNOWN.open(newline="") as file:
        return [
            _row(row["task"], TRIAL, line, gold={"": row["trial"]})
            for line, row in enumerate(csv.DictReader(file), 2)
        ]


def _rows(name: str, before: int, count: int) -> list[ItemRow]:
    """So many new items of a pipeline that got so many before."""
    numbers = range(before + 1, before + count + 1)
    return [_row(f"{name}-{number:05}", name, line) for line, number in enumerate(numbers, 2)]


def _row(key: str, name: str, line: int, gold: dict[str, Label] | None = None) -> ItemRow:
    return ItemRow(key=key, input={"text": key, "asked": ASKED[name]}, gold=gold or {}, line=line)
