"""The host that keeps everything: a PostgreSQL and a Redis of its own, set up as the files say."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from deployments.local import Databases
from deployments.stack import Part, Stack, says
from tests.chaos.cluster import FILES
from tests.chaos.hosts import Hosts

NAME = "data"
PASSWORD = "horse-battery"
_AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
_WHO = """
host all postgres 0.0.0.0/0 trust
host all all 0.0.0.0/0 scram-sha-256
"""
"""The test comes as the administrator, everybody else with a password."""


def programs() -> Path | None:
    """Where PostgreSQL's own programs are, the newest first; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return found[0].parent if found else None


@contextmanager
def keeping(stack: Stack, hosts: Hosts) -> Iterator[Databases]:
    """Both servers, on the host `data`; the databases are made, and empty."""
    folder = Path(tempfile.mkdtemp(prefix="hitline-data-"))
    try:
        shutil.chown(folder, "postgres")
        where = programs()
        assert where is not None
        cluster = str(folder / "pg")
        initdb = (*_AS_POSTGRES, str(where / "initdb"), "-A", "scram-sha-256", "-D", cluster)
        initdb += ("--locale=C", "--encoding=UTF8")  # whatever the caller's own is
        password = folder / "password"
        password.write_text(PASSWORD)
        shutil.chown(password, "postgres")
        stack.run(Part(name="initdb", command=(*initdb, "--pwfile", str(password)), cwd=folder))
        (folder / "pg" / "pg_hba.conf").write_text(_WHO)
        server = Part(
            name="postgres",
            command=(
                *(*_AS_POSTGRES, str(where / "postgres"), "-D", cluster),
                *("-c", "listen_addresses=*", "-c", "unix_socket_directories="),
                *("-c", "max_connections=200", "-c", "fsync=off"),
            ),
            cwd=folder,
            ready=says("ready to accept connections"),
        )
        redis = ("redis-server", "--bind", "*", "--protected-mode", "no", "--save", "")
        messages = Part(name="redis", command=redis, ready=says("Ready to accept connections"))
        stack.start(hosts.on(NAME, server), hosts.on(NAME, messages))
        yield _made(hosts.address(NAME))
    finally:
        stack.end("postgres")
        shutil.rmtree(folder)


def _made(address: str) -> Databases:
    """As databases.sql makes them, and the marketplace's, which it knows nothing of."""
    given = (FILES / "databases.sql").read_text().replace("CHANGE-ME", PASSWORD)
    lines = [line for line in given.splitlines() if not line.startswith("--")]
    with psycopg.connect(f"postgresql://postgres@{address}/postgres", autocommit=True) as admin:
        for statement in " ".join(lines).split(";"):
            if statement.strip():
                admin.execute(statement.encode())
        admin.execute("CREATE DATABASE marketplace")
    return Databases(
        hitline=f"postgresql://hitline:{PASSWORD}@{address}/hitline",
        prefect=f"postgresql+asyncpg://prefect:{PASSWORD}@{address}/prefect",
        marketplace=f"postgresql://postgres@{address}/marketplace",
    )
