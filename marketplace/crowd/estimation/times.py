"""Working times, sessions and the daily curve of a recording with times."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median, pvariance

from marketplace.crowd.recording import Recording

SESSION_GAP = timedelta(minutes=30)
"""Who does nothing for longer has left, and come again."""
HOURS = 24
SHORTEST = 1.0  # seconds
FEWEST_DAYS = 2  # from which on a daily curve can be told


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A HIT that somebody did; its answers share their times."""

    worker: str
    accepted_at: datetime
    working_time: timedelta
    answers: int

    @property
    def end(self) -> datetime:
        return self.accepted_at + self.working_time


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds an answer, and how they vary: sigmas of lognormals."""

    seconds: float
    spread: float
    worker_spread: float


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """How often and how long workers come."""

    per_hour: float
    day: tuple[float, ...]
    minutes: float
    spread: float
    visits: Mapping[str, int]
    """Worker -> sessions."""


def turns(recording: Recording) -> list[Turn]:
    """The HITs of a recording with times, by acceptance."""
    counts: Counter[tuple[datetime, str, timedelta]] = Counter()
    for answers in recording.values():
        for one in answers:
            if one.accepted_at is not None and one.working_time is not None:
                counts[one.accepted_at, one.worker, one.working_time] += 1
    return [
        Turn(worker=worker, accepted_at=accepted, working_time=length, answers=number)
        for (accepted, worker, length), number in sorted(counts.items())
    ]


def pace(done: Sequence[Turn]) -> Pace:
    """Variance components of the logarithms: between workers, and between one worker's HITs."""
    logs: defaultdict[str, list[float]] = defaultdict(list)
    for turn in done:
        seconds = max(turn.working_time.total_seconds(), SHORTEST) / turn.answers
        logs[turn.worker].append(math.log(seconds))
    freedom = sum(len(own) - 1 for own in logs.values())
    inside = sum(len(own) * pvariance(own) for own in logs.values()) / max(freedom, 1)
    means = [fmean(own) for own in logs.values()]
    noise = fmean(inside / len(own) for own in logs.values())
    between = max(pvariance(means) - noise, 0.0)
    return Pace(
        seconds=math.exp(median(means)),
        spread=math.sqrt(inside),
        worker_spread=math.sqrt(between),
    )


def sessions(done: Sequence[Turn]) -> Sessions:
    """Sessions of workers who pause for at most half an hour.

    Days without any are taken for days without work, and left out.
    """
    spans = _spans(done)
    starts = [start for _, start, _ in spans]
    days = {start.date() for start in starts}
    span = max(end for _, _, end in spans) - min(starts)
    is_long = len(days) >= FEWEST_DAYS and span >= timedelta(hours=HOURS)
    hours = len(days) * HOURS if is_long else span / timedelta(hours=1)
    by_hour = Counter(start.hour for start in starts)
    minutes = [max((end - start) / timedelta(minutes=1), 0.5) for _, start, end in spans]
    logs = [math.log(one) for one in minutes]
    return Sessions(
        per_hour=len(spans) / max(hours, 1 / 60),
        day=tuple(by_hour[hour] * HOURS / len(spans) if is_long else 1.0 for hour in range(HOURS)),
        minutes=math.exp(median(logs)),
        spread=math.sqrt(pvariance(logs)),
        visits=Counter(worker for worker, _, _ in spans),
    )


def _spans(done: Sequence[Turn]) -> list[tuple[str, datetime, datetime]]:
    """Worker, begin and end of each session."""
    spans: list[tuple[str, datetime, datetime]] = []
    for turn in sorted(done, key=lambda one: (one.worker, one.accepted_at)):
        if spans and spans[-1][0] == turn.worker and turn.accepted_at <= spans[-1][2] + SESSION_GAP:
            worker, start, end = spans.pop()
            spans.append((worker, start, max(end, turn.end)))
        else:
            spans.append((turn.worker, turn.accepted_at, turn.end))
    return spans
