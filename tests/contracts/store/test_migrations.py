"""The tables: made by the migrations, equal to the schema, and refused where they do not fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

import hitline.store
from hitline.errors import InvalidSettings, StoreError, StoreTooNew
from hitline.model import Item
from hitline.store import Store, items, open_store, upgrade
from hitline.store.schema import metadata
from hitline.tokens import item_id
from tests.contracts.store.conftest import Require, made_database
from tests.contracts.store.rows import Rows, at

MIGRATIONS = Path(hitline.store.__file__).parent / "migrations"

ITEM = Item(
    id=item_id("stance", "position", "a"),
    pipeline="stance",
    stage="position",
    key="a",
    input={"text": "Teh"},
)


def engine(url: str):  # type: ignore[no-untyped-def]
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


@contextmanager
def migrating(url: str) -> Iterator[Config]:
    """What alembic's commands take, on this database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine(url).begin() as connection:
        config.attributes["connection"] = connection
        yield config


def say_version(url: str, version: str) -> None:
    with engine(url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_an_empty_database_is_brought_to_this_version_once_and_again(empty: str) -> None:
    assert upgrade(empty) == "0004"
    assert upgrade(empty) == "0004"

    opened = open_store(empty)
    assert set(inspect(opened.engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    opened.dispose()


def test_the_migrations_make_exactly_the_tables_of_the_schema(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_going_down_leaves_no_table(empty: str) -> None:
    upgrade(empty)
    with migrating(empty) as config:
        command.downgrade(config, "base")

    assert inspect(engine(empty)).get_table_names() == ["alembic_version"]


def test_items_of_an_older_version_are_kept_by_an_upgrade(empty: str) -> None:
    upgrade(empty)
    store = open_store(empty)
    with store.writing() as connection:
        items.add(store, connection, [ITEM], at(0))
    store.dispose()
    with migrating(empty) as config:
        command.downgrade(config, "0001")
    with pytest.raises(StoreError, match=r'is at version 0001, .* run "hitline db upgrade"'):
        open_store(empty)

    upgrade(empty)
    store = open_store(empty)
    with store.reading() as connection:
        assert items.load(connection, [ITEM.id]) == [ITEM]
    store.dispose()


def test_a_database_of_a_newer_version_is_neither_opened_nor_changed(empty: str) -> None:
    upgrade(empty)
    say_version(empty, "9999")

    for refused in (open_store, upgrade):
        with pytest.raises(StoreTooNew, match=r"newer hitline \(its version is 9999\); install"):
            refused(empty)
    with engine(empty).connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_a_database_without_tables_is_told_how_to_get_them(empty: str) -> None:
    with pytest.raises(StoreError, match=r'is at version none, .* needs 0004; run "hitline db up'):
        open_store(empty)


@pytest.mark.parametrize("url", ["", "hitline.db", "mysql://me@host/name", "postgresql"])
def test_an_address_of_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(InvalidSettings, match=r"^HITLINE_DATABASE_URL .* write sqlite:///path"):
        open_store(url)


def test_a_database_that_was_made_without_an_encoding_keeps_what_people_write(
    tmp_path: Path, require: Require
) -> None:
    """A cluster that was laid out with the locale C makes such databases."""
    with made_database("postgresql", tmp_path, require, encoding="SQL_ASCII") as url:
        upgrade(url)
        store = open_store(url)
        rows = Rows(store)
        green = rows.item("Grün, 緑")
        with store.reading() as connection:
            (item,) = items.load(connection, [green])
        store.dispose()
    assert item.key == "Grün, 緑"


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(StoreError, match="does not answer") as told:
        open_store("postgresql://me:secret@127.0.0.1:1/name")
    assert "secret" not in str(told.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database" * 100)
    for url in (f"sqlite:///{tmp_path}/notes.txt", f"sqlite:///{tmp_path}/notes.txt/hitline.db"):
        for refused in (open_store, upgrade):
            with pytest.raises(StoreError, match=r"notes\.txt"):
                refused(url)
