"""The stack that is killed: two of what there may be two of, and everything comes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from deployments.chaos.databases import Databases
from deployments.local import Databases as Addresses
from deployments.local import Local, Ports, marketplace_command, provision
from deployments.stack import Part, Stack, parts
from hitline.clock import RunningClock
from hitline.store import upgrade

HERE = Path(__file__).parent
PIPELINES = HERE / "pipelines"
REQUESTER = "chaos"
DEPOSIT = "1000000.00"
"""US dollars, play money; only `purse` is to run out of it."""
WORKERS = ("worker-1", "worker-2")
INTAKES = ("intake-1", "intake-2")
MORTAL = (*WORKERS, *INTAKES, "prefect-server", "marketplace", "crowd")
"""What is killed. The queue is not: it stands for a service that Amazon keeps."""

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

    def faults(self, **shares: float) -> None:
        """Set faults of the marketplace; they act at once."""
        marketplace_command(
            *("faults", "set", *(f"{name}={share}" for name, share in shares.items())),
            *("--database", self.databases.url("marketplace")),
            **_keys(self.local.root),
        )

    def no_more_faults(self) -> None:
        """From now on the marketplace works as it should."""
        where = ("--database", self.databases.url("marketplace"))
        marketplace_command("faults", "clear", *where, **_keys(self.local.root))


def bring_up(stack: Stack, root: Path, databases: Databases, *, clock: RunningClock) -> Chaotic:
    """Start everything, provisioned and deployed; nobody answers HITs yet."""
    ports = Ports.free()
    databases.make()
    folder, journal = root / "points", root / "journal.jsonl"
    folder.mkdir()
    stack.start(
        parts.moto(ports.queues),
        _marketplace(root, databases, ports, clock),
        _prefect(root, databases, ports),
    )
    path = provision(ports.queues, "SQS")
    requester = parts.requester_env(
        database_url=databases.url("hitline"),
        marketplace_port=ports.marketplace,
        path=path,
        queues_port=ports.queues,
        clock=clock,
        pipelines=PIPELINES,
    )
    env = {
        **parts.prefect_client_env(root / "prefect", ports.prefect),
        **requester,
        **_account(root, databases),
    }
    upgrade(env["HITLINE_DATABASE_URL"])
    first, *others = [_mortal(parts.worker(env, name=name), folder, journal) for name in WORKERS]
    intakes = [_mortal(replace(parts.intake(env), name=name), folder, journal) for name in INTAKES]
    stack.start(first)
    stack.run(parts.deploy(env))
    stack.start(*others, *intakes)
    local = Local(
        root=root,
        ports=ports,
        clock=clock,
        path=path,
        env=env,
        databases=Addresses(
            hitline=databases.url("hitline"),
            marketplace=databases.url("marketplace"),
            prefect=databases.prefect_url,
        ),
    )
    return Chaotic(local=local, databases=databases, folder=folder, journal=journal)


def crowd(chaotic: Chaotic) -> Part:
    """The simulated crowd."""
    database = chaotic.databases.url("marketplace")
    part = parts.crowd(database, "--script", str(HERE / "crowd.toml"))
    command = tuple("simulate" if word == "replay" else word for word in part.command)
    return replace(part, command=command, env={**part.env, **_keys(chaotic.local.root)})


def _marketplace(root: Path, databases: Databases, ports: Ports, clock: RunningClock) -> Part:
    part = parts.marketplace(
        databases.url("marketplace"), ports.marketplace, clock=clock, queues_port=ports.queues
    )
    return replace(part, env={**part.env, **_keys(root)})


def _prefect(root: Path, databases: Databases, ports: Ports) -> Part:
    part = parts.prefect_server(root / "prefect", ports.prefect, databases.prefect_url)
    return replace(part, env={**part.env, **_MODEST}, restart=True)


def _account(root: Path, databases: Databases) -> dict[str, str]:
    where = ("--database", databases.url("marketplace"))
    printed = marketplace_command("requester", "add", REQUESTER, *where, **_keys(root))
    marketplace_command("deposit", REQUESTER, DEPOSIT, *where, **_keys(root))
    return dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)


def _keys(root: Path) -> dict[str, str]:
    return {"MARKETPLACE_KEY_FILE": str(root / "marketplace.key")}


def _mortal(part: Part, folder: Path, journal: Path) -> Part:
    """The same process, with the named points in it."""
    python, dash, *rest = part.command
    mortal = ("deployments.chaos.mortal", str(folder), str(journal))
    return replace(part, command=(python, dash, *mortal, *rest))
