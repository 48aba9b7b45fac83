"""Feeding: items are added as long as the storm lasts, so that there is always work to lose."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from deployments.chaos.stack import PIPELINES, Chaotic
from hitline.acting.launching import launch, prepare
from hitline.errors import HitlineError
from hitline.itemsfile import ItemRow
from hitline.model import FINISHED
from hitline.store.schema import items
from hitline.wiring import Hitline

LOOK_EVERY = 1.0
"""Wall seconds."""
BATCH = 10
STORM, PURSE = "storm", "purse"


class Feeding:
    """A thread that keeps about `under_way` items unfinished."""

    def __init__(self, chaotic: Chaotic, hitline: Hitline, *, under_way: int, purse: int) -> None:
        self._chaotic = chaotic
        self._hitline = hitline
        self._under_way = under_way
        self._purse = purse
        self.fed: dict[str, list[str]] = {STORM: [], PURSE: []}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeding", daemon=True)

    def start(self) -> None:
        """Launch both pipelines, and begin."""
        for name in self.fed:
            prepare(
                self._hitline,
                self._hitline.pipeline(name),
                Path(PIPELINES / name / "pipeline.py"),
                transport="SQS",
                destination=self._chaotic.local.path.destination,
            )
        self._add(PURSE, self._purse)
        self._add(STORM, self._under_way // 2)
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
                    self._add(STORM, BATCH)

    def _unfinished(self) -> int:
        finished = [str(state) for state in FINISHED]
        query = select(func.count()).where(
            items.c.pipeline == STORM, items.c.state.not_in(finished)
        )
        with self._hitline.store.reading() as connection:
            return connection.scalar(query) or 0

    def _add(self, name: str, count: int) -> None:
        known = self.fed[name]
        keys = [f"{name}-{len(known) + number:05}" for number in range(1, count + 1)]
        asked = "sight" if name == STORM else name
        rows = [
            ItemRow(key=key, input={"text": key, "asked": asked}, gold={}, line=line)
            for line, key in enumerate(keys, 2)
        ]
        launch(self._hitline, self._hitline.pipeline(name), rows)
        known += keys
