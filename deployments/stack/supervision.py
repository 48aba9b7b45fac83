"""Starts parts, watches them, restarts those that may be, and stops them all."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from deployments.stack import leash
from deployments.stack.interrupts import Interrupts
from deployments.stack.part import Part, refuse_taken
from hitline.errors import PartFailed

logger = logging.getLogger(__name__)

MOST_DEATHS = 5
DEATHS_WINDOW_SECONDS = 60.0
TAIL_LINES = 15


@dataclass(kw_only=True)
class Running:
    part: Part
    log: Path
    process: subprocess.Popen[bytes]
    died_at: float | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_DEATHS))

    def failed(self, what: str) -> PartFailed:
        """The failure, with the last lines of the log, which say why."""
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        tail = "\n".join(f"    {line}" for line in lines) or "    (nothing)"
        return PartFailed(f"{self.part.name} {what}; the end of {self.log}:\n{tail}")


class Stack:
    """A context in which parts run. On leaving it, however it is left, all of them are stopped.

    Nothing happens behind the caller's back: deaths are noticed and restarts made in `poll` (and
    in `start`, `run` and `watch`, which poll). Ctrl-C, SIGTERM and SIGHUP leave the context; when
    this process is killed outright, a small companion process stops the parts.
    """

    def __init__(
        self,
        log_dir: Path,
        *,
        restart_after: float = 1.0,
        pulse: float = 0.1,
        gives_up: bool = True,
    ) -> None:
        """Each part logs to `log_dir`/NAME.log. Both times are seconds.

        `gives_up`: whether a part that dies again and again is too much. Where somebody kills it on
        purpose, it is not.
        """
        self.log_dir = log_dir
        self.restarts: Counter[str] = Counter()
        self._restart_after = restart_after
        self._pulse = pulse
        self._gives_up = gives_up
        self._running: list[Running] = []
        self._interrupts = Interrupts()
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        self.log_dir.mkdir(parents=True, exist_ok=True)
        with ExitStack() as entering:
            entering.enter_context(self._interrupts)
            self._leash = entering.enter_context(_leash())
            entering.callback(self._stop)
            self._exit = entering.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._interrupts.ignore()
        self._exit.close()

    def start(self, *parts: Part) -> None:
        """Start them in order, at once, and return when all are ready.

        Raises PartFailed, with the end of its log, if one stops or is not ready in time, and
        PortInUse, before any of them starts, if a port is taken.
        """
        for part in parts:
            if part.port is not None:
                refuse_taken(part.port, part.name)
        began = time.monotonic()
        for running in [self._spawn(part) for part in parts]:
            self._await_ready(running, began + running.part.deadline)

    def run(self, part: Part) -> str:
        """Run it to its end; what it printed. Raises PartFailed if it fails or takes too long."""
        running = self._spawn(part)
        deadline = time.monotonic() + part.deadline
        while running.process.poll() is None:
            if time.monotonic() > deadline:
                raise running.failed(f"was not done within {part.deadline:g} s")
            self._breathe(besides=running)
        self._running.remove(running)
        self._end(running)
        if running.process.returncode != 0:
            raise running.failed(_ending(running.process.returncode))
        return running.log.read_text(errors="replace")

    def end(self, name: str) -> None:
        """Stop one part."""
        running = next(each for each in self._running if each.part.name == name)
        self._running.remove(running)
        self._end(running)

    def poll(self) -> None:
        """Look after the parts once. Raises PartFailed for one that died and may not, or too often.

        Call it about once a second; a part is started again `restart_after` its death.
        """
        for running in self._running:
            self._look_after(running)

    def watch(self, until: Callable[[], bool]) -> None:
        """Look after the parts until the condition holds."""
        while not until():
            self._breathe()

    def pid(self, name: str) -> int:
        """The process id of a part that runs."""
        return next(each.process.pid for each in self._running if each.part.name == name)

    def is_alive(self, name: str) -> bool:
        """Whether a part runs at this moment; one that died may be about to be started again."""
        running = next((each for each in self._running if each.part.name == name), None)
        return running is not None and running.died_at is None and running.process.poll() is None

    def _breathe(self, *, besides: Running | None = None) -> None:
        for running in self._running:
            if running is not besides:
                self._look_after(running)
        time.sleep(self._pulse)

    def _await_ready(self, running: Running, deadline: float) -> None:
        part = running.part
        while part.ready is not None and not part.ready(running.log):
            if (status := running.process.poll()) is not None:
                raise running.failed(f"{_ending(status)} before it was ready")
            if time.monotonic() > deadline:
                raise running.failed(f"was not ready within {part.deadline:g} s")
            self._breathe(besides=running)

    def _look_after(self, running: Running) -> None:
        status = running.process.poll()
        if status is None:
            return
        now = time.monotonic()
        if running.died_at is None:
            self._record_death(running, status, now)
        elif now - running.died_at >= self._restart_after:
            self.restarts[running.part.name] += 1
            running.died_at = None
            with self._interrupts.held():
                running.process = self._popen(running.part, running.log, mode="ab")

    def _record_death(self, running: Running, status: int, now: float) -> None:
        self._end(running)
        running.died_at = now
        running.deaths.append(now)
        if not running.part.restart:
            raise running.failed(_ending(status))
        too_often = len(running.deaths) == MOST_DEATHS and self._gives_up
        if too_often and now - running.deaths[0] < DEATHS_WINDOW_SECONDS:
            raise running.failed(
                f"{_ending(status)}, the {MOST_DEATHS}th time within {DEATHS_WINDOW_SECONDS:g} s"
            )
        logger.warning("%s %s: starting it again", running.part.name, _ending(status))

    def _spawn(self, part: Part) -> Running:
        log = self.log_dir / f"{part.name}.log"
        with self._interrupts.held():
            running = Running(part=part, log=log, process=self._popen(part, log, mode="wb"))
            self._running.append(running)
        return running

    def _popen(self, part: Part, log: Path, *, mode: str) -> subprocess.Popen[bytes]:
        with log.open(mode) as output:
            try:
                process = subprocess.Popen(
                    part.command,
                    env=part.environment(),
                    cwd=part.cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise PartFailed(f"{part.name} cannot be started: {error}") from error
        self._tell_leash(process.pid)
        return process

    def _end(self, running: Running) -> None:
        """Stop its whole process group: asked first, and killed when it does not listen."""
        group = running.process.pid
        leash.tell(group, signal.SIGTERM)
        try:
            running.process.wait(running.part.grace)
        except subprocess.TimeoutExpired:
            logger.warning("%s did not stop when asked and was killed", running.part.name)
        leash.tell(group, signal.SIGKILL)
        running.process.wait()
        self._tell_leash(-group)

    def _stop(self) -> None:
        while self._running:
            self._end(self._running.pop())

    def _tell_leash(self, group: int) -> None:
        assert self._leash.stdin is not None
        with suppress(BrokenPipeError):  # without it, only our own violent death leaves orphans
            self._leash.stdin.write(b"%+d\n" % group)
            self._leash.stdin.flush()


def _leash() -> subprocess.Popen[bytes]:
    """Leaving the context of the process closes its input and waits for its end."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", leash.__file__],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _ending(status: int) -> str:
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"stopped with exit status {status}"
