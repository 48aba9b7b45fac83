"""What the run came to, beside five answers each by majority on the same recording.

Which headline takes which side was recorded for all of them, so both are measured on all that
settled, not just on the known ones that the pipeline was told.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from hitline.consensus.calibration import expected_error
from hitline.errors import InvalidRecording
from hitline.model import ItemState
from hitline.money import as_string
from hitline.policies import Fixed
from hitline.recorded import read_recorded, rows
from hitline.replay import Setting, replayed
from hitline.reporting.results import Result

EACH = 5
ORDERS = 20
"""Random orders in which the recorded answers are dealt."""
_CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Majority:
    """Five answers each (fewer where fewer were recorded), and the share of right labels."""

    answers_per_item: float
    accuracy: float


def compared(
    recording: Path, stage: str, came_to: Sequence[Result], root: Path
) -> dict[str, Any] | None:
    """A stage's settled items whose truth is known, beside the same by majority; None if none is.

    `recording` is the folder with crowd.toml, the recorded answers and gold.csv. What is compared
    with is left in `root`, as `hitline replay` reads it. An answer is taken to cost on average what
    it cost here, so `saved` (dollars) is by the number of answers alone.
    """
    truth = _truth(recording, stage)
    asked = [row for row in came_to if row.stage == stage]
    settled = [row for row in asked if row.state is ItemState.SETTLED]
    scored = [row for row in settled if row.input["task"] in truth]
    if not scored:
        return None
    answers = _write(
        root / f"recorded-{stage}.csv",
        ("task", "worker", "label"),
        _recorded(recording, stage, {row.input["task"] for row in scored}),
    )
    gold = _write(
        root / f"gold-{stage}.csv",
        ("task", "label"),
        [(task, truth[task]) for task in sorted({row.input["task"] for row in scored})],
    )
    try:
        majority = _majority(answers, gold)
    except InvalidRecording:  # too few headlines for both labels to occur
        return None
    right = [row.label == truth[row.input["task"]] for row in scored]
    bought = sum(row.answers for row in scored)
    paid = sum((row.cost for row in scored), Decimal(0))
    each = paid / bought if bought else Decimal(0)
    instead = each * Decimal(majority.answers_per_item * len(scored))
    return {
        "items": len(scored),
        "answers_per_item": round(bought / len(scored), 3),
        "accuracy": round(sum(right) / len(scored), 4),
        **_confidence(scored, right),
        "majority_of_five": {
            "answers_per_item": round(majority.answers_per_item, 3),
            "accuracy": round(majority.accuracy, 4),
        },
        "saved": as_string((instead - paid).quantize(_CENT)),
    }


def _confidence(scored: Sequence[Result], right: Sequence[bool]) -> dict[str, float | None]:
    """The mean stated confidence, and how far off it is (the expected calibration error)."""
    told = [
        (row.confidence, hit)
        for row, hit in zip(scored, right, strict=True)
        if row.confidence is not None
    ]
    if not told:
        return {"stated_confidence": None, "calibration_error": None}
    stated, hits = np.array([one for one, _ in told]), np.array([hit for _, hit in told])
    return {
        "stated_confidence": round(float(stated.mean()), 4),
        "calibration_error": round(expected_error(stated, hits), 4),
    }


def _majority(answers: Path, gold: Path) -> Majority:
    recorded = read_recorded(answers, gold)
    sizes = np.bincount(recorded.item, minlength=len(recorded.tasks))
    replays = replayed(recorded, Setting(rule=Fixed(answers=EACH)), orders=ORDERS, seed=0)
    return Majority(
        answers_per_item=float(np.minimum(sizes, EACH).mean()),
        accuracy=replays.baselines["fixed5_majority"],
    )


def _truth(recording: Path, stage: str) -> dict[str, str]:
    with (recording / "gold.csv").open(newline="", encoding="utf-8") as file:
        told = [(row["task"], row[f"gold_{stage}"]) for row in csv.DictReader(file)]
    return {task: label for task, label in told if label}


def _recorded(recording: Path, stage: str, tasks: set[str]) -> Iterable[Sequence[str]]:
    """The answers to these tasks, as the crowd gives them in this stage."""
    script = tomllib.loads((recording / "crowd.toml").read_text(encoding="utf-8"))
    says = script["sets"][stage]
    for _, (task, worker, label) in rows(
        recording / script["answers"], ("task", "worker", "label")
    ):
        if task in tasks and label in says:
            yield task, worker, says[label]


def _write(path: Path, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *lines])
    return path
