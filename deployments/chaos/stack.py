"""The stack that is killed: two of what there may be two of, and everything comes back."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from deployments import local as local_stack
from deployments.chaos.databases import Databases
from deployments.local import Databases as Addresses
from deployments.local import Local, market_keys, marketplace_command
from deployments.stack import Part, Stack, parts
from hitline.clock import RunningClock

HERE = Path(__file__).parent
PIPELINES = HERE / "pipelines"
DEPOSIT = "1000000.00"
"""US dollars, play money; only `purse` is to run out of it."""
WORKERS = ("worker-1", "worker-2")
INTAKES = ("intake-1", "intake-2")
MORTAL = (*WORKERS, *INTAKES, "prefect-server", "marketplace", "crowd")
"""What is killed. The queue is not: it stands for a service that Amazon keeps."""
SPARED = 2.0
"""How long who has come back is spared, in units of what a process takes to start on this machine:
where nothing gets done, nothing can be lost, nor put right."""

# Other users of the same PostgreSQL server want connections too.
_MODEST = {
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "8",
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": "4",
}


@dataclass(frozen=True, kw_only=True)
class Chaotic:
    """A stack that is up, and where it is told to die."""

    local: Local
    databases: Databases
    folder: Path
    journal: Path
    start_seconds: float
    """What a process of ours takes to start here, in wall seconds: the storm's pace goes by it."""

    @property
    def keys(self) -> dict[str, str]:
        """Where the marketplace's key file is, as environment variables."""
        return market_keys(self.local.root, self.local.databases)

    def faults(self, **shares: float) -> None:
        """Set faults of the marketplace; they act at once."""
        marketplace_command(
            *("faults", "set", *(f"{name}={share}" for name, share in shares.items())),
            *("--database", self.databases.url("marketplace")),
            **self.keys,
        )

    def no_more_faults(self) -> None:
        """From now on the marketplace works as it should."""
        where = ("--database", self.databases.url("marketplace"))
        marketplace_command("faults", "clear", *where, **self.keys)


def bring_up(stack: Stack, root: Path, databases: Databases, *, clock: RunningClock) -> Chaotic:
    """Start everything, provisioned and deployed; nobody answers HITs yet."""
    databases.make()
    folder, journal = root / "points", root / "journal.jsonl"
    folder.mkdir()
    start = start_seconds()

    def outfit(part: Part) -> Part:
        """Whoever may die comes back, and ours have the named points in them."""
        if part.name == "prefect-server":
            part = replace(part, env={**part.env, **_MODEST}, restart=True)
        if part.name not in (*WORKERS, *INTAKES):
            return part
        python, dash, *rest = part.command
        mortal = ("deployments.chaos.mortal", str(folder), str(journal), str(SPARED * start))
        return replace(part, command=(python, dash, *mortal, *rest))

    local = local_stack.bring_up(
        stack,
        root,
        clock=clock,
        databases=Addresses(
            hitline=databases.url("hitline"),
            marketplace=databases.url("marketplace"),
            prefect=databases.prefect_url,
        ),
        pipelines=PIPELINES,
        workers=WORKERS,
        intakes=INTAKES,
        deposit=DEPOSIT,
        outfit=outfit,
    )
    return Chaotic(
        local=local, databases=databases, folder=folder, journal=journal, start_seconds=start
    )


def start_seconds() -> float:
    """How long it takes to import what a worker is, in wall seconds, with whatever else goes on."""
    began = time.monotonic()
    importing = (sys.executable, "-c", "import deployments.worker.__main__, flows.aggregate")
    subprocess.run(importing, cwd=parts.ROOT, check=True)
    return time.monotonic() - began


def crowd(chaotic: Chaotic) -> Part:
    """The simulated crowd."""
    database = chaotic.databases.url("marketplace")
    part = parts.crowd(database, "--script", str(HERE / "crowd.toml"))
    command = tuple("simulate" if word == "replay" else word for word in part.command)
    return replace(part, command=command, env={**part.env, **chaotic.keys})
