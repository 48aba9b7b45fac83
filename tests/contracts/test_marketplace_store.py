"""The marketplace's database: what the migrations make, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from marketplace.errors import StoreError, StoreTooNew
from marketplace.store import Store, schema, versions
from tests.contracts.conftest import ON_BOTH

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("requesters", sa.Column("colour", sa.String(8)))
"""


def say_version(store: Store, version: str) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


@ON_BOTH
def test_the_migrations_make_exactly_the_tables_of_the_schema(
    new_database: Callable[[], str],
) -> None:
    store = Store(new_database())
    with store.write() as connection:
        schema.metadata.drop_all(connection)
        versions.alembic_version.drop(connection)
        versions.migrate(connection, schema.VERSION)
    with store.read() as connection:
        made = set(inspect(connection).get_table_names())
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []
        assert made == {*schema.metadata.tables, "alembic_version"}
    store.close()


def test_an_empty_database_is_at_the_newest_revision(new_database: Callable[[], str]) -> None:
    assert ScriptDirectory(str(versions.MIGRATIONS)).get_current_head() == schema.VERSION
    store = Store(new_database())
    with store.read() as connection:
        assert versions.found(connection) == schema.VERSION
        assert set(schema.metadata.tables) < set(inspect(connection).get_table_names())
    store.close()


@ON_BOTH
def test_the_service_upgrades_an_older_database_and_nothing_else_does(
    new_database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database()
    Store(url).close()
    folder = tmp_path / "migrations"
    shutil.copytree(versions.MIGRATIONS, folder)
    (folder / "versions" / "0002_colours.py").write_text(SECOND)
    monkeypatch.setattr(versions, "MIGRATIONS", folder)
    monkeypatch.setattr(schema, "VERSION", "0002")
    with pytest.raises(StoreError, match=r"has version 0001, this program needs 0002: .* back the"):
        Store(url)
    store = Store(url, upgrade=True)
    with store.read() as connection:
        columns = [column["name"] for column in inspect(connection).get_columns("requesters")]
        assert columns[-1] == "colour"
        assert versions.found(connection) == "0002"
    store.close()


def test_a_database_of_a_newer_version_is_neither_opened_nor_changed(
    new_database: Callable[[], str],
) -> None:
    url = new_database()
    store = Store(url)
    say_version(store, "9999")
    for upgrade in (False, True):
        with pytest.raises(StoreTooNew, match="version 9999, newer than this program's"):
            Store(url, upgrade=upgrade)
    with store.read() as connection:
        assert versions.found(connection) == "9999"
    store.close()


def test_sqlite_has_a_commit_on_the_disk_before_it_is_acknowledged(tmp_path: Path) -> None:
    """WAL, so that readers wait for no writer; synchronous 2 is FULL."""
    store = Store(str(tmp_path / "marketplace.db"))
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


@pytest.mark.parametrize("url", ["mysql://me:hush@host/name", "nonsense://x:hush@y", "://"])
def test_an_address_of_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match=r"^--database: give the path .* or postgresql://") as told:
        Store(url)
    assert "hush" not in str(told.value)


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(StoreError, match="cannot be opened") as told:
        Store("postgresql://me:hush@127.0.0.1:1/name")
    assert "hush" not in str(told.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database" * 100)
    with pytest.raises(StoreError, match=r"notes\.txt cannot be opened: file is not a database"):
        Store(str(tmp_path / "notes.txt"))


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_machine_that_is_gone_is_noticed_within_half_a_minute(
    new_database: Callable[[], str],
) -> None:
    """By both ends: else the lock of its writers would be held for hours."""
    store = Store(new_database())
    names = [f"tcp_keepalives_{part}" for part in ("idle", "interval", "count")]
    with store.write() as connection:
        shown = [connection.scalar(text(f"SHOW {name}")) for name in [*names, "tcp_user_timeout"]]
        paused = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, psycopg.Connection)
        known = driver.info.get_parameters()
    store.close()
    assert (shown, paused) == (["15", "5", "3", "30000"], "1min")
    assert [known[f"keepalives_{part}"] for part in ("idle", "interval", "count")] == [
        *("15", "5", "3")
    ]
    assert (known["tcp_user_timeout"], known["connect_timeout"]) == ("30000", "10")
