"""deployments/cluster as processes of this machine: its settings and its commands, as they stand.

Only addresses, passwords and keys are replaced, as whoever uses the files does.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from deployments.chaos.databases import Databases
from deployments.chaos.stack import DEPOSIT
from deployments.local import Databases as Addresses
from deployments.local import Local, Ports, marketplace_command, now_at, provision
from deployments.stack import Part, Stack, answers, free_port, parts, says
from hitline.clock import RunningClock

FILES = parts.ROOT / "deployments" / "cluster"
PIPELINES = Path(__file__).parent / "pipelines"
PASSWORD = "hitline:correct-horse-battery"
REDIS = "redis://127.0.0.1:6379"
MESSAGES, SCHEDULE = 14, 15
"""Databases of that Redis server which nobody else uses."""
TO_BE_REPLACED = ("CHANGE-ME", "postgres:", "//redis", ".example", "amazonaws", "prefect-api")
SPEED = 240.0
"""Business seconds in a wall second."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster that is up, and what its processes were told."""

    local: Local
    databases: Databases
    apis: tuple[int, int]
    balanced: int
    market: Mapping[str, str]

    @property
    def api(self) -> str:
        return f"{parts.url(self.balanced)}/api"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log, artifact or parameter may show."""
        return (PASSWORD, self.local.env["AWS_SECRET_ACCESS_KEY"])

    def deployment(self) -> Part:
        """Everything deployed once more, as after a new version."""
        return _part("deploy", self.local.env, deadline=180)

    def crowd(self) -> Part:
        """The simulated crowd of the chaos run."""
        script = parts.ROOT / "deployments" / "chaos" / "crowd.toml"
        part = parts.crowd(self.databases.url("marketplace"), "--script", str(script))
        command = tuple("simulate" if word == "replay" else word for word in part.command)
        return replace(part, command=command, env={**part.env, **self.market})


def read_env(name: str) -> dict[str, str]:
    """The settings of one of the environment files."""
    lines = (FILES / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def services() -> dict[str, Any]:
    """What compose.yaml starts."""
    found: dict[str, Any] = yaml.safe_load((FILES / "compose.yaml").read_text())["services"]
    return found


def bring_up(
    stack: Stack, root: Path, databases: Databases, balanced: int, apis: tuple[int, int]
) -> Cluster:
    """Start all of it in the order of compose.yaml; nobody answers HITs yet."""
    databases.make()
    ports = Ports(prefect=balanced, queues=free_port(), marketplace=free_port())
    clock = now_at(SPEED)
    market = {"MARKETPLACE_KEY_FILE": str(root / "marketplace.key")}
    service = parts.marketplace(
        databases.url("marketplace"), ports.marketplace, clock=clock, queues_port=ports.queues
    )
    stack.start(
        parts.moto(ports.queues), replace(service, env={**service.env, **market}, restart=False)
    )
    server_env = _prefect_env(root, databases, balanced)
    env = _hitline_env(root, databases, ports, clock, market)
    stack.run(_part("migrate", {**server_env, **env}, deadline=180))
    stack.start(*(_api(f"prefect-api-{n}", server_env, port) for n, port in enumerate(apis, 1)))
    stack.start(*(_service(f"prefect-services-{n}", server_env) for n in (1, 2)))
    stack.run(_part("deploy", env, deadline=180))
    stack.start(*(replace(_part(f"worker-{n}", env), ready=says("started!")) for n in (1, 2)))
    stack.start(*(_part(f"intake-{n}", env) for n in (1, 2)))
    addresses = Addresses(
        hitline=databases.url("hitline"),
        marketplace=databases.url("marketplace"),
        prefect=databases.prefect_url,
    )
    path = provision(ports.queues, "SQS")
    local = Local(root=root, ports=ports, clock=clock, path=path, env=env, databases=addresses)
    return Cluster(local=local, databases=databases, apis=apis, balanced=balanced, market=market)


def _prefect_env(root: Path, databases: Databases, balanced: int) -> dict[str, str]:
    return _replaced(
        "prefect.env",
        {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": databases.prefect_url,
            "PREFECT_REDIS_MESSAGING_URL": f"{REDIS}/{MESSAGES}",
            "PREFECT_SERVER_DOCKET_URL": f"{REDIS}/{SCHEDULE}",
            "PREFECT_SERVER_API_AUTH_STRING": PASSWORD,
            "PREFECT_SERVER_UI_API_URL": f"{parts.url(balanced)}/api",
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(root / "ui"),
        },
        PREFECT_HOME=str(root / "prefect"),
        # Other users of the same PostgreSQL server want connections too.
        PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE="4",
        PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW="4",
    )


def _hitline_env(
    root: Path, databases: Databases, ports: Ports, clock: RunningClock, market: Mapping[str, str]
) -> dict[str, str]:
    where = ("--database", databases.url("marketplace"))
    printed = marketplace_command("requester", "add", "relay", *where, **market)
    marketplace_command("deposit", "relay", DEPOSIT, *where, **market)
    account = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
    path = provision(ports.queues, "SQS")
    return _replaced(
        "hitline.env",
        {
            "HITLINE_DATABASE_URL": databases.url("hitline"),
            "HITLINE_ENDPOINT_URL": parts.url(ports.marketplace),
            "HITLINE_QUEUE_URL": path.queue_url,
            "PREFECT_API_URL": f"{parts.url(ports.prefect)}/api",
            "PREFECT_API_AUTH_STRING": PASSWORD,
            "AWS_ACCESS_KEY_ID": account["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": account["AWS_SECRET_ACCESS_KEY"],
        },
        HITLINE_SQS_ENDPOINT=parts.url(ports.queues),
        HITLINE_PIPELINES=str(PIPELINES),
        PREFECT_HOME=str(root / "prefect"),
        AWS_EC2_METADATA_DISABLED="true",
        AWS_DEFAULT_REGION="us-east-1",
        **parts.clock_env(clock),
    )


def _replaced(name: str, replaced: Mapping[str, str], **added: str) -> dict[str, str]:
    """The file's settings with these values in place of its own; each has to be there."""
    file = read_env(name)
    assert replaced.keys() <= file.keys(), f"{name} lacks {replaced.keys() - file.keys()}"
    kept = {key: value for key, value in file.items() if key not in replaced}
    left = [key for key, value in kept.items() if any(text in value for text in TO_BE_REPLACED)]
    assert not left, f"{name}: {left} still name somebody else's address or password"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, **kept, **replaced, **added}


def _part(name: str, env: Mapping[str, str], *, deadline: float = 90) -> Part:
    command = tuple(shlex.split(services()[name]["command"]))
    return Part(name=name, command=command, env=env, cwd=parts.ROOT, deadline=deadline)


def _api(name: str, env: Mapping[str, str], port: int) -> Part:
    part = _part(name, env, deadline=120)
    here = {"0.0.0.0": parts.LOOPBACK, "4200": str(port)}
    command = tuple(here.get(word, word) for word in part.command)
    ready = answers(f"{parts.url(port)}/api/health")
    return replace(part, command=command, port=port, ready=ready)


def _service(name: str, env: Mapping[str, str]) -> Part:
    return replace(_part(name, env), ready=says("Starting services"))
