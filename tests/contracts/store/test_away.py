"""A database that is away, or has no room: what time may cure is told apart from what it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import insert, text
from sqlalchemy.engine import make_url

from hitline.errors import Retryable, StoreAway, StoreError
from hitline.store import Store, open_store, upgrade
from hitline.store.schema import unparsed
from tests.contracts.store.conftest import SERVER, Require, made_database


@pytest.fixture
def on_postgresql(tmp_path: Path, require: Require) -> Iterator[str]:
    with made_database("postgresql", tmp_path, require) as url:
        upgrade(url)
        yield url


def refuse(url: str, refused: bool) -> None:
    """Let nobody connect, and throw out who is; or let them in again."""
    name = make_url(url).database or ""
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as admin:
        statement = SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        admin.execute(statement.format(Identifier(name), SQL("false" if refused else "true")))
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )


def touch(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("SELECT 1"))


def test_a_server_that_lets_nobody_in_is_away_and_comes_back(on_postgresql: str) -> None:
    store = open_store(on_postgresql)
    touch(store)
    refuse(on_postgresql, True)
    try:
        with pytest.raises(StoreAway):
            touch(store)
    finally:
        refuse(on_postgresql, False)
    touch(store)
    store.dispose()


def cut_in_two(store: Store, url: str) -> None:
    with store.writing() as connection:
        connection.execute(text("SELECT 1"))
        refuse(url, False)
        connection.execute(text("SELECT 1"))


def fill(store: Store) -> None:
    row = {"message_id": "m", "reason": "large", "body": "x" * 100_000}
    with store.writing() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        now = text("CURRENT_TIMESTAMP")
        connection.execute(insert(unparsed).values(**row, wall_received_at=now))


def test_a_connection_that_is_cut_in_a_transaction_is_away(on_postgresql: str) -> None:
    store = open_store(on_postgresql)
    with pytest.raises(StoreAway):
        cut_in_two(store, on_postgresql)
    touch(store)
    store.dispose()


def stop_within_a_transaction(store: Store, url: str) -> None:
    """As a process that is paused there, until the server has had enough."""
    with store.writing() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '1ms'"))
        session = connection.scalar(text("SELECT pg_backend_pid()"))
        with psycopg.connect(url, autocommit=True) as other:
            there = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
            while other.execute(there, [session]).fetchone():
                pass
        connection.execute(text("SELECT 1"))


def test_a_process_that_stops_within_a_transaction_holds_nobody_up(on_postgresql: str) -> None:
    """The server ends its session; should it go on after all, it is told so, and tries again."""
    store = open_store(on_postgresql)
    with store.reading() as connection:
        shown = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
    assert shown == "90s"
    with pytest.raises(StoreAway):
        stop_within_a_transaction(store, on_postgresql)
    touch(store)
    store.dispose()


def test_both_ends_notice_within_half_a_minute_that_the_others_machine_is_gone(
    on_postgresql: str,
) -> None:
    store = open_store(on_postgresql)
    with store.reading() as connection:
        names = [f"tcp_keepalives_{part}" for part in ("idle", "interval", "count")]
        shown = [connection.scalar(text(f"SHOW {name}")) for name in [*names, "tcp_user_timeout"]]
        asked = connection.connection.dbapi_connection
        assert isinstance(asked, psycopg.Connection)
        known = asked.info.get_parameters()
    assert shown == ["15", "5", "3", "30000"]
    assert [known[f"keepalives_{part}"] for part in ("idle", "interval", "count")] == [
        *("15", "5", "3")
    ]
    assert (known["tcp_user_timeout"], known["connect_timeout"]) == ("30000", "10")
    store.dispose()


def test_what_the_address_says_about_it_counts(on_postgresql: str) -> None:
    store = open_store(f"{on_postgresql}?keepalives_idle=60")
    with store.reading() as connection:
        asked = connection.connection.dbapi_connection
        assert isinstance(asked, psycopg.Connection)
        assert asked.info.get_parameters()["keepalives_idle"] == "60"
    store.dispose()


def test_a_full_disk_stores_nothing_and_may_be_tried_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'full.db'}"
    upgrade(url)
    store = open_store(url)
    with pytest.raises(StoreAway) as full:
        fill(store)
    assert isinstance(full.value, Retryable)
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM unparsed")).scalar() == 0
    store.dispose()


def test_a_table_that_is_not_there_is_not_waited_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'whole.db'}"
    upgrade(url)
    store = open_store(url)
    with pytest.raises(StoreError) as wrong, store.reading() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(wrong.value, Retryable)
    store.dispose()
