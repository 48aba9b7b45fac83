"""Hands: what a person would do by command while the storm lasts, and again where it failed.

A command is a process of its own, which dies at a named point as any other. A person who sees that
their command did not end well gives it once more.
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import cycle, islice
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import SQLAlchemyError

from deployments.chaos.stack import Chaotic
from deployments.stack import Part, parts
from hitline.errors import HitlineError
from hitline.model import AssignmentStatus
from hitline.policies import Step
from hitline.store import aside
from hitline.store.schema import assignments, sanctions
from hitline.wiring import Hitline

EVERY = 15.0
"""Wall seconds between two deeds; a command takes two or three to start."""
TRIES = 20
LONGEST = 60.0
"""Wall seconds for a command, after which it counts as failed."""
NO_USE = ("no step stands against", "does not exist")
"""What a command says that took effect the time before and died, or of what was disposed of."""
NOT_SPARED = "0"
"""Seconds: a command lives for as long as its deed."""
STAGE = ("storm", "many")
"""What is paused for a while."""

_Arguments = tuple[str, ...]


class Hands:
    """A thread that gives commands: to reject, override, compensate, forgive, pause and resume, and
    to take up again what was set aside.

    `seed`: of whom it is done to. `done` counts the commands that ended well, by name; `given_up`
    are those that did not in the end.
    """

    def __init__(self, chaotic: Chaotic, hitline: Hitline, *, seed: int) -> None:
        self._chaotic = chaotic
        self._hitline = hitline
        self._chance = random.Random(f"hands/{seed}")
        self._compensated = 0
        command = Part(name="hitline", command=(), env=chaotic.local.env)
        self._env = command.environment()
        self.done: Counter[str] = Counter()
        self.given_up: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hands", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Do no more; what was paused goes on."""
        self._stop.set()
        self._thread.join()
        self._give(("resume", *STAGE))

    def retry(self) -> None:
        """Take up again what was set aside, as its alert says."""
        with self._hitline.store.reading() as connection:
            pipelines = sorted({row.pipeline for row in aside.everything(connection)})
        for pipeline in pipelines:
            self._give(("retry", pipeline))

    def _run(self) -> None:
        deeds: tuple[Callable[[], _Arguments | None], ...] = (
            self._reject,
            self._compensate,
            self._pause,
            self._override,
            self._resume,
            self._forgive,
        )
        turns = cycle(deeds)
        while not self._stop.wait(EVERY):
            # An outage is waited out.
            with suppress(HitlineError, SQLAlchemyError):
                self.retry()
                for deed in islice(turns, len(deeds)):
                    if arguments := deed():
                        self._give(arguments)
                        break

    def _reject(self) -> _Arguments | None:
        unjudged = assignments.c.status == AssignmentStatus.SUBMITTED
        one = self._one_of(assignments.c.assignment_id, unjudged)
        said = ("--feedback", "Every answer is the same.", "--yes")
        return None if one is None else ("assignment", "reject", one, *said)

    def _override(self) -> _Arguments | None:
        rejected = assignments.c.status == AssignmentStatus.REJECTED
        one = self._one_of(assignments.c.assignment_id, rejected)
        return None if one is None else ("assignment", "override", one)

    def _compensate(self) -> _Arguments | None:
        approved = assignments.c.status == AssignmentStatus.APPROVED
        worker = self._one_of(assignments.c.worker_id, approved)
        if worker is None:
            return None
        self._compensated += 1
        reason = f"Our page failed, number {self._compensated}."
        return ("assignment", "compensate", worker, "0.25", "--reason", reason)

    def _forgive(self) -> _Arguments | None:
        away = sanctions.c.step.in_([str(Step.STOP), str(Step.BLOCK)])
        worker = self._one_of(sanctions.c.worker_id, away & sanctions.c.undone_at.is_(None))
        return None if worker is None else ("worker", "undo", worker, "--pipeline", "trial")

    def _pause(self) -> _Arguments:
        return ("pause", *STAGE)

    def _resume(self) -> _Arguments:
        return ("resume", *STAGE)

    def _one_of(self, column: ColumnElement[Any], where: ColumnElement[bool]) -> str | None:
        """One that fits, by chance; None where there is none."""
        with self._hitline.store.reading() as connection:
            fitting: Sequence[Any] = connection.scalars(
                select(column).where(where).distinct().order_by(column)
            ).all()
        return self._chance.choice(fitting) if fitting else None

    def _give(self, arguments: _Arguments) -> None:
        """Give a command until it ends well."""
        name = " ".join(arguments[: 2 if arguments[0] in ("assignment", "worker") else 1])
        for _ in range(TRIES):
            if self._command(arguments):
                self.done[name] += 1
                return
        self.given_up.append(" ".join(arguments))

    def _command(self, arguments: _Arguments) -> bool:
        mortal = ("-m", "deployments.chaos.mortal")
        where = (str(self._chaotic.folder), str(self._chaotic.journal))
        try:
            ended = subprocess.run(
                (sys.executable, *mortal, *where, NOT_SPARED, "deployments.cli", *arguments),
                cwd=parts.ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LONGEST,
                check=False,
            )
        except subprocess.TimeoutExpired:
            said, well = "took too long\n", False
        else:
            said = ended.stdout + ended.stderr
            well = ended.returncode == 0 or any(word in said for word in NO_USE)
        with (self._chaotic.local.root / "log" / "hands.log").open("a") as log:
            log.write(f"$ hitline {' '.join(arguments)}\n{said}")
        return well
