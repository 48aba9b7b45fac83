"""The storm itself: who is killed when, and what else fails meanwhile."""

from __future__ import annotations

import math
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress

from deployments.chaos import points
from deployments.chaos.databases import NAMES
from deployments.chaos.stack import MORTAL, SPARED, Chaotic
from deployments.chaos.watching import Watch
from deployments.stack import Stack

FAULTS = {
    "notify_loss": 0.1,
    "notify_duplicates": 0.1,
    "notify_delay_max": 3.0,
    "notify_late": 0.03,
    "notify_late_min": 60.0,
    "notify_late_max": 180.0,
    "api_throttled": 0.0125,
    "api_fault_before": 0.0125,
    "api_fault_after": 0.0125,
    "api_slow": 0.0125,
    "api_slow_seconds": 3.0,
}
"""10 % of the notifications lost, 10 % doubled, all shuffled, some minutes late; 5 % of the calls
throttled, failing before or after the effect, or slow."""

PAUSE = (0.5, 2.0)
"""Between two kills, in units of what a process takes to start on this machine: coming back is to
cost it half of its time, not all."""
LONGER_SPARED = {"prefect-server": 15.0}
"""In the same units; it takes some four to be there again, and all others wait for it."""
AWAY = (4.0, 10.0)
"""Wall seconds for which a database is away."""
FULL = 6.0
POINTS_PATIENCE = 45.0
"""Wall seconds without any death at a point after which the rest counts as out of reach."""
WANTED_PATIENCE = 600.0


class Storm:
    """Kills by chance until there were enough of them and no point is left that anybody reaches."""

    def __init__(self, stack: Stack, chaotic: Chaotic, watch: Watch, *, seed: int) -> None:
        self._stack = stack
        self._chaotic = chaotic
        self._watch = watch
        self._chance = random.Random(seed)
        self.kills = 0
        self.killed: Counter[str] = Counter()
        self.away: Counter[str] = Counter()
        self.full = 0
        self.points: list[str] = []
        self._killed_at: dict[str, float] = {}
        self._one_at_a_time = threading.Lock()
        self._failing: list[threading.Thread] = []
        self._failures: list[BaseException] = []

    def blow(self, kills: int, *, longest: float = math.inf, wanted: Collection[str] = ()) -> None:
        """Do all of it; `kills` are those by chance, the named points come on top.

        No point is waited for longer than `longest` wall seconds from the beginning, but those
        `wanted`, which are for as long as WANTED_PATIENCE.
        """
        began = time.monotonic()
        self.points = points.named()
        points.arm(self._chaotic.folder, self.points)
        outages = self._outages(kills)
        while self.kills < kills:
            self._pass(self._chance.uniform(*PAUSE) * self._chaotic.start_seconds)
            self._kill(self._chance.choice(self._who_lives()))
            for outage in outages.pop(self.kills, ()):
                self._begin(outage)
        self._reach_points(began + longest, began + WANTED_PATIENCE, {*wanted})
        for thread in self._failing:
            self._stack.watch(lambda thread=thread: not thread.is_alive())  # type: ignore[misc]
        points.disarm(self._chaotic.folder)
        if self._failures:
            raise self._failures[0]

    def _outages(self, kills: int) -> dict[int, list[Callable[[], None]]]:
        """After which kill which database goes away: each once in 50 kills, and full once."""
        planned: dict[int, list[Callable[[], None]]] = {}
        for turn in range(max(1, kills // 50)):
            for number, name in enumerate(NAMES):
                share = (turn + (number + 0.5) / len(NAMES)) / max(1, kills // 50)
                seconds = self._chance.uniform(*AWAY)
                planned.setdefault(max(1, int(kills * share)), []).append(
                    lambda name=name, seconds=seconds: self._take_away(name, seconds)  # type: ignore[misc]
                )
        planned.setdefault(max(1, kills // 3), []).append(self._fill_up)
        return planned

    def _take_away(self, name: str, seconds: float) -> None:
        if self._chaotic.databases.kind == "sqlite" and name == "prefect":
            return  # on SQLite the server has the file to itself
        self._chaotic.databases.take_away(name, seconds)
        self.away[name] += 1

    def _fill_up(self) -> None:
        self._chaotic.databases.fill_up(self._chaotic.folder, FULL)
        self.full += 1

    def _begin(self, outage: Callable[[], None]) -> None:
        """Let it go on beside the kills."""

        def run() -> None:
            try:
                with self._one_at_a_time:
                    outage()
            except BaseException as failed:
                self._failures.append(failed)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self._failing.append(thread)

    def _who_lives(self) -> list[str]:
        """Who may be killed now: somebody always."""
        now = time.monotonic()
        rested = [
            name for name in MORTAL if now - self._killed_at.get(name, 0.0) > self._spared(name)
        ]
        return rested or [MORTAL[0]]

    def _spared(self, name: str) -> float:
        """For how many wall seconds from its death on; until it is there again is one unit."""
        return self._chaotic.start_seconds * LONGER_SPARED.get(name, 1 + SPARED)

    def _kill(self, name: str) -> None:
        if not self._stack.is_alive(name):
            return  # dead of something else; it counts only who dies
        self._killed_at[name] = time.monotonic()
        pid = self._stack.pid(name)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self._watch.died(pid)
            self.kills += 1
            self.killed[name] += 1

    def _reach_points(self, until: float, wanted_until: float, wanted: set[str]) -> None:
        """Wait for as long as still somebody dies at a point now and then, or is wanted to."""
        reached, since = len(self._watch.points), time.monotonic()
        while left := points.armed(self._chaotic.folder):
            now = time.monotonic()
            is_wanted = now < wanted_until and not wanted.isdisjoint(left)
            if now > min(since + POINTS_PATIENCE, until) and not is_wanted:
                return
            self._pass(1.0)
            if len(self._watch.points) > reached:
                reached, since = len(self._watch.points), time.monotonic()

    def _pass(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._stack.watch(lambda: time.monotonic() > until)
