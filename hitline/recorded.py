"""Recorded answers: who said what of which task, and what was right, read from two CSV files."""

from __future__ import annotations

import csv
import io
import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hitline.consensus.skill import Numbers
from hitline.errors import InvalidRecording

MOST_LABELS = 50
"""Of a choice; answers with more different ones are no choice but text or numbers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """Answers as columns (numbers of item, worker and label), sorted by item; and their names.

    `gold` holds each item's right label, or -1 where it was not recorded.
    """

    item: Numbers
    worker: Numbers
    label: Numbers
    gold: Numbers
    tasks: tuple[str, ...]
    workers: int
    labels: tuple[str, ...]


def read_recorded(answers: str | Path, gold: str | Path | None) -> Recorded:
    """Answers with the columns task, worker, label, and the right ones: task, label.

    Other columns are passed over. Of several answers of one worker to one task the first counts, as
    it does with live HITs. Without `gold` nothing is known to be right. Raises InvalidRecording
    naming file, line and column.
    """
    right = {} if gold is None else known_labels(gold)
    said: dict[tuple[str, str], str] = {}
    for line, (task, worker, label) in rows(answers, ("task", "worker", "label")):
        said.setdefault((task, worker), label)
        if len(said) == 1:
            first = line
    if not said:
        raise InvalidRecording(f"{answers}: it has no answers, only column names")
    labels = sorted(set(said.values()))
    if len(labels) > MOST_LABELS:
        raise InvalidRecording(
            f"{answers}: line {first}, column label: {len(labels)} different labels are no choice, "
            f"which has {MOST_LABELS} at most; of texts or numbers, say so (--kind text)"
        )
    tasks = sorted({task for task, _ in said})
    workers = sorted({worker for _, worker in said})
    return _numbered(said, right, tasks, workers, labels, gold)


def _numbered(
    said: dict[tuple[str, str], str],
    right: dict[str, tuple[str, int]],
    tasks: list[str],
    workers: list[str],
    labels: list[str],
    gold: str | Path | None,
) -> Recorded:
    item_of, worker_of, label_of = (
        {name: number for number, name in enumerate(names)} for names in (tasks, workers, labels)
    )
    truth = np.full(len(tasks), -1, dtype=np.intp)
    for task, (label, line) in right.items():
        if task not in item_of:
            continue
        if label not in label_of:
            raise InvalidRecording(
                f"{gold}: line {line}, column label: nobody ever answered {reprlib.repr(label)}; "
                f"the answers are {reprlib.repr(labels)}"
            )
        truth[item_of[task]] = label_of[label]
    if gold is not None and (truth < 0).all():
        raise InvalidRecording(f"{gold}: column task: none of its tasks was answered")
    item = np.array([item_of[task] for task, _ in said], dtype=np.intp)
    order = np.argsort(item, kind="stable")
    return Recorded(
        item=item[order],
        worker=np.array([worker_of[worker] for _, worker in said], dtype=np.intp)[order],
        label=np.array([label_of[label] for label in said.values()], dtype=np.intp)[order],
        gold=truth,
        tasks=tuple(tasks),
        workers=len(workers),
        labels=tuple(labels),
    )


def known_labels(path: str | Path) -> dict[str, tuple[str, int]]:
    """Task -> right label, and the line that says so. Raises InvalidRecording."""
    right: dict[str, tuple[str, int]] = {}
    for line, (task, label) in rows(path, ("task", "label")):
        before, there = right.setdefault(task, (label, line))
        if before != label:
            raise InvalidRecording(
                f"{path}: line {line}, column label: task {reprlib.repr(task)} is "
                f"{reprlib.repr(label)} here and {reprlib.repr(before)} on line {there}"
            )
    if not right:
        raise InvalidRecording(f"{path}: it has no known labels, only column names")
    return right


def rows(path: str | Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """(line, cells of `columns`) of each record; none of them is empty. Raises InvalidRecording."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    line = 1
    try:
        header = next(reader, [])
        missing = [name for name in columns if name not in header]
        if missing:
            raise InvalidRecording(
                f"{path}: line 1: column {', '.join(missing)} missing "
                f"(there are {reprlib.repr(header)})"
            )
        places = [header.index(name) for name in columns]
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) != len(header):
                raise InvalidRecording(
                    f"{path}: line {line}: {len(cells)} cells for {len(header)} columns"
                )
            found = [cells[place].strip() for place in places]
            if not all(found):
                raise InvalidRecording(
                    f"{path}: line {line}, column {columns[found.index('')]}: it is empty"
                )
            yield line, found
            line = reader.line_num + 1
    except csv.Error as error:
        raise InvalidRecording(f"{path}: line {line}: not CSV: {error}") from error


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InvalidRecording(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InvalidRecording(f"{path}: line {line} is not UTF-8; save it as UTF-8") from error
