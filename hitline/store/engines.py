"""How each kind of database is connected to: SQLite's locks, PostgreSQL's lost machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from hitline.errors import InvalidSettings, StoreError

# A machine that loses its power or its cable says no goodbye. What waits for it would wait as long
# as the kernel does, two hours by default: a worker for its database, and everybody for the locks
# of a worker. So both ends ask after 15 seconds of silence, and give up after 30.
_CONNECTING = {
    # What we write is UTF-8, also in a database made with SQL_ASCII, which leaves it as it is.
    "client_encoding": "utf8",
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
_CLIENT_GONE = {
    "tcp_keepalives_idle": "15s",
    "tcp_keepalives_interval": "5s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
    # One that was stopped, or whose machine sleeps, still answers: its kernel does. As long as a
    # lease is (store/leases.py); no transaction of ours pauses for seconds.
    "idle_in_transaction_session_timeout": "90s",
}


def engine_for(url: str) -> Engine:
    """Connections to the database at `url`; nothing is connected yet.

    Raises InvalidSettings for an address that is none, StoreError for a file that cannot be.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("sqlite", "postgresql"):
        # Not the URL itself: it may hold a password.
        raise InvalidSettings(
            "HITLINE_DATABASE_URL is no address of a database of ours; write "
            "sqlite:///path/to/file.db or postgresql://user@host/name (with %2F for / and so on "
            "in a password)"
        ) from None
    return _postgresql(parsed) if parsed.get_backend_name() == "postgresql" else _sqlite(parsed)


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={name: _CONNECTING[name] for name in _CONNECTING.keys() - url.query.keys()},
    )
    event.listen(engine, "connect", _configure_postgresql)
    return engine


def _configure_postgresql(connection: Any, _record: Any) -> None:
    # By statement, for a pooler in between takes no options; one round trip.
    settings = ", ".join(f"set_config('{key}', '{to}', false)" for key, to in _CLIENT_GONE.items())
    connection.execute(f"SELECT {settings}")
    connection.commit()


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        folder = Path(url.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as wrong:
            raise StoreError(f"the folder {folder} cannot be made: {wrong.strerror}") from wrong
    engine = create_engine(url, connect_args={"timeout": 30})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: a reader that turns writer would fail instead of waiting.
    writes = connection.get_execution_options().get("hitline_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
