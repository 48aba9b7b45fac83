"""`marketplace crowd`: crowds that answer HITs by themselves."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path

from cyclopts import App

from marketplace.cli.opening import Database, opened
from marketplace.crowd.errors import CrowdError
from marketplace.crowd.recording import read_recording
from marketplace.crowd.replay import Replay
from marketplace.crowd.script import load_script
from marketplace.crowd.simulation.script import load_simulation
from marketplace.crowd.simulation.simulate import Simulated
from marketplace.engine import Engine
from marketplace.store.clock import kept_clock

UNSEEN = (
    "A recording shows neither wages nor what was returned or abandoned: add [wage], [leaving]."
)

crowd_app = App(name="crowd", help="Crowds that answer HITs by themselves.")


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
    crowd = load_script(script)
    recording = read_recording(crowd.answers)
    _work(
        database,
        f"Replaying the crowd {crowd.name}",
        lambda engine, stop: Replay(crowd, recording, engine).run(stop),
    )


@crowd_app.command
def simulate(*, script: Path, database: Database = None) -> None:
    """Let a simulated crowd work on the open HITs, until SIGTERM or SIGINT.

    A stopped one goes on where it was. It runs by the clock and the rules that `serve` keeps in
    the database.

    Example: marketplace crowd simulate --script team.toml

    Parameters
    ----------
    script
        TOML or JSON file: who comes when, what they want, and how well they answer.
    """
    crowd = load_simulation(script)
    _work(
        database,
        f"Simulating the crowd {crowd.name}",
        lambda engine, stop: Simulated(crowd, engine).run(stop),
    )


@crowd_app.command
def estimate(recording: Path, *, script: Path, gold: Path | None = None) -> None:
    """Print a script for `simulate`, estimated from recorded answers.

    Example: marketplace crowd estimate answers.csv --script crowd.toml > simulate.toml

    Parameters
    ----------
    recording
        CSV of the recorded answers.
    script
        The script by which they would be replayed: it says what the labels mean.
    gold
        CSV of the true answers that are known; texts need them.
    """
    # numpy takes a while to load; other commands do not need it.
    from marketplace.crowd.estimation.estimate import estimate as estimated
    from marketplace.crowd.estimation.estimate import read_gold
    from marketplace.crowd.estimation.toml import to_toml

    crowd = load_script(script)
    known = {} if gold is None else read_gold(gold, crowd)
    content = estimated(crowd, read_recording(recording), known)
    print(f"# Estimated from {recording.name}. {UNSEEN}")
    print(to_toml(content), end="")


def _work(database: str | None, doing: str, run: Callable[[Engine, threading.Event], None]) -> None:
    """Let a crowd work on a database that is served, until a signal."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with opened(database) as engine:
        with engine.store.read() as connection:
            is_served = kept_clock(connection) is not None
        if not is_served:
            raise CrowdError(
                f"{engine.settings.database} has no clock yet: "
                "start `marketplace serve` on it first."
            )
        print(f"{doing} on {engine.settings.database}", flush=True)
        run(engine, stop)
