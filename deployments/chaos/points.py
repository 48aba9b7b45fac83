"""Named points between two steps, at which a process dies when it is told to.

Steps are what others can see: a call that changes something at the endpoint, and a transaction
that writes. The list is read from the code itself, so that a new step is a new point.

A point is armed by a file of its name in a folder. The process that moves the file away dies, so
only one of several does.
"""

from __future__ import annotations

import ast
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

import hitline
from hitline import wiring
from hitline.mturk import client, queue
from hitline.settings import Settings
from hitline.store import Store, open_store
from hitline.wiring import Hitline

ROOT = Path(hitline.__file__).resolve().parents[1]
READING = ("Get", "List")
QUEUE_CALLS = ("ReceiveMessage", "DeleteMessageBatch")
BY_HAND = frozenset({"launching", "controlling", "reopening", "exclusion"})
"""Modules whose effects a person asks for at the command line, not a flow run."""
FULL = "full"
"""A file of this name in the folder: on SQLite, the database has no room."""
ANY_NUMBER = 1_073_741_823
"""SQLite's own limit of pages."""


def named() -> list[str]:
    """Every point there is, in the order of the code."""
    calls = [call for call in _calls() if not call.startswith(READING)]
    around = [f"{when} {call}" for call in calls for when in ("before", "after")]
    return [
        *around,
        *(f"after {call}" for call in QUEUE_CALLS),
        *(f"after {write}" for write in _writes()),
    ]


def arm(folder: Path, points: list[str]) -> None:
    """Have the first process that comes to each of these points die there."""
    folder.mkdir(parents=True, exist_ok=True)
    for point in points:
        (folder / point).touch()


def armed(folder: Path) -> list[str]:
    """The points that nobody has come to yet."""
    return sorted(file.name for file in folder.iterdir() if file.name != FULL)


def disarm(folder: Path) -> None:
    """From now on nobody dies at a point."""
    for point in armed(folder):
        (folder / point).unlink(missing_ok=True)


class Points:
    """The points of this process, of which none acts for its first `spared` wall seconds."""

    def __init__(self, folder: Path, journal: Path, *, spared: float = 0.0) -> None:
        self._folder = folder
        self._journal = journal
        self._mortal_from = time.monotonic() + spared

    def reach(self, point: str) -> None:
        """Die here, if the point is armed."""
        if time.monotonic() < self._mortal_from:
            return
        try:
            (self._folder / point).unlink()
        except OSError:
            return
        self.note(died=os.getpid(), point=point)
        os.kill(os.getpid(), signal.SIGKILL)

    def note(self, **what: object) -> None:
        """Write a line into the journal, whole even if several processes do."""
        line = json.dumps({"at": datetime.now(UTC).isoformat(), **what}) + "\n"
        file = os.open(self._journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)

    @property
    def is_full(self) -> bool:
        return (self._folder / FULL).exists()


class MortalStore(Store):
    """A store whose process may die after a transaction, and whose SQLite file may be full."""

    def __init__(self, store: Store, points: Points) -> None:
        super().__init__(store.engine)
        self._points = points

    def writing(self) -> Any:
        frame = sys._getframe(1)
        module = frame.f_globals["__name__"].rpartition(".")[2]
        return self._writing(f"after {module}.{frame.f_code.co_name}")

    @contextmanager
    def _writing(self, point: str) -> Iterator[Connection]:
        with super().writing() as connection:
            if self.engine.dialect.name == "sqlite":
                most = 1 if self._points.is_full else ANY_NUMBER  # never under what is there
                connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")
            yield connection
        self._points.reach(point)


def install(points: Points) -> None:
    """Put the points into this process: around its store, and into the AWS clients it makes."""
    plain = wiring.wire

    def wire(settings: Settings, *, store: Store | None = None) -> Hitline:
        opened = store or open_store(settings.database_url)
        return plain(settings, store=MortalStore(opened, points))

    vars(wiring)["wire"] = wire
    for module in (client, queue):
        vars(module)["boto_client"] = partial(_watched, vars(module)["boto_client"], points)


def _watched(make: Callable[..., Any], points: Points, service: str, **options: Any) -> Any:
    made = make(service, **options)
    made.meta.events.register(f"before-send.{service}", partial(_before, points))
    made.meta.events.register(f"after-call.{service}", partial(_after, points))
    return made


def _before(points: Points, event_name: str, **_: Any) -> None:
    points.reach(f"before {event_name.rpartition('.')[2]}")


def _after(points: Points, event_name: str, http_response: Any, **_: Any) -> None:
    if http_response.status_code < 300:
        points.reach(f"after {event_name.rpartition('.')[2]}")


def _calls() -> list[str]:
    """The operations that hitline calls, by their API names."""
    files = sorted((ROOT / "hitline" / "mturk").glob("*.py"))
    found = [
        node.args[0].value
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("call", "ask")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    return list(dict.fromkeys(str(name) for name in found))


def _writes() -> list[str]:
    """The functions that write in a transaction of their own, as module.function."""
    files = [
        *sorted((ROOT / "hitline" / "acting").glob("*.py")),
        *sorted((ROOT / "tasks").glob("*.py")),
        ROOT / "deployments" / "receiving.py",
    ]
    found = []
    for file in files:
        if file.stem in BY_HAND:
            continue
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef) and _writes_itself(function):
                found.append(f"{file.stem}.{function.name}")
    return found


def _writes_itself(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == "writing" for node in ast.walk(function)
    )


def read_journal(journal: Path, offset: int) -> tuple[list[dict[str, Any]], int]:
    """The journal's lines from `offset` on, and where they end."""
    with suppress(FileNotFoundError), journal.open("rb") as file:
        file.seek(offset)
        text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        return [json.loads(line) for line in whole.splitlines()], offset + len(whole)
    return [], offset
