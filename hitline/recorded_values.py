"""Recorded texts and numbers: who said what of which task, and what was right, from CSV files."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass, replace
from pathlib import Path

from hitline.errors import InvalidRecording, UnreadableAnswer
from hitline.fields import Field, Number, spelled
from hitline.model import Label
from hitline.recorded import known_labels, rows


@dataclass(frozen=True, kw_only=True)
class RecordedValues:
    """Labels of one kind, task by task in order of the tasks' names.

    `gold`: a task's right label, None where it was not recorded.
    """

    field: Field
    tasks: tuple[str, ...]
    said: tuple[tuple[Label, ...], ...]
    gold: tuple[Label | None, ...]

    @property
    def answers(self) -> int:
        return sum(map(len, self.said))


def read_values(answers: str | Path, gold: str | Path, field: Field) -> RecordedValues:
    """Answers with the columns task, worker, label, and the right ones: task, label.

    As with choices, of one worker's several answers to a task the first counts. Raises
    InvalidRecording naming file, line and column.
    """
    right = {
        task: _spelled(gold, line, field, label)
        for task, (label, line) in known_labels(gold).items()
    }
    said: dict[str, dict[str, Label]] = {}
    for line, (task, worker, label) in rows(answers, ("task", "worker", "label")):
        of_task = said.setdefault(task, {})
        if worker not in of_task:
            of_task[worker] = _spelled(answers, line, field, label)
    if not said:
        raise InvalidRecording(f"{answers}: it has no answers, only column names")
    if not said.keys() & right.keys():
        raise InvalidRecording(f"{gold}: column task: none of its tasks was answered")
    tasks = sorted(said)
    return RecordedValues(
        field=field,
        tasks=tuple(tasks),
        said=tuple(tuple(said[task].values()) for task in tasks),
        gold=tuple(right.get(task) for task in tasks),
    )


def read_numbers(answers: str | Path, gold: str | Path) -> RecordedValues:
    """As `read_values`, of numbers between the least and the greatest that were recorded.

    What was recorded has passed its form, so none of it is taken for a slip of the pen.
    """
    recorded = read_values(answers, gold, Number("label"))
    every = [float(label) for said in (*recorded.said, recorded.gold) for label in said if label]
    least, most = min(every), max(every)
    if least == most:
        return recorded
    return replace(recorded, field=Number("label", least=least, most=most))


def _spelled(path: str | Path, line: int, field: Field, label: str) -> Label:
    try:
        return spelled([field], label)
    except UnreadableAnswer:
        raise InvalidRecording(
            f"{path}: line {line}, column label: {reprlib.repr(label)} is no {field.kind}"
        ) from None
