"""Everything on one machine: Prefect, SQS and SNS, the marketplace, the intake, the worker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from deployments.provision import Names, NotificationPath, provision_path
from deployments.stack import Part, Stack, free_port, parts
from hitline.clock import RunningClock
from hitline.errors import PartFailed
from hitline.mturk.client import Transport, connect
from hitline.mturk.connection import Credentials, boto_client
from hitline.settings import Settings
from hitline.store import upgrade
from hitline.wiring import Hitline, wire

REQUESTER = "local"
DEPOSIT = "1000.00"
"""US dollars, play money: the marketplace is our own."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where the parts listen, all on the loopback."""

    prefect: int = 4200
    queues: int = 4566
    marketplace: int = 8200

    @classmethod
    def free(cls) -> Ports:
        return cls(prefect=free_port(), queues=free_port(), marketplace=free_port())


@dataclass(frozen=True, kw_only=True)
class Databases:
    """Where the parts keep what they know: URLs, each as its part takes it."""

    hitline: str
    marketplace: str
    prefect: str | None = None

    @classmethod
    def files(cls, root: Path) -> Databases:
        """SQLite, in `root`."""
        return cls(
            hitline=f"sqlite:///{root / 'hitline.db'}", marketplace=str(root / "marketplace.db")
        )


@dataclass(frozen=True, kw_only=True)
class Local:
    """A stack that is up: where its parts are, and the environment that reaches them."""

    root: Path
    ports: Ports
    clock: RunningClock
    path: NotificationPath
    env: Mapping[str, str]
    databases: Databases

    @property
    def market_db(self) -> str:
        """As `marketplace … --database` takes it."""
        return self.databases.marketplace

    @property
    def prefect_ui(self) -> str:
        return parts.url(self.ports.prefect)

    @property
    def marketplace_url(self) -> str:
        return parts.url(self.ports.marketplace)

    @property
    def settings(self) -> Settings:
        """hitline's settings for this stack."""
        return Settings.model_validate(
            {
                name.removeprefix("HITLINE_").lower(): value
                for name, value in self.env.items()
                if name.startswith("HITLINE_")
            }
        )

    def hitline(self) -> Hitline:
        """The requester's side, as this stack's own processes have it."""
        credentials = Credentials(
            access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
        )
        requester = connect(endpoint_url=self.marketplace_url, credentials=credentials)
        return wire(self.settings, requester=requester)

    def invitation(self) -> str:
        """An address at which one person can sign up as a worker."""
        return marketplace_command(
            *("worker", "invite", "--database", self.market_db),
            MARKETPLACE_PUBLIC_URL=self.marketplace_url,
            **market_keys(self.root, self.databases),
        ).strip()

    def write_env(self) -> Path:
        """A file to source, so that `hitline` in a shell means this stack; its owner's only."""
        file = self.root / "hitline.env"
        file.touch(mode=0o600)
        ours = ("HITLINE_", "AWS_", "PREFECT_API_URL")
        lines = [f"{name}={value}" for name, value in self.env.items() if name.startswith(ours)]
        file.write_text("\n".join(lines) + "\n")
        return file


def _as_it_is(part: Part) -> Part:
    return part


def bring_up(
    stack: Stack,
    root: Path,
    *,
    clock: RunningClock,
    transport: Transport = "SQS",
    ports: Ports | None = None,
    databases: Databases | None = None,
    pipelines: Path = parts.ROOT / "pipelines",
    workers: Sequence[str] = ("worker",),
    intakes: Sequence[str] = ("intake",),
    more: Mapping[str, str] | None = None,
    deposit: str = DEPOSIT,
    outfit: Callable[[Part], Part] = _as_it_is,
) -> Local:
    """Start the parts under `stack`, keeping everything in `root`; provisioned and deployed.

    `databases` are made already, and empty; by default files in `root`. `workers` and `intakes` are
    the names of those to be started; without an intake the caller starts one. `more`: further
    settings of the requester's processes. `outfit` changes a part before it is started.
    """
    ports = ports or Ports.free()
    databases = databases or Databases.files(root)
    server = parts.prefect_server(root / "prefect", ports.prefect, databases.prefect)
    market = _marketplace(root, databases, ports, clock)
    stack.start(*map(outfit, (parts.moto(ports.queues), market, server)))
    account = _account(root, databases, deposit)
    path = provision(ports.queues, transport)
    env = _env(root, databases, ports, clock, path, pipelines) | account | dict(more or {})
    upgrade(env["HITLINE_DATABASE_URL"])
    stack.start(*(outfit(parts.worker(env, name=name)) for name in workers))
    stack.run(parts.deploy(env))
    stack.start(*(outfit(replace(parts.intake(env), name=name)) for name in intakes))
    return Local(root=root, ports=ports, clock=clock, path=path, env=env, databases=databases)


