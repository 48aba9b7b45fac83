"""The parts of hitline on one machine: how each is started, and with what environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deployments.provision import NotificationPath
from deployments.stack.part import LOOPBACK, Part, Ready, answers, says
from hitline.clock import RunningClock

ROOT = Path(__file__).resolve().parents[2]
"""The checkout: where prefect.yaml is, and what the entrypoints in it are relative to."""

WORK_POOL = "hitline"
REGION = "us-east-1"

LOCAL_AWS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Credentials that open nothing, and none of the user's own."""

_QUIET_PREFECT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_CLI_COLORS": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}

# One row a transaction, as is the default, keeps SQLite too busy to fire triggers in time.
BATCHED_RECORDERS = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "50",
}

_RETENTION = {
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P2D",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "P14D",
    # A run that waits is no news here, and a Late state for each of a burst is work.
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "PT1H",
}


def url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def prefect_server(home: Path, port: int, database: str | None = None) -> Part:
    """Prefect's API, services and UI; everything it keeps is under `home`, or in `database`.

    `database` is a URL as Prefect takes it, for PostgreSQL, where the first start takes longer.
    """
    on_sqlite = database is None or database.startswith("sqlite")
    return Part(
        name="prefect-server",
        command=_python("deployments.stack.prefect_server"),
        env=prefect_server_env(home, port, database),
        cwd=ROOT,
        port=port,
        ready=answers(f"{url(port)}/api/health"),
        deadline=120 if on_sqlite else 240,
    )


def prefect_server_env(home: Path, port: int, database: str | None = None) -> dict[str, str]:
    """The server's settings. The port is a setting, not an option: its UI has to know it."""
    database = database or f"sqlite+aiosqlite:///{home / 'prefect.db'}"
    return (
        {
            "PREFECT_HOME": str(home),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": database,
            "PREFECT_SERVER_API_HOST": LOOPBACK,
            "PREFECT_SERVER_API_PORT": str(port),
            "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
            "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        }
        | _QUIET_PREFECT
        | BATCHED_RECORDERS
        | _RETENTION
    )


def prefect_client_env(home: Path, server_port: int) -> dict[str, str]:
    """For whatever talks to that server: worker, deployment, intake."""
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"{url(server_port)}/api",
        "PREFECT_WORKER_QUERY_SECONDS": "0.5",
    } | _QUIET_PREFECT


def moto(port: int) -> Part:
    """SQS and SNS in memory."""
    return Part(
        name="moto",
        command=_python("moto.server", "-H", LOOPBACK, "-p", str(port)),
        env=LOCAL_AWS,
        port=port,
        ready=answers(f"{url(port)}/moto-api/"),
    )


def marketplace(database: Path | str, port: int, *, clock: RunningClock, queues_port: int) -> Part:
    """The crowd side; it sends its notifications to the SQS and SNS at `queues_port`."""
    return Part(
        name="marketplace",
        command=_python(
            *("marketplace", "serve", "--database", str(database), "--port", str(port)),
            *("--clock-speed", str(clock.speed), "--clock-anchor", clock.anchor.isoformat()),
            *("--clock-wall-anchor", clock.wall_anchor.isoformat()),
            *("--sqs-endpoint", url(queues_port), "--sns-endpoint", url(queues_port)),
        ),
        env=LOCAL_AWS,
        cwd=ROOT,
        port=port,
        ready=answers(f"{url(port)}/-/health"),
        restart=True,
    )


def crowd(database: Path | str, *arguments: str) -> Part:
    """The recorded workers; `arguments` as `python -m marketplace crowd replay` takes them."""
    return Part(
        name="crowd",
        command=_python("marketplace", "crowd", "replay", "--database", str(database), *arguments),
        env=LOCAL_AWS,
        cwd=ROOT,
        restart=True,
    )


def requester_env(
    *,
    database_url: str,
    marketplace_port: int,
    path: NotificationPath,
    queues_port: int,
    clock: RunningClock,
    pipelines: Path,
) -> dict[str, str]:
    """hitline's settings, for every process of the requester side."""
    return {
        "HITLINE_DATABASE_URL": database_url,
        "HITLINE_ENDPOINT_URL": url(marketplace_port),
        "HITLINE_TRANSPORT": path.transport.lower(),
        "HITLINE_QUEUE_URL": path.queue_url,
        "HITLINE_SQS_ENDPOINT": url(queues_port),
        "HITLINE_SNS_ENDPOINT": url(queues_port),
        "HITLINE_PIPELINES": str(pipelines),
        **({"HITLINE_TOPIC_ARN": path.destination} if path.transport == "SNS" else {}),
        **clock_env(clock),
        **LOCAL_AWS,
    }


def clock_env(clock: RunningClock) -> dict[str, str]:
    """The clock, as hitline's settings take it."""
    return {
        "HITLINE_CLOCK_SPEED": str(clock.speed),
        "HITLINE_CLOCK_ANCHOR": clock.anchor.isoformat(),
        "HITLINE_CLOCK_WALL_ANCHOR": clock.wall_anchor.isoformat(),
    }


def intake(env: Mapping[str, str], *, ready: Ready | None = None) -> Part:
    """Queue to events. `env`: the requester's and the Prefect client's."""
    return Part(
        name="intake",
        command=_python("deployments.intake"),
        env=env,
        cwd=ROOT,
        ready=ready,
        restart=True,
    )


def worker(env: Mapping[str, str], *, limit: int = 16, name: str = "worker") -> Part:
    """An in-process Prefect worker; it makes its work pool, so start one before `deploy`."""
    arguments = ("--pool", WORK_POOL, "--limit", str(limit), "--name", name)
    return Part(
        name=name,
        command=_python("deployments.worker", *arguments),
        env=env,
        cwd=ROOT,
        ready=says("started!"),
        restart=True,
    )


def deploy(env: Mapping[str, str]) -> Part:
    """Everything in prefect.yaml, for `Stack.run`."""
    return Part(
        name="deploy",
        command=_python("prefect", "--no-prompt", "deploy", "--all"),
        env=env,
        cwd=ROOT,
        deadline=180,
    )


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)
