"""The staff queue as a file: what is written, and what is read of it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hitline.errors import HitlineError, InvalidItems
from hitline.stafffile import Entry, Row, read_labels, write_queue


def entry(item: str = "i1", text: str = "Where is it?") -> Entry:
    return Entry(
        item=item,
        stage="topic",
        key="t1",
        votes="delivery 1, other 1",
        why="nobody came",
        input={"message": text},
    )


def test_a_queue_is_written_with_an_empty_column_for_labels(tmp_path: Path) -> None:
    write_queue(tmp_path / "queue.csv", [entry()])

    with (tmp_path / "queue.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == [
            {
                "item": "i1",
                "stage": "topic",
                "key": "t1",
                "label": "",
                "votes": "delivery 1, other 1",
                "why": "nobody came",
                "Input.message": "Where is it?",
            }
        ]


@pytest.mark.parametrize(
    ("text", "written"),
    [("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("two\nlines\x1b[31m", "two lines [31m")],
)
def test_what_workers_wrote_is_no_formula_and_obeys_no_terminal(
    tmp_path: Path, text: str, written: str
) -> None:
    write_queue(tmp_path / "queue.csv", [entry(text=text)])

    with (tmp_path / "queue.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["Input.message"] == written


def test_what_was_written_is_read_back_with_its_labels(tmp_path: Path) -> None:
    """Two items of the same key, in two stages; the second is left for later."""
    file = tmp_path / "queue.csv"
    write_queue(file, [entry(), entry("i2")])
    file.write_text(file.read_text().replace('"t1",""', '"t1"," billing "', 1))

    assert read_labels(file) == [Row(item="i1", label="billing", line=2)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("item,label\ni1,\n", "the column label is empty"),
        ("item,key\ni1,t1\n", "line 1: column label missing"),
        ("item,label\ni1,a\ni1,b\n", "line 3, column item: 'i1' is already on line 2"),
        ("item,label\n,a\n", "line 2, column item: it is empty"),
        ("item,label\ni1,a,b\n", "line 2: 3 cells for 2 columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_line_and_column(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "queue.csv").write_text(text)

    with pytest.raises(InvalidItems) as refused:
        read_labels(tmp_path / "queue.csv")
    assert told in str(refused.value)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(HitlineError, match="cannot be written: No such file"):
        write_queue(tmp_path / "nowhere" / "queue.csv", [])
