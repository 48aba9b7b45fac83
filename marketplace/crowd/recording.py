"""Recorded answers: who answered which task, in which order, and how long it took them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from marketplace.crowd.errors import RecordingError

COLUMNS = ("task", "worker", "label")
TIMES = ("accept_time", "submit_time")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One recorded answer."""

    order: int
    """Its place in the recording; unique."""
    task: str
    worker: str
    label: str
    accepted_at: datetime | None = None
    """As recorded, in whichever zone that was."""
    working_time: timedelta | None = None
    """From accepting to submitting; None, like `accepted_at`, in a recording without times."""


Recording = Mapping[str, Sequence[Recorded]]
"""Task -> its answers, in recorded order."""


def read_recording(path: Path) -> Recording:
    """Read a CSV with the columns `COLUMNS`, rows in recorded order; further ones are ignored.

    It has both columns of `TIMES`, in ISO 8601, or none of them. Raises RecordingError.
    """
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            found = reader.fieldnames or ()
            wanted = COLUMNS if not set(TIMES) & set(found) else (*COLUMNS, *TIMES)
            missing = [name for name in wanted if name not in found]
            if missing:
                raise RecordingError(f"{path} lacks the columns {', '.join(missing)}.")
            return _by_task(_recorded(path, number, row) for number, row in enumerate(reader, 2))
    except OSError as error:
        raise RecordingError(f"Cannot read the answers {path}: {error.strerror}.") from error


def has_times(recording: Recording) -> bool:
    """Whether it is known when the answers were given."""
    return all(one.accepted_at is not None for answers in recording.values() for one in answers)


def _recorded(path: Path, line: int, row: Mapping[str, str | None]) -> Recorded:
    names = [name for name in (*COLUMNS, *TIMES) if name in row]
    task, worker, label, *times = (row[name] or "" for name in names)
    if not all((task, worker, label, *times)):
        raise RecordingError(f"{path}, line {line}: one of {', '.join(names)} is empty.")
    recorded = Recorded(order=line, task=task, worker=worker, label=label)
    if not times:
        return recorded
    try:
        accepted, submitted = (datetime.fromisoformat(time) for time in times)
        working_time = submitted - accepted
    except (ValueError, TypeError) as error:
        raise RecordingError(f"{path}, line {line}: {error}.") from error
    if working_time < timedelta():
        raise RecordingError(f"{path}, line {line}: submit_time is before accept_time.")
    return replace(recorded, accepted_at=accepted, working_time=working_time)


def _by_task(answers: Iterable[Recorded]) -> Recording:
    tasks: defaultdict[str, list[Recorded]] = defaultdict(list)
    for answer in answers:
        tasks[answer.task].append(answer)
    return dict(tasks)
