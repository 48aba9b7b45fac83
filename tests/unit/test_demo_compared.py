"""The demo sets what it came to beside five answers each, by majority, on the same recording."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from deployments.demo.compared import compared
from hitline.model import ItemState
from hitline.reporting.results import Result

SCRIPT = """
answers = "answers.csv"
[sets.position]
observing = "no"
for = "yes"
[sets.side]
for = "for"
"""


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Of headline 1, five of six say "for", and so it is; of 2, three of four, and it is not."""
    folder = tmp_path / "recording"
    folder.mkdir()
    (folder / "crowd.toml").write_text(SCRIPT)
    said = [("1", "for")] * 5 + [("1", "observing")] + [("2", "for")] * 3 + [("2", "observing")]
    write(
        folder / "answers.csv",
        [
            ("task", "worker", "label"),
            *((task, f"w{n}", label) for n, (task, label) in enumerate(said)),
        ],
    )
    write(
        folder / "gold.csv",
        [("task", "gold_position", "gold_side"), ("1", "yes", "for"), ("2", "no", "")],
    )
    return folder


def write(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def result(task: str, label: str | None, answers: int, cost: str, confidence: float) -> Result:
    state = ItemState.STAFF if label is None else ItemState.SETTLED
    return Result(
        item=f"i{task}",
        key=task,
        stage="position",
        state=state,
        input={"task": task},
        label=label,
        agreement=1.0,
        answers=answers,
        counted=answers,
        cost=Decimal(cost),
        hit_ids=(),
        confidence=confidence,
    )


def test_what_is_saved_is_the_answers_that_were_not_bought(recording: Path) -> None:
    """Two each instead of five and four, at 6 cents: nine less four answers are 30 cents."""
    rows = [result("1", "yes", 2, "0.12", 0.95), result("2", "yes", 2, "0.12", 0.75)]

    told = compared(recording, "position", rows, recording.parent)

    assert told is not None
    assert (told["items"], told["answers_per_item"], told["accuracy"]) == (2, 2.0, 0.5)
    assert told["majority_of_five"] == {"answers_per_item": 4.5, "accuracy": 0.5}
    assert told["saved"] == "0.30"


def test_the_confidence_is_off_by_its_distance_from_what_came_out_right(recording: Path) -> None:
    """0.95 of a right label is off by 0.05, 0.75 of a wrong one by 0.75: 0.4 in the mean."""
    rows = [result("1", "yes", 2, "0.12", 0.95), result("2", "yes", 2, "0.12", 0.75)]

    told = compared(recording, "position", rows, recording.parent)

    assert told is not None
    assert (told["stated_confidence"], told["calibration_error"]) == (0.85, 0.4)


def test_what_has_no_label_is_compared_on_neither_side(recording: Path) -> None:
    rows = [result("1", "yes", 2, "0.12", 0.95), result("2", None, 4, "0.24", 0.75)]

    told = compared(recording, "position", rows, recording.parent)

    assert told is not None
    assert (told["items"], told["accuracy"]) == (1, 1.0)
    assert told["majority_of_five"] == {"answers_per_item": 5.0, "accuracy": 1.0}


def test_a_stage_without_settled_items_is_not_compared(recording: Path) -> None:
    assert compared(recording, "side", [], recording.parent) is None
    rows = [result("1", None, 2, "0.12", 0.95)]
    assert compared(recording, "position", rows, recording.parent) is None


def test_what_it_was_compared_with_is_left_for_hitline_replay(recording: Path) -> None:
    root = recording.parent
    compared(recording, "position", [result("1", "yes", 2, "0.12", 0.95)], root)

    with (root / "recorded-position.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == ["yes"] * 5 + ["no"]
    assert (root / "gold-position.csv").read_text().split() == ["task,label", "1,yes"]
