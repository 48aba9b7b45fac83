"""Measuring: workers' standing kept up to date, a few items at a time."""

from __future__ import annotations

from sqlalchemy import Connection

from hitline.fields import Choice
from hitline.store import scoring, workers
from hitline.wiring import Hitline

AT_ONCE = 200
"""So many items' answers are entered in one transaction, which is some hundredths of a second."""


def measure(hitline: Hitline, pipeline: str, stage: str) -> int:
    """Enter all that is new about the stage's answers; of how many items there was anything."""
    with hitline.store.reading() as connection:
        if (pipeline, stage) not in workers.unscored(connection):
            return 0
    # Other kinds settle with a label that few answers say word by word.
    compare = isinstance(hitline.pipeline(pipeline).stage(stage).answer, Choice)
    total = 0
    while True:
        with hitline.store.writing() as connection:
            count = _score(hitline, connection, pipeline, stage, compare)
        total += count
        if count < AT_ONCE:
            return total


def _score(
    hitline: Hitline, connection: Connection, pipeline: str, stage: str, compare: bool
) -> int:
    return scoring.score(hitline.store, connection, pipeline, stage, compare=compare, most=AT_ONCE)
