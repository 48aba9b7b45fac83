"""Opening the database: transactions, and refusing what a newer hitline wrote."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.sql.dml import Insert

from hitline.errors import StoreAway, StoreBusy, StoreError, StoreTooNew
from hitline.store.engines import engine_for
from hitline.store.upserts import defaults, insert_if_new

_MIGRATIONS = Path(__file__).parent / "migrations"


class Store:
    """A database of hitline's. `reading` and `writing` are its transactions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # SQLite has one writer at a time, and waits for it by sleeping and trying again; threads
        # of one process wait better for each other.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that changes nothing."""
        with _translated(self.engine), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it is stored, or nothing."""
        with _translated(self.engine), self._turn, self.engine.connect() as connection:
            connection = connection.execution_options(hitline_writes=True)
            with connection.begin():
                yield connection

    def insert_new(
        self, connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]
    ) -> int:
        """Insert the rows whose key is not there yet; how many those were."""
        added = 0
        for row in rows:
            whole = {**defaults(table), **row}
            statement = insert_if_new(table, tuple(whole))
            # Not the row count, which is not kept for an INSERT on PostgreSQL.
            added += connection.execute(statement, whole).first() is not None
        return added

    def insert(self, table: Table) -> Any:
        """An INSERT that knows ON CONFLICT, in the database's own dialect."""
        dialect = sqlite if self.engine.dialect.name == "sqlite" else postgresql
        statement: Insert = dialect.insert(table)
        return statement

    def dispose(self) -> None:
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The database at `url`, which must have this version's tables.

    Raises StoreTooNew or StoreError naming the way out.
    """
    store = Store(engine_for(url))
    found = _revision(store.engine)
    newest = _scripts().get_current_head()
    if found != newest:
        store.dispose()
        _refuse_newer(found, url)
        raise StoreError(
            f"the database {_shown(url)} is at version {found or 'none'}, this hitline needs "
            f'{newest}; run "hitline db upgrade"'
        )
    return store


def upgrade(url: str) -> str:
    """Bring the database to this version, creating it if needed; the version it now has."""
    engine = engine_for(url)
    try:
        _refuse_newer(_revision(engine), url)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with _translated(engine), engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
    return _scripts().get_current_head() or ""


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DatabaseError as failed:
        # Of a file that is no database sqlite3 raises the bare class; its others are our faults.
        ours = type(failed) not in (OperationalError, DatabaseError) and not _bad_option(failed)
        if ours and not _was_paused(failed):
            raise
        if "locked" in str(failed.orig) or "deadlock" in str(failed.orig):
            raise StoreBusy("the database was held by another process for too long") from failed
        shown = _shown(engine.url)
        if _may_come_back(failed):
            raise StoreAway(f"the database {shown} does not answer: {failed.orig}") from failed
        raise StoreError(f"the database {shown} does not answer: {failed.orig}") from failed


def _bad_option(failed: DatabaseError) -> bool:
    """Whether the driver does not know an option of the address; no server was asked."""
    return isinstance(failed.orig, psycopg.ProgrammingError) and failed.statement is None


def _was_paused(failed: DatabaseError) -> bool:
    """Whether the server ended a session that said nothing within a transaction."""
    return isinstance(failed.orig, psycopg.errors.IdleInTransactionSessionTimeout)


def _may_come_back(failed: DatabaseError) -> bool:
    """Whether time may cure it: the server is gone or stops, or there is no room."""
    if _was_paused(failed):
        return True
    if type(failed) is not OperationalError:
        return False
    if not isinstance(failed.orig, psycopg.Error):
        return any(sign in str(failed.orig) for sign in ("disk is full", "disk I/O error"))
    # PostgreSQL's classes: connection failures, no resources, the operator's doing. What failed
    # before there was a session has no code.
    state = failed.orig.sqlstate
    return state is None or state[:2] in ("08", "53", "57")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_MIGRATIONS))


def _revision(engine: Engine) -> str | None:
    with _translated(engine), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(found: str | None, url: str) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        raise StoreTooNew(
            f"the database {_shown(url)} was written by a newer hitline (its version is {found}); "
            "install that version, or name another database in HITLINE_DATABASE_URL"
        )


def _shown(url: str | URL) -> str:
    """Without the password, and without the options, among which one may be, too."""
    return make_url(url).set(query={}).render_as_string(hide_password=True)
