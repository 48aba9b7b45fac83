"""deployments/cluster as processes of this machine: its settings and its commands, as they stand.

Only addresses, passwords and keys are replaced, as whoever uses the files does.
"""

from __future__ import annotations

import os
import shlex
import ssl
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import yaml

from deployments.chaos.stack import DEPOSIT
from deployments.local import Databases, Local, Ports, marketplace_command, now_at, provision
from deployments.provision import NotificationPath
from deployments.stack import Part, Stack, answers, parts, says
from deployments.stack.part import LOOPBACK
from hitline.clock import RunningClock

FILES = parts.ROOT / "deployments" / "cluster"
PIPELINES = Path(__file__).parent / "pipelines"
PASSWORD = "hitline:correct-horse-battery"
MESSAGES, SCHEDULE = 14, 15
"""Databases of a Redis server which nobody else uses."""
TO_BE_REPLACED = ("CHANGE-ME", "postgres:", "//redis", ".example", "amazonaws", "prefect-api")
SPEED = 240.0
"""Business seconds in a wall second."""


def _as_it_is(part: Part) -> Part:
    return part


@dataclass(frozen=True, kw_only=True)
class Site:
    """Which part is where. The marketplace and the queues are on the loopback of this machine;
    the other parts reach them at `face`, by the same ports."""

    databases: Databases
    redis: str
    """The URL of a Redis server, without a database."""
    ports: Ports
    apis: tuple[str, str]
    """Host and port of each API server."""
    door: str
    """The address before both, as clients are told it; of this machine's `ports.prefect`."""
    face: str = LOOPBACK
    more: Mapping[str, str] = field(default_factory=dict)
    """Further settings of the requester's processes."""
    place: Callable[[Part], Part] = _as_it_is
    """Takes a part to where it runs."""

    def reached(self, port: int) -> str:
        return f"http://{self.face}:{port}"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster that is up, and what its processes were told."""

    local: Local
    site: Site
    market: Mapping[str, str]

    @property
    def api(self) -> str:
        return f"{self.site.door}/api"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log, artifact or parameter may show."""
        return (PASSWORD, self.local.env["AWS_SECRET_ACCESS_KEY"])

    def ask(
        self, path: str, body: dict[str, Any] | None = None, *, password: str = PASSWORD
    ) -> httpx.Response:
        """Prefect's API, with the password."""
        user, _, password = password.partition(":")
        trusted = self.site.more.get("PREFECT_API_SSL_CERT_FILE")
        verify = ssl.create_default_context(cafile=trusted)
        auth = (user, password)
        return httpx.post(
            f"{self.api}{path}", json=body or {}, auth=auth, timeout=30, verify=verify
        )

    def deployment(self) -> Part:
        """Everything deployed once more, as after a new version."""
        return self.site.place(_part("deploy", self.local.env, deadline=180))

    def crowd(self) -> Part:
        """The simulated crowd of the chaos run."""
        script = parts.ROOT / "deployments" / "chaos" / "crowd.toml"
        part = parts.crowd(self.local.market_db, "--script", str(script))
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


def bring_up(stack: Stack, root: Path, site: Site) -> Cluster:
    """Start all of it in the order of compose.yaml; nobody answers HITs yet.

    The databases are there, and empty; somebody passes on what comes to `site.door`.
    """
    clock = now_at(SPEED)
    market = {"MARKETPLACE_KEY_FILE": str(root / "marketplace.key")}
    databases, ports = site.databases, site.ports
    service = parts.marketplace(
        databases.marketplace, ports.marketplace, clock=clock, queues_port=ports.queues
    )
    stack.start(
        parts.moto(ports.queues), replace(service, env={**service.env, **market}, restart=False)
    )
    path = provision(ports.queues, "SQS")
    server_env = _prefect_env(root, site)
    env = _hitline_env(root, site, clock, market, path)
    stack.run(site.place(_part("migrate", {**server_env, **env}, deadline=180)))
    servers = [_api(f"prefect-api-{n}", server_env, at) for n, at in enumerate(site.apis, 1)]
    stack.start(*map(site.place, servers))
    services = [_service(f"prefect-services-{n}", server_env) for n in (1, 2)]
    stack.start(*map(site.place, services))
    stack.run(site.place(_part("deploy", env, deadline=180)))
    workers = [replace(_part(f"worker-{n}", env), ready=says("started!")) for n in (1, 2)]
    stack.start(*map(site.place, workers))
    stack.start(*(site.place(_part(f"intake-{n}", env)) for n in (1, 2)))
    local = Local(root=root, ports=ports, clock=clock, path=path, env=env, databases=databases)
    return Cluster(local=local, site=site, market=market)


def _prefect_env(root: Path, site: Site) -> dict[str, str]:
    assert site.databases.prefect is not None
    return _replaced(
        "prefect.env",
        {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": site.databases.prefect,
            "PREFECT_REDIS_MESSAGING_URL": f"{site.redis}/{MESSAGES}",
            "PREFECT_SERVER_DOCKET_URL": f"{site.redis}/{SCHEDULE}",
            "PREFECT_SERVER_API_AUTH_STRING": PASSWORD,
            "PREFECT_SERVER_UI_API_URL": f"{site.door}/api",
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(root / "ui"),
        },
        PREFECT_HOME=str(root / "prefect"),
        # Other users of the same PostgreSQL server want connections too.
        PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE="4",
        PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW="4",
    )


def _hitline_env(
    root: Path,
    site: Site,
    clock: RunningClock,
    market: Mapping[str, str],
    path: NotificationPath,
) -> dict[str, str]:
    where = ("--database", site.databases.marketplace)
    printed = marketplace_command("requester", "add", "relay", *where, **market)
    marketplace_command("deposit", "relay", DEPOSIT, *where, **market)
    account = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
    return _replaced(
        "hitline.env",
        {
            "HITLINE_DATABASE_URL": site.databases.hitline,
            "HITLINE_ENDPOINT_URL": site.reached(site.ports.marketplace),
            "HITLINE_QUEUE_URL": path.queue_url.replace(LOOPBACK, site.face),
            "PREFECT_API_URL": f"{site.door}/api",
            "PREFECT_API_AUTH_STRING": PASSWORD,
            "AWS_ACCESS_KEY_ID": account["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": account["AWS_SECRET_ACCESS_KEY"],
        },
        HITLINE_SQS_ENDPOINT=site.reached(site.ports.queues),
        HITLINE_PIPELINES=str(PIPELINES),
        PREFECT_HOME=str(root / "prefect"),
        AWS_EC2_METADATA_DISABLED="true",
        AWS_DEFAULT_REGION="us-east-1",
        **site.more,
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


def _api(name: str, env: Mapping[str, str], at: str) -> Part:
    part = _part(name, env, deadline=120)
    host, _, port = at.partition(":")
    here = {"0.0.0.0": host, "4200": port}
    command = tuple(here.get(word, word) for word in part.command)
    return replace(part, command=command, ready=answers(f"http://{at}/api/health"))


def _service(name: str, env: Mapping[str, str]) -> Part:
    return replace(_part(name, env), ready=says("Starting services"))
