"""The whole of hitline on this machine, for measuring: up, published to, and answered at will."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from deployments.local import (
    Databases,
    Local,
    bring_up,
    market_keys,
    marketplace_command,
    now_at,
)
from deployments.stack import Stack
from hitline.acting.launching import launch, prepare
from hitline.itemsfile import ItemRow
from hitline.wiring import Hitline
from marketplace.engine import Engine
from marketplace.settings import Settings
from marketplace.store import Store

PIPELINES = Path(__file__).parent / "pipelines"
NAMES = ("hitline", "marketplace", "prefect")


@contextmanager
def databases(root: Path, server: str | None) -> Iterator[Databases]:
    """Files in `root`, or databases of a PostgreSQL server (postgresql://user@host:port) that are
    dropped afterwards."""
    if server is None:
        yield Databases.files(root)
        return
    made = {name: f"benchmark_{name}_{time.time_ns()}" for name in NAMES}
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        for name in made.values():
            admin.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield Databases(
                hitline=f"{server}/{made['hitline']}",
                marketplace=f"{server}/{made['marketplace']}",
                prefect=f"{server}/{made['prefect']}".replace("://", "+asyncpg://"),
            )
        finally:
            for name in made.values():
                admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def up(
    root: Path, server: str | None, *, limit: int | None = None
) -> Iterator[tuple[Stack, Local]]:
    """The stack at the wall's speed, all in `root`, with the pipelines of the benchmarks.

    `limit`: the calls a second that the workers are told to keep to.
    """
    root.mkdir(parents=True, exist_ok=True)
    with databases(root, server) as where, Stack(root / "log") as stack:
        local = bring_up(
            stack,
            root,
            clock=now_at(1.0),
            databases=where,
            pipelines=PIPELINES,
            more={"HITLINE_CALLS_PER_SECOND": str(limit)} if limit else None,
        )
        # MTurk's notifications take a moment to leave; what we measure begins when they have.
        faults(local, notify_delay_min=0, notify_delay_max=0)
        yield stack, local


def faults(local: Local, **values: float) -> None:
    """Set faults of the marketplace; they act at once."""
    marketplace_command(
        *("faults", "set", *(f"{name}={value}" for name, value in values.items())),
        *("--database", local.market_db),
        **market_keys(local.root, local.databases),
    )


def publish(hitline: Hitline, local: Local, name: str, count: int, *, first: int = 1) -> list[str]:
    """Launch so many items; their keys."""
    pipeline = hitline.pipeline(name)
    prepare(
        hitline,
        pipeline,
        PIPELINES / name / "pipeline.py",
        transport=local.path.transport,
        destination=local.path.destination,
    )
    keys = [f"{name}-{number:06}" for number in range(first, first + count)]
    rows = [
        ItemRow(key=key, input={"text": f"Picture {key}"}, gold={}, line=line)
        for line, key in enumerate(keys, 2)
    ]
    launch(hitline, pipeline, rows)
    return keys


class Crowd:
    """One person who does whatever HIT they are told to, at once."""

    def __init__(self, local: Local, worker: str = "ABENCHMARK") -> None:
        settings = Settings(
            database=local.market_db,
            clock_speed=local.clock.speed,
            clock_anchor=local.clock.anchor,
            clock_wall_anchor=local.clock.wall_anchor,
        )
        self._engine = Engine(Store(local.market_db), local.clock, settings)
        self._worker = worker
        self._engine.register_worker(worker)

    def open_hits(self) -> list[str]:
        """The HITs that may be accepted."""
        return [hit.hit_id for hit in self._engine.open_hits()]

    def answer(self, hit_id: str, **answers: str) -> None:
        """Accept and submit."""
        assignment = self._engine.accept(hit_id, self._worker)
        self._engine.submit(assignment, self._worker, answers)
