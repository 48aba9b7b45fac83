"""What the marketplace carries on this machine: the site, the API, notifications.

    python -m benchmarks.marketplace --json var/benchmark.json

The service is a real `marketplace serve` in a process of its own, on a fresh SQLite file or, with
`--database URL`, on fresh databases of that PostgreSQL server. Clients run in this process.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import api, notifications, site
from benchmarks.figures import table

PARTS = ("site", "api", "notifications")


def main() -> None:
    asked = _arguments()
    found: dict[str, Any] = {"machine": _machine(), "database": asked.database or "SQLite"}
    with tempfile.TemporaryDirectory(prefix="marketplace-benchmark-") as name:
        for part in asked.part or PARTS:
            found[part] = _run(part, Path(name), asked)
            print(_report(part, found[part]), flush=True)
    if asked.json is not None:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(found, indent=2) + "\n")


def _run(part: str, folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    if part == "site":
        return site.measure(
            folder,
            workers=asked.workers,
            hits=asked.hits,
            seconds=asked.seconds,
            pause=asked.pause,
            server=asked.database,
        )
    if part == "api":
        return api.measure(
            folder,
            sizes=(asked.small, asked.large),
            calls=asked.calls,
            rounds=asked.rounds,
            server=asked.database,
        )
    return notifications.measure(folder, events=asked.events, server=asked.database)


def _report(part: str, found: dict[str, Any]) -> str:
    if part == "site":
        title = (
            f"Site: {found['workers']} workers, {found['hits']:,} HITs open, "
            f"{found['actions_per_second']} actions a second for {found['seconds']} s, "
            f"{found['errors']} errors; goal p95 {found['goal_p95_ms']} ms"
        )
        return table(title, site.rows(found))
    if part == "api":
        small, large = found["calls_per_second"]
        title = (
            f"API: {small} calls a second with {found['hits'][0]:,} HITs, {large} with "
            f"{found['hits'][1]:,} HITs and {found['assignments'][1]:,} assignments: "
            f"{found['slower']}x slower ({found['slower_by_cpu']}x by processor time), "
            f"{sum(found['errors'])} errors; goal {found['goal_slower']}x"
        )
        return table(title, api.rows(found))
    title = f"Notifications: {found['events']:,} events to a warm queue"
    return table(title, notifications.rows(found))


def _machine() -> dict[str, Any]:
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.marketplace", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--part", choices=PARTS, action="append", help="only this part; may be repeated")
    add("--database", help="URL of a PostgreSQL server, on which databases are made and dropped")
    add("--json", type=Path, help="also write the figures here")
    add("--workers", type=int, default=200, help="site: at once")
    add("--hits", type=int, default=10_000, help="site: open")
    add("--seconds", type=float, default=120, help="site: how long")
    add("--pause", type=float, default=10, help="site: seconds between a worker's actions")
    add("--small", type=int, default=1_000, help="api: HITs of the small database")
    add("--large", type=int, default=100_000, help="api: HITs of the large one")
    add("--calls", type=int, default=1_000, help="api: calls in a round")
    add("--rounds", type=int, default=5, help="api: rounds, of which the median counts")
    add("--events", type=int, default=5_000, help="notifications: how many")
    return parser.parse_args()


if __name__ == "__main__":
    main()
