"""Opening the database, and the two kinds of transaction on it: reading and writing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from marketplace.errors import StoreError
from marketplace.store import schema, versions

BUSY_TIMEOUT_SECONDS = 30
POOL: dict[str, Any] = {"pool_size": 20, "max_overflow": 40}
WRITERS_LOCK = 20170117  # any number will do, if every writer takes the same

# A machine whose power or cable is gone says no goodbye, and a writer among its processes would
# keep everybody else waiting for hours. So both ends look after the other: asked after 15 s of
# silence, given up after 30. The key words are those of libpq and of the server.
CONNECTING: dict[str, Any] = {
    # A database made with SQL_ASCII takes UTF-8 as it is.
    "client_encoding": "utf8",
    **{"connect_timeout": 10, "tcp_user_timeout": 30_000},
    **{"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3},
}
CLIENT_GONE = {
    **{"tcp_keepalives_idle": "15s", "tcp_keepalives_interval": "5s", "tcp_keepalives_count": "3"},
    "tcp_user_timeout": "30s",
    # For a process that was stopped within a transaction: its kernel still answers.
    "idle_in_transaction_session_timeout": "60s",
}


class Store:
    """One database, opened: `read()` and `write()` give a connection inside a transaction.

    There is one writer at a time, whichever thread or process it belongs to: on SQLite a writer
    takes the write lock with its first statement, on PostgreSQL an advisory lock. So a rule that
    reads and then writes sees nothing change in between.
    """

    def __init__(self, url: str, *, upgrade: bool = False) -> None:
        """Open `url`, in SQLAlchemy's form or a path to an SQLite file; an empty one gets tables.

        `upgrade`: bring the tables of an earlier version to this one's. Raises `StoreError` where
        the database cannot be used as it is, `StoreTooNew` where a newer version wrote it.
        """
        self._engine = _engine(url)
        self.on_sqlite = self._engine.dialect.name == "sqlite"
        self.file = Path(self._engine.url.database or "") if self.on_sqlite else None
        self._reader = self._engine.execution_options(
            **({} if self.on_sqlite else {"isolation_level": "REPEATABLE READ"})
        )
        self._writer = self._engine.execution_options(sqlite_begin="IMMEDIATE")
        self._turn = threading.Lock()
        try:
            self._settle_version(upgrade)
        except DBAPIError as error:
            shown = self._engine.url.render_as_string(hide_password=True)
            raise StoreError(f"--database: {shown} cannot be opened: {error.orig}.") from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; nothing is kept of what is written through it."""
        with self._reader.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, or undone by an exception."""
        # Threads of one process queue here; left to SQLite they would poll for the lock.
        with self._turn, self._writer.begin() as connection:
            if not self.on_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _settle_version(self, upgrade: bool) -> None:
        with self.read() as connection:
            if versions.found(connection) == schema.VERSION:
                return
        with self.write() as connection:
            versions.settle(connection, upgrade=upgrade)


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url if "://" in url else f"sqlite:///{url}")
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise NoSuchModuleError(parsed.drivername)
        if parsed.get_backend_name() == "postgresql":
            return _postgresql(parsed)
    except (ArgumentError, NoSuchModuleError) as error:
        # Not the URL itself: it may hold a password.
        raise StoreError(
            "--database: give the path of an SQLite file, or a URL such as sqlite:///FILE or "
            "postgresql://USER@HOST/NAME."
        ) from error
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("--database: SQLite needs a file, since several threads use it.")
    try:
        Path(parsed.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"--database: {url!r} cannot be made: {error.strerror}.") from error
    options = {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
    engine = create_engine(parsed, connect_args=options, **POOL)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: URL) -> Engine:
    missing = {key: CONNECTING[key] for key in CONNECTING.keys() - url.query.keys()}
    engine = create_engine(url, pool_pre_ping=True, connect_args=missing, **POOL)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: object) -> None:
    for key, value in CLIENT_GONE.items():
        connection.execute("SELECT set_config(%s, %s, false)", (key, value))
    connection.commit()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # SQLAlchemy, not the driver, says when a transaction begins.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # A commit is on the disk before it is acknowledged, also when the power fails.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