def at_normal_speed(stack: Stack, local: Local) -> Local:
    """The same stack with business time running as the wall's, from where it is now."""
    for name in ("intake", "worker", "marketplace"):
        stack.end(name)
    clock = RunningClock(wall_anchor=local.clock.wall(), anchor=local.clock.now(), speed=1.0)
    env = dict(local.env) | parts.clock_env(clock)
    stack.start(
        _marketplace(local.root, local.databases, local.ports, clock),
        parts.worker(env),
        parts.intake(env),
    )
    return replace(local, clock=clock, env=env)


def now_at(speed: float) -> RunningClock:
    """A clock that agrees with the wall's at this moment and runs `speed` times as fast."""
    now = datetime.now(UTC).replace(microsecond=0)
    return RunningClock(wall_anchor=now, anchor=now, speed=speed)


def market_keys(root: Path, databases: Databases) -> dict[str, str]:
    """Where the marketplace's key file is; beside its database, if that is a file."""
    on_server = "://" in databases.marketplace
    return {"MARKETPLACE_KEY_FILE": str(root / "marketplace.key")} if on_server else {}


def _marketplace(root: Path, databases: Databases, ports: Ports, clock: RunningClock) -> Part:
    part = parts.marketplace(
        databases.marketplace, ports.marketplace, clock=clock, queues_port=ports.queues
    )
    return replace(part, env={**part.env, **market_keys(root, databases)})


def _env(
    root: Path,
    databases: Databases,
    ports: Ports,
    clock: RunningClock,
    path: NotificationPath,
    pipelines: Path,
) -> dict[str, str]:
    requester = parts.requester_env(
        database_url=databases.hitline,
        marketplace_port=ports.marketplace,
        path=path,
        queues_port=ports.queues,
        clock=clock,
        pipelines=pipelines,
    )
    return requester | parts.prefect_client_env(root / "prefect", ports.prefect)


def provision(queues_port: int, transport: Transport) -> NotificationPath:
    """Queue, topic and policies at the SQS and SNS on that port."""
    nobody = Credentials(access_key_id="local", secret_access_key="local")
    address = parts.url(queues_port)
    sqs = boto_client("sqs", endpoint_url=address, region=parts.REGION, credentials=nobody)
    sns = boto_client("sns", endpoint_url=address, region=parts.REGION, credentials=nobody)
    return provision_path(transport, Names(), sqs=sqs, sns=sns)


def _account(root: Path, databases: Databases, deposit: str) -> dict[str, str]:
    """The access key of a requester of the marketplace, as environment variables.

    The marketplace shows a secret once, so it is kept beside the databases, for its owner only.
    """
    file = root / "requester.env"
    if not file.exists():
        where, keys = ("--database", databases.marketplace), market_keys(root, databases)
        printed = marketplace_command("requester", "add", REQUESTER, *where, **keys)
        marketplace_command("deposit", REQUESTER, deposit, *where, **keys)
        file.touch(mode=0o600)
        file.write_text(printed)
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)


def marketplace_command(*arguments: str, **env: str) -> str:
    """What `marketplace` prints for these arguments; its own settings can be given too."""
    done = subprocess.run(
        [sys.executable, "-m", "marketplace", *arguments],
        cwd=parts.ROOT,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PartFailed(f"marketplace {arguments[0]}: {done.stderr.strip()}")
    return done.stdout
