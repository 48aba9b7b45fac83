"""When workers are there: a timetable that follows from the script alone.

Sessions begin as a Poisson process whose rate changes with the hour of the day. What is drawn for
an hour depends on the seed and that hour, not on what happened before; so a crowd that was stopped
goes on with the workers who would be there now.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate

from marketplace.crowd.simulation.people import Person
from marketplace.crowd.simulation.script import HOURS, Simulation

HOUR = timedelta(hours=1)
LONGEST = timedelta(hours=8)
"""Longer sessions end here."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A worker's stay at the marketplace."""

    worker: int
    start: datetime
    end: datetime


class Timetable:
    """All sessions of a crowd, past and to come."""

    def __init__(self, script: Simulation, people: Sequence[Person]) -> None:
        self._script = script
        self._numbers = range(len(people))
        self._weights = list(accumulate(person.activity for person in people))
        self._of_hour = lru_cache(maxsize=64)(self._draw)

    def starting(self, after: datetime, until: datetime) -> list[Session]:
        """Those that start after `after` and not after `until`, in order."""
        hour = after.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        found: list[Session] = []
        while hour <= until:
            found += (one for one in self._of_hour(hour) if after < one.start <= until)
            hour += HOUR
        return found

    def under_way(self, at: datetime) -> list[Session]:
        """Those that have begun by `at` and not ended; of a worker who came twice, the first."""
        sessions = [one for one in self.starting(at - LONGEST, at) if one.end > at]
        return list({one.worker: one for one in reversed(sessions)}.values())[::-1]

    def _draw(self, hour: datetime) -> tuple[Session, ...]:
        arrival = self._script.arrival
        chance = self._script.chance("sessions", hour.isoformat())
        weight = arrival.day[hour.hour] * HOURS / sum(arrival.day)
        rate = arrival.sessions_per_hour * weight
        found = []
        at = chance.expovariate(rate) if rate else 1.0
        while at < 1:
            start = hour + at * HOUR
            worker = chance.choices(self._numbers, cum_weights=self._weights)[0]
            factor = math.exp(chance.gauss(0, arrival.session_spread))
            minutes = min(arrival.session_minutes * factor, LONGEST / timedelta(minutes=1))
            end = start + timedelta(minutes=minutes)
            found.append(Session(worker=worker, start=start, end=end))
            at += chance.expovariate(rate)
        return tuple(found)
