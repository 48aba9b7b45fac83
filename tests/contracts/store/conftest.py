"""A database of hitline's, on SQLite and on PostgreSQL: every test here runs on both."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import delete

from hitline.store import Store, open_store, upgrade
from hitline.store.schema import metadata
from tests.contracts.store.rows import Rows

SERVER = os.environ.get("TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
"""A PostgreSQL server on which the tests may create databases and drop them again."""

Require = Callable[[bool, str], None]


@contextmanager
def made_database(
    kind: str, folder: Path, require: Require, *, server: str = SERVER, encoding: str = "UTF8"
) -> Iterator[str]:
    """The address of an empty database that nobody else uses; it is dropped afterwards."""
    name = f"hitline_tests_{uuid4().hex[:12]}"
    if kind == "sqlite":
        yield f"sqlite:///{folder / name}.db"
        return
    try:
        connection = psycopg.connect(f"{server}/postgres", autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as missing:
        require(False, f"a PostgreSQL server at {server} (TEST_POSTGRESQL): {missing}")
        raise
    with connection:
        how = SQL("") if encoding == "UTF8" else SQL(" ENCODING {} LOCALE 'C' TEMPLATE template0")
        connection.execute(
            SQL("CREATE DATABASE {}").format(Identifier(name)) + how.format(encoding)
        )
        # What a test wrote need not outlast the machine, and to wait for its disk takes long.
        patient = SQL("ALTER DATABASE {} SET synchronous_commit TO off")
        connection.execute(patient.format(Identifier(name)))
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def opened(
    kind: str, tmp_path_factory: pytest.TempPathFactory, require: Require
) -> Iterator[Store]:
    with made_database(kind, tmp_path_factory.mktemp("store"), require) as url:
        upgrade(url)
        store = open_store(url)
        yield store
        store.dispose()


@pytest.fixture
def store(opened: Store) -> Store:
    """This session's database of the kind, without a row in it."""
    with opened.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    return opened


@pytest.fixture
def empty(kind: str, tmp_path: Path, require: Require) -> Iterator[str]:
    """The address of a database without a table in it."""
    with made_database(kind, tmp_path, require) as url:
        yield url


@pytest.fixture
def rows(store: Store) -> Rows:
    return Rows(store)
