"""`marketplace crowd`: crowds that answer HITs by themselves."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from marketplace.crowd.errors import CrowdError
from marketplace.crowd.recording import read_recording
from marketplace.crowd.replay import Replay
from marketplace.crowd.script import load_script
from marketplace.engine import Engine
from marketplace.settings import Settings
from marketplace.store import Store
from marketplace.store.clock import kept_clock
from marketplace.store.rules import under_kept_rules

crowd_app = App(name="crowd", help="Crowds that answer HITs by themselves.")

Database = Annotated[str | None, Parameter(help="SQLAlchemy URL, or the path of an SQLite file")]


@crowd_app.command
def replay(*, script: Path, database: Database = None) -> None:
    """Let a recorded crowd answer the open HITs, until SIGTERM or SIGINT.

    A stopped one goes on where it was. It runs by the clock and the rules that `serve` keeps in
    the database.

    Example: marketplace crowd replay --script pipelines/stance/crowd.toml

    Parameters
    ----------
    script
        TOML or JSON file: which recorded answers, what they mean, pace and wages.
    """
    settings = Settings() if database is None else Settings(database=database)
    crowd = load_script(script)
    recording = read_recording(crowd.answers)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    store = Store(settings.database)
    try:
        with store.read() as connection:
            clock = kept_clock(connection)
            settings = under_kept_rules(connection, settings)
        if clock is None:
            raise CrowdError(
                f"{settings.database} has no clock yet: start `marketplace serve` on it first."
            )
        print(f"Replaying the crowd {crowd.name} on {settings.database}", flush=True)
        Replay(crowd, recording, Engine(store, clock, settings)).run(stop)
    finally:
        store.close()
