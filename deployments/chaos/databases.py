"""The databases of a run: made for it, taken away for a while, filled to the brim, and dropped.

On a PostgreSQL server each is a database of its own; without one they are files of SQLite.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from deployments.chaos.points import FULL
from hitline.errors import HitlineError

NAMES = ("hitline", "prefect", "marketplace")

_REFUSE = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


@dataclass(frozen=True, kw_only=True)
class Databases:
    """Where hitline, Prefect and the marketplace keep what they know in this run.

    `server`: a PostgreSQL server on which databases may be made; None: files in `root`.
    """

    root: Path
    server: str | None
    suffix: str

    @property
    def kind(self) -> str:
        return "sqlite" if self.server is None else "postgresql"

    def url(self, name: str) -> str:
        """As HITLINE_DATABASE_URL takes it, for one of NAMES."""
        if self.server is None:
            return f"sqlite:///{self._file(name)}"
        return f"{self.server}/{self._name(name)}"

    @property
    def prefect_url(self) -> str:
        """As Prefect takes it."""
        scheme, _, rest = self.url("prefect").partition("://")
        return f"{'sqlite+aiosqlite' if scheme == 'sqlite' else 'postgresql+asyncpg'}://{rest}"

    def take_away(self, name: str, seconds: float) -> None:
        """Nobody gets at the database for so long; who is connected is thrown out.

        A file of SQLite stays readable, and cannot be written to.
        """
        if self.server is None:
            with sqlite3.connect(self._file(name), timeout=30, isolation_level=None) as held:
                held.execute("BEGIN IMMEDIATE")
                time.sleep(seconds)
                held.execute("ROLLBACK")
            return
        database = Identifier(self._name(name))
        with self._administration() as admin:
            admin.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(database))
            try:
                self._throw_out(admin, name)
                time.sleep(seconds)
            finally:
                admin.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(database))

    def fill_up(self, folder: Path, seconds: float) -> None:
        """hitline's database has no room for that long: whoever writes is refused.

        `folder`: where a process on SQLite looks whether it has room.
        """
        if self.server is None:
            (folder / FULL).touch()
            time.sleep(seconds)
            (folder / FULL).unlink()
            return
        with psycopg.connect(self.url("hitline"), autocommit=True) as connection:
            connection.execute(_REFUSE)
            tables = [row[0] for row in connection.execute(_TABLES).fetchall()]
            connection.execute("SET lock_timeout = '2s'")
            try:
                for table in tables:
                    self._refuse(connection, table)
                time.sleep(seconds)
            finally:
                connection.execute("SET lock_timeout = 0")
                connection.execute("DROP FUNCTION no_room() CASCADE")

    def drop(self) -> None:
        """Remove what PostgreSQL keeps of it; files go with their folder."""
        if self.server is None:
            return
        with self._administration() as admin:
            for name in NAMES:
                database = Identifier(self._name(name))
                admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))

    def _file(self, name: str) -> Path:
        return self.root / f"{name}.db"

    def _name(self, name: str) -> str:
        return f"chaos_{name}_{self.suffix}"

    @contextmanager
    def _administration(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as admin:
            yield admin

    def _throw_out(self, admin: psycopg.Connection, name: str) -> None:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [self._name(name)],
        )

    def _refuse(self, connection: psycopg.Connection, table: str) -> None:
        try:
            connection.execute(
                SQL(
                    "CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON {} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION no_room()"
                ).format(Identifier(table))
            )
        except psycopg.errors.LockNotAvailable:
            return  # in use at the moment; there are others

    def make(self) -> None:
        """Make what is to be there before anybody connects."""
        if self.server is None:
            return
        with self._administration() as admin:
            for name in NAMES:
                admin.execute(SQL("CREATE DATABASE {}").format(Identifier(self._name(name))))


def choose(root: Path, kind: str, server: str) -> Databases:
    """`kind`: sqlite, postgresql, or auto: the latter if `server` answers. Raises HitlineError."""
    suffix = uuid4().hex[:8]
    if kind != "sqlite":
        try:
            psycopg.connect(f"{server}/postgres", connect_timeout=5).close()
        except psycopg.OperationalError as missing:
            if kind == "postgresql":
                raise HitlineError(f"no PostgreSQL answers at {server}: {missing}") from missing
        else:
            return Databases(root=root, server=server, suffix=suffix)
    return Databases(root=root, server=None, suffix=suffix)
