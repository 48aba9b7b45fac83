"""Business time and wall time, told by one clock.

Deadlines, expiries and lifetimes are business time, which may run faster than the wall's. What
must not be sent before a certain moment waits on wall time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


def wall_now() -> datetime:
    """The wall's time, aware UTC; what others stamp by their own clocks is measured against it."""
    return datetime.now(UTC)


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> datetime:
        """Business time, aware UTC."""
        ...

    def wall(self) -> datetime:
        """Wall time, aware UTC."""
        ...


@dataclass(frozen=True, kw_only=True)
class RunningClock:
    """Business time = `anchor` + (wall time - `wall_anchor`) x `speed`."""

    wall_anchor: datetime
    anchor: datetime
    speed: float = 1.0

    def now(self) -> datetime:
        return self.anchor + (self.wall() - self.wall_anchor) * self.speed

    def wall(self) -> datetime:
        return wall_now()

    def at_speed(self, speed: float) -> RunningClock:
        """The clock that goes on from this one's present at another speed, without a jump."""
        wall = self.wall()
        now = self.anchor + (wall - self.wall_anchor) * self.speed
        return RunningClock(wall_anchor=wall, anchor=now, speed=speed)


class SetClock:
    """A clock that stands still until it is moved: for tests."""

    def __init__(self, now: datetime, *, wall: datetime | None = None) -> None:
        self._now = now
        self._wall = wall or now

    def now(self) -> datetime:
        return self._now

    def wall(self) -> datetime:
        return self._wall

    def advance(self, by: timedelta) -> None:
        """Move business and wall time on together."""
        self._now += by
        self._wall += by
