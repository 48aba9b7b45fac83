"""What a look at a chunk costs where a stage has many answers: reading what is new, fitting all.

    python -m benchmarks.refit --answers 100000

Prints, in a stage of so many answers by 300 workers: the first look of a process, which reads all
of them, and later ones, before each of which fifty answers came; without and with a tenth of the
items known. It is a database file of its own, on SQLite, or the one that --database names.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import cast

import numpy as np
from sqlalchemy import insert

from benchmarks.figures import table
from hitline.acting import believing
from hitline.consensus.skill import Numbers, Shares
from hitline.fields import Choice
from hitline.model import ItemState
from hitline.pipeline import Pipeline, Stage
from hitline.policies import THOROUGH
from hitline.questions import HtmlTemplate
from hitline.store import Store, hits, items, open_store, schema, upgrade
from hitline.wiring import Hitline

START = datetime(2026, 1, 1, tzinfo=UTC)
WORKERS = 300
EACH = 4
"""Answers to an item."""
CHUNK = 50
LOOKS = 7
LABELS = ("no", "yes")


def main() -> None:
    asked = _arguments()
    rows = []
    for known_share in (0.0, 0.1):
        with tempfile.TemporaryDirectory() as folder:
            url = asked.database or f"sqlite:///{Path(folder) / 'refit.db'}"
            upgrade(url)
            store = open_store(url)
            first, later = _measured(
                store, f"known{known_share:.0%}".rstrip("%"), asked.answers, known_share
            )
            store.dispose()
        rows.append(
            {
                "items": f"{known_share:.0%} known",
                "first look of a process": f"{first:.3f} s",
                f"after {CHUNK} new answers": f"{later:.3f} s",
            }
        )
    print(table(f"{asked.answers} answers by {WORKERS} workers", rows))


def _measured(store: Store, name: str, count: int, known_share: float) -> tuple[float, float]:
    """Seconds of the first look and, in the middle, of later ones."""
    stage = Stage(
        "ask",
        question=HtmlTemplate("<p>${text}</p>"),
        title="A question",
        reward="0.05",
        answer=Choice("answer", list(LABELS)),
        lifetime="1h",
        duration="5m",
        redundancy=THOROUGH,
    )
    pipeline = Pipeline(name, stages=[stage])
    said = _crowd(store, name, stage, count, known_share)
    hitline = cast(Hitline, _Reader(store, pipeline))
    first = _timed(lambda: believing.view_of(hitline, name, stage))
    later = []
    for _ in range(LOOKS):
        with store.writing() as connection:
            hits.record_answers(store, connection, [next(said) for _ in range(CHUNK)])
        later.append(_timed(lambda: believing.view_of(hitline, name, stage)))
    return first, median(later)


class _Reader:
    """As much of hitline as a look needs that calls no endpoint."""

    def __init__(self, store: Store, pipeline: Pipeline) -> None:
        self.store = store
        self._pipeline = pipeline

    def pipeline(self, _name: str) -> Pipeline:
        return self._pipeline


def _crowd(
    store: Store, name: str, stage: Stage, count: int, known_share: float
) -> Iterator[dict[str, object]]:
    """Fill the stage with so many answers; further ones, as they would come."""
    chance = np.random.default_rng(0)
    skill = chance.uniform(0.55, 0.95, WORKERS)
    total = count // EACH
    truth = chance.integers(0, 2, total + LOOKS * CHUNK)
    with store.writing() as connection:
        version = items.register_version(connection, name, stage.name, stage.policy, START)
        connection.execute(
            insert(schema.items),
            [
                {
                    "id": f"{name[-1]}{number:012d}",
                    "pipeline": name,
                    "stage": stage.name,
                    "key": str(number),
                    "input": {},
                    "gold": LABELS[truth[number]] if number < known_share * total else None,
                    "golds": {},
                    "version": version,
                    "state": ItemState.OPEN,
                    "created_at": START,
                }
                for number in range(len(truth))
            ],
        )
        for start in range(0, total, 1000):
            rows = [
                _answer(name, number, worker, truth, skill, chance)
                for number in range(start, min(start + 1000, total))
                for worker in chance.choice(WORKERS, EACH, replace=False).tolist()
            ]
            hits.record_answers(store, connection, rows)
    return (
        _answer(name, number, int(chance.integers(WORKERS)), truth, skill, chance)
        for number in range(total, len(truth))
    )


def _answer(
    name: str,
    number: int,
    worker: int,
    truth: Numbers,
    skill: Shares,
    chance: np.random.Generator,
) -> dict[str, object]:
    right = chance.random() < skill[worker]
    return {
        "assignment_id": f"A{number}-{worker}",
        "worker_id": f"W{worker:03d}",
        "item_id": f"{name[-1]}{number:012d}",
        "hit_id": f"H{number}",
        "values": {"answer": LABELS[truth[number] if right else 1 - truth[number]]},
        "counted": True,
        "submitted_at": START + timedelta(seconds=number),
    }


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    reads.add_argument("--answers", type=int, default=100_000)
    reads.add_argument("--database", help="the address of an empty database")
    return reads.parse_args()


if __name__ == "__main__":
    main()
