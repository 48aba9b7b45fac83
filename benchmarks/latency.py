"""`python -m benchmarks.latency`: from a submission to the first action that is committed.

An idle stack, one HIT a second: somebody submits its last answer, the marketplace tells it through
SQS, a flow run settles the item. Measured on the wall's clock from before the submission to the
verdict's commit. The goals are 1.5 s at p95 on PostgreSQL; on SQLite 1.5 s at p50 and 6 s at p95.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks import whole
from benchmarks.figures import latency, table
from deployments.local import Local
from hitline.store.schema import hit_items, verdicts
from hitline.wiring import Hitline

GOALS = {"SQLite": {"p50": 1500, "p95": 6000}, "PostgreSQL": {"p95": 1500}}
"""Milliseconds."""


def measure(root: Path, server: str | None, *, items: int, every: float) -> dict[str, Any]:
    """The quantiles in milliseconds, over `items` submissions `every` so many seconds."""
    with whole.up(root, server) as (_, local):
        hitline = local.hitline()
        whole.publish(hitline, local, "one", items)
        crowd = whole.Crowd(local)
        _wait(lambda: len(crowd.open_hits()) == items)
        time.sleep(5)  # what the publishing caused is over
        submitted: dict[str, float] = {}
        for hit_id in crowd.open_hits():
            began = time.time()
            crowd.answer(hit_id, kind="cat")
            submitted[hit_id] = began
            time.sleep(max(0.0, every - (time.time() - began)))
        _wait(lambda: len(_settled(hitline)) == items)
        at = _settled(hitline)
        seconds = [at[hit_id] - began for hit_id, began in submitted.items()]
        return {"database": _kind(local), **latency(seconds)}


def _settled(hitline: Hitline) -> dict[str, float]:
    """When each HIT's item was settled, in wall seconds."""
    query = (
        select(hit_items.c.hit_id, verdicts.c.wall_at)
        .join(verdicts, verdicts.c.item_id == hit_items.c.item_id)
        .where(verdicts.c.kind == "settle")
    )
    with hitline.store.reading() as connection:
        return {row.hit_id: row.wall_at.timestamp() for row in connection.execute(query)}


def _kind(local: Local) -> str:
    return "PostgreSQL" if local.databases.prefect else "SQLite"


def _wait(done: Any, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise SystemExit("It does not get done; see the logs of the stack.")
        time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    add = parser.add_argument
    add("--items", type=int, default=60, help="how many submissions")
    add("--every", type=float, default=1.0, help="seconds between two")
    add("--database", help="URL of a PostgreSQL server, on which databases are made and dropped")
    add("--root", type=Path, help="keep what the stack leaves here")
    add("--json", action="store_true", help="print JSON only")
    asked = parser.parse_args()
    root = asked.root or Path(tempfile.mkdtemp(prefix="hitline-latency-"))
    try:
        found = measure(root, asked.database, items=asked.items, every=asked.every)
    finally:
        if asked.root is None:
            shutil.rmtree(root, ignore_errors=True)
    if asked.json:
        print(json.dumps(found))
        return
    goals = ", ".join(f"{name} {goal}" for name, goal in GOALS[found["database"]].items())
    print(table(f"Submission to committed action, milliseconds; goals: {goals}", [found]))


if __name__ == "__main__":
    main()
