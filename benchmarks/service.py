"""The service under test: real processes, on databases of their own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import create_engine, make_url

from benchmarks.figures import cpu_seconds
from marketplace.serve import bind

READY_SECONDS = 60
STOP_SECONDS = 20
AWS = {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark"}


@dataclass(frozen=True, kw_only=True)
class Process:
    """A server that answers under `url`."""

    url: str
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        return cpu_seconds(self.pid)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """A requester's."""

    access_key_id: str
    secret_access_key: str


@contextmanager
def database(folder: Path, name: str, server: str | None) -> Iterator[str]:
    """A new database: a file in the folder, or one on the PostgreSQL server of this URL."""
    if server is None:
        yield f"sqlite:///{folder / name}.db"
        return
    unique = f"benchmark_{name}_{secrets.token_hex(4)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {unique}")
    try:
        yield make_url(server).set(database=unique).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {unique} WITH (FORCE)")
        admin.dispose()


@contextmanager
def marketplace(
    database: str, folder: Path, *options: str, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """`marketplace serve` on a free port."""
    command = ("marketplace", "serve", "--port", "0", *_where(database, folder), *options)
    with _process(folder / "marketplace.log", command, {**AWS, **(env or {})}) as running:
        yield Process(url=_address(running, folder / "marketplace.log"), pid=running.pid)


@contextmanager
def queue_server(folder: Path) -> Iterator[Process]:
    """moto, which keeps SQS in memory."""
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    command = ("moto.server", "-H", "127.0.0.1", "-p", str(port))
    with _process(folder / "moto.log", command, AWS) as running:
        url = f"http://127.0.0.1:{port}"
        _wait(running, folder / "moto.log", lambda: _answers(f"{url}/moto-api/"))
        yield Process(url=url, pid=running.pid)


def add_requester(database: str, folder: Path, name: str = "benchmark") -> Keys:
    """By the command line, as an operator would."""
    shown = _run("marketplace", "requester", "add", name, *_where(database, folder))
    lines = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    _run("marketplace", "deposit", name, "10000000.00", "--database", database)
    return Keys(
        access_key_id=lines["AWS_ACCESS_KEY_ID"],
        secret_access_key=lines["AWS_SECRET_ACCESS_KEY"],
    )


def _where(database: str, folder: Path) -> tuple[str, ...]:
    return "--database", database, "--key-file", str(folder / "benchmark.key")


def _run(*module: str) -> str:
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(module)}: {done.stderr}")
    return done.stdout


@contextmanager
def _process(
    log: Path, module: tuple[str, ...], env: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    with log.open("w") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", *module],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **env},
        )
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def _address(running: subprocess.Popen[str], log: Path) -> str:
    """What the service printed when it began to listen."""
    mark = "Serving on "

    def shown() -> bool:
        return mark in log.read_text()

    _wait(running, log, shown)
    line = next(line for line in log.read_text().splitlines() if mark in line)
    return line.partition(mark)[2].strip().rstrip("/")


def _wait(running: subprocess.Popen[str], log: Path, ready: Callable[[], bool]) -> None:
    until = time.monotonic() + READY_SECONDS
    while not ready():
        if running.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"It did not start:\n{log.read_text()}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False
