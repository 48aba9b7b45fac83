"""The demo as a person runs it, on a few headlines, and with its processes killed under it."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
DEADLINE = 900.0

pytestmark = [pytest.mark.demo, pytest.mark.slow]


def started(root: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "deployments.demo", "--root", str(root), *options],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(demo: subprocess.Popen[str], root: Path) -> tuple[str, dict[str, Any]]:
    said, _ = demo.communicate(timeout=DEADLINE)
    assert demo.returncode == 0, said
    return said, json.loads((root / "summary.json").read_text())


def process_of(root: Path, module: str) -> int | None:
    """The process of this demo that runs a module."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            command = (entry / "cmdline").read_bytes().decode().split("\0")
            environment = (entry / "environ").read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            continue
        if module in command and f"HITLINE_DATABASE_URL=sqlite:///{root}" in environment:
            return int(entry.name)
    return None


def lines_until(demo: subprocess.Popen[str], wanted: str) -> Iterator[str]:
    assert demo.stdout is not None
    for line in demo.stdout:
        yield line
        if re.search(wanted, line):
            return
    raise AssertionError(f"the demo ended before it said {wanted!r}")


def test_twenty_headlines_reach_their_end_and_the_money_is_exact(tmp_path: Path) -> None:
    """By way of SNS: nothing is open, the books agree, no run failed, results are written.

    Of 16 unknown headlines 30 % are four or five known ones: those four, and perhaps a copy.
    """
    said, summary = finished(started(tmp_path, "--items", "20", "--transport", "sns"), tmp_path)

    assert summary["items"]["open"] == 0
    assert summary["items"]["published"] == sum(
        stage["items"] for stage in summary["stages"].values()
    )
    assert summary["stages"]["position"]["items"] == 20
    assert summary["stages"]["position"]["gold_items"] == 4
    assert summary["stages"]["side"]["items"] > 0
    assert summary["spent"]["total"] == summary["account_change"]
    rewards, fees = (Decimal(summary["spent"][part]) for part in ("rewards", "fees"))
    assert rewards + fees == Decimal(summary["spent"]["total"])
    assert sum(runs["failed"] for runs in summary["flow_runs"].values()) == 0
    for deployment in ("publish", "aggregate", "evaluate", "close", "sweep"):
        assert summary["flow_runs"][deployment]["completed"] > 0, deployment
    notifications = summary["notifications"]
    assert notifications["received"] == notifications["sent"] > 0
    assert notifications["unparsed"] == 0
    with (tmp_path / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == summary["items"]["published"]
    # Copies of known headlines are paid like any other item, and are no results.
    paid = sum(Decimal(row["cost"]) for row in rows) + Decimal(summary["copies"]["cost"])
    assert paid == Decimal(summary["spent"]["total"])
    assert summary["audit"]["differences"] == []
    assert summary["audit"]["assignments"] == summary["answers"]
    for stage, compared in summary["compared"].items():
        assert 0 < compared["items"] <= summary["stages"][stage]["settled"]
        assert 2 <= compared["answers_per_item"] <= 9
        assert 3 <= compared["majority_of_five"]["answers_per_item"] <= 5
    assert "What it came to" in said
    assert "Beside five answers each, by majority" in said


def test_killed_intake_and_worker_cost_time_and_nothing_else(tmp_path: Path) -> None:
    """With SIGKILL in the middle of the work, every item still settles and is paid for once."""
    demo = started(tmp_path, "--items", "20")
    list(lines_until(demo, r"[1-9]\d* answers"))
    for module in ("deployments.intake", "deployments.worker"):
        victim = process_of(tmp_path, module)
        assert victim is not None, module
        os.kill(victim, signal.SIGKILL)

    said, summary = finished(demo, tmp_path)

    assert summary["items"]["open"] == 0, said
    assert summary["spent"]["total"] == summary["account_change"]
    assert summary["audit"]["differences"] == []
    assert summary["stages"]["position"]["items"] == 20


def test_ctrl_c_stops_everything_that_was_started(tmp_path: Path) -> None:
    demo = started(tmp_path, "--items", "5")
    list(lines_until(demo, "Up after"))
    worker = process_of(tmp_path, "deployments.worker")
    assert worker is not None

    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=120)

    assert demo.returncode == 130
    until = time.monotonic() + 10
    while process_of(tmp_path, "deployments.worker") and time.monotonic() < until:
        time.sleep(0.1)
    assert process_of(tmp_path, "deployments.worker") is None
    assert process_of(tmp_path, "deployments.intake") is None
