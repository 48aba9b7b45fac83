"""Recorded answers: read as they are, or refused with file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from hitline.errors import InvalidRecording
from hitline.recorded import MOST_LABELS, Recorded, read_recorded

ANSWERS = "task,worker,label\na,W1,yes\na,W2,no\nb,W1,no\n"
GOLD = "task,label\na,yes\nb,no\n"


def read(folder: Path, answers: str | bytes = ANSWERS, gold: str = GOLD) -> Recorded:
    said, right = folder / "answers.csv", folder / "gold.csv"
    said.write_bytes(answers if isinstance(answers, bytes) else answers.encode())
    right.write_text(gold, encoding="utf-8")
    return read_recorded(said, right)


def test_answers_become_columns_sorted_by_task(tmp_path: Path) -> None:
    recorded = read(
        tmp_path, "task,worker,label\nb,W1,no\na,W2,yes\nb,W2,yes\n", "task,label\nb,no"
    )

    assert recorded.tasks == ("a", "b")
    assert recorded.labels == ("no", "yes")
    assert recorded.workers == 2
    columns = zip(recorded.item, recorded.worker, recorded.label, strict=True)
    assert [tuple(map(int, answer)) for answer in columns] == [(0, 1, 1), (1, 0, 0), (1, 1, 1)]
    assert recorded.gold.tolist() == [-1, 0]


@pytest.mark.parametrize(
    "answers",
    [
        "worker,label,seconds,task\nW1,yes,3,a\nW2,no,,a\nW1,no,9,b\n",
        "\ufefftask,worker,label\r\na,W1,yes\r\na, W2 ,no\r\nb,W1,no\r\n",
        'task,worker,label,"said\nso"\na,W1,yes,"x\ny"\na,W2,no,\nb,W1,no,\n',
        # Of what one worker says twice, the first counts.
        ANSWERS + "a,W1,no\n",
    ],
)
def test_other_columns_orders_and_line_ends_do_not_matter(tmp_path: Path, answers: str) -> None:
    assert str(read(tmp_path, answers)) == str(read(tmp_path))


@pytest.mark.parametrize(
    ("answers", "gold", "told"),
    [
        ("task,label\na,yes\n", GOLD, "answers.csv: line 1: column worker missing"),
        ("", GOLD, "answers.csv: line 1: column task, worker, label missing"),
        (ANSWERS, "item,label\na,yes\n", "gold.csv: line 1: column task missing"),
        ("task,worker,label\n", GOLD, "answers.csv: it has no answers"),
        (ANSWERS, "task,label\n", "gold.csv: it has no known labels"),
        (ANSWERS + "b,W2,\n", GOLD, "answers.csv: line 5, column label: it is empty"),
        (ANSWERS + "b, ,no\n", GOLD, "answers.csv: line 5, column worker: it is empty"),
        (ANSWERS + "b,W2\n", GOLD, "answers.csv: line 5: 2 cells for 3 columns"),
        (ANSWERS + '"b,W2,no\n', GOLD, "answers.csv: line 5: not CSV"),
        (ANSWERS.encode() + b"b,W2,\xff\n", GOLD, "answers.csv: line 5 is not UTF-8"),
        (
            ANSWERS,
            GOLD + "a,no\n",
            "gold.csv: line 4, column label: task 'a' is 'no' here and 'yes' on line 2",
        ),
        (
            ANSWERS,
            "task,label\na,maybe\n",
            "gold.csv: line 2, column label: nobody ever answered 'maybe'",
        ),
        (ANSWERS, "task,label\nz,yes\n", "gold.csv: column task: none of its tasks was answered"),
        (
            "task,worker,label\n" + "".join(f"a,W{n},text {n}\n" for n in range(MOST_LABELS + 1)),
            GOLD,
            "column label: 51 different labels are no choice",
        ),
    ],
)
def test_what_cannot_be_replayed_is_refused_where_it_stands(
    tmp_path: Path, answers: str | bytes, gold: str, told: str
) -> None:
    with pytest.raises(InvalidRecording) as refused:
        read(tmp_path, answers, gold)

    assert told in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecording, match=r"none\.csv cannot be read"):
        read_recorded(tmp_path / "none.csv", tmp_path / "none.csv")


def test_gold_may_say_the_same_twice_and_know_tasks_that_nobody_answered(tmp_path: Path) -> None:
    recorded = read(tmp_path, ANSWERS, GOLD + "a,yes\nz,blue\n")

    assert recorded.gold.tolist() == [1, 0]
