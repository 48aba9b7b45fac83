"""Measuring: workers' standing kept up to date, a few items at a time."""

from __future__ import annotations

from hitline.store import scoring, workers
from hitline.wiring import Hitline

AT_ONCE = 200
"""So many items' answers are entered in one transaction, which is some hundredths of a second."""


def measure(hitline: Hitline, pipeline: str, stage: str) -> int:
    """Enter all that is new about the stage's answers; of how many items there was anything."""
    with hitline.store.reading() as connection:
        if (pipeline, stage) not in workers.unscored(connection):
            return 0
    total = 0
    while True:
        with hitline.store.writing() as connection:
            count = scoring.score(hitline.store, connection, pipeline, stage, most=AT_ONCE)
        total += count
        if count < AT_ONCE:
            return total
