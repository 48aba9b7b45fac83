"""How long it took until what had gone wrong was put right, in wall seconds."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from deployments.chaos.books import Books
from hitline.store.schema import hit_items, verdicts
from hitline.wiring import Hitline

DEATH, LOSS = "a death", "a lost notification"


@dataclass(frozen=True, kw_only=True)
class Repair:
    """What went wrong `at` a time, of which item or HIT, and after how long it was put right."""

    cause: str
    subject: str
    at: datetime
    seconds: float


def after_losses(hitline: Hitline, books: Books) -> list[Repair]:
    """For each end of a HIT that was never told, and that something came of."""
    with hitline.store.reading() as connection:
        carried: dict[str, list[str]] = {}
        for row in connection.execute(select(hit_items)):
            carried.setdefault(row.hit_id, []).append(row.item_id)
        decided: dict[str, list[datetime]] = {}
        for row in connection.execute(select(verdicts.c.item_id, verdicts.c.wall_at)):
            decided.setdefault(row.item_id, []).append(row.wall_at)
    found = []
    for end in books.lost_ends():
        looks = [at for item in carried.get(end.hit_id, []) for at in decided.get(item, [])]
        after = [(at - end.at).total_seconds() for at in looks if at > end.at]
        if after:
            found.append(Repair(cause=LOSS, subject=end.hit_id, at=end.at, seconds=min(after)))
    return found


def figures(repairs: Sequence[Repair]) -> dict[str, float | int | None]:
    """Percentiles, the longest, and of how many."""
    times = sorted(one.seconds for one in repairs)
    return {
        "p50": _percentile(times, 0.5),
        "p95": _percentile(times, 0.95),
        "max": _percentile(times, 1.0),
        "count": len(times),
    }


def write(file: Path, repairs: Sequence[Repair]) -> None:
    """All of them as a CSV, the longest first."""
    with file.open("w", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(field.name for field in fields(Repair))
        rows.writerows(astuple(one) for one in sorted(repairs, key=lambda one: -one.seconds))


def _percentile(times: Sequence[float], share: float) -> float | None:
    """The value that this share of them does not exceed; None of none."""
    if not times:
        return None
    return round(times[max(math.ceil(len(times) * share) - 1, 0)], 1)
