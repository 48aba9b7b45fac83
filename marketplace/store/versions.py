"""Which version a database's tables have, and how they come to this program's.

An empty database gets the tables as they are now, which a test compares with what the migrations
make; running them one after the other would end in the same, later.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from marketplace.errors import StoreError, StoreTooNew
from marketplace.store import schema

MIGRATIONS = Path(__file__).parent / "migrations"

alembic_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), primary_key=True),
)


def found(connection: Connection) -> str | None:
    """The revision that the database is at; None if it has no tables of ours."""
    if not inspect(connection).has_table(alembic_version.name):
        return None
    return connection.scalar(select(alembic_version.c.version_num))


def settle(connection: Connection, *, upgrade: bool) -> None:
    """See to it, in a writing transaction, that the database is at this version.

    Raises `StoreTooNew`, or `StoreError` where it is older and not to be upgraded.
    """
    version = found(connection)
    if version is None:
        schema.metadata.create_all(connection)
        alembic_version.create(connection, checkfirst=True)
        connection.execute(insert(alembic_version).values(version_num=schema.VERSION))
    elif version > schema.VERSION:
        raise StoreTooNew(
            f"The database has version {version}, newer than this program's {schema.VERSION}: "
            "run the newer marketplace, or name another --database."
        )
    elif version < schema.VERSION and not upgrade:
        raise StoreError(
            f"The database has version {version}, this program needs {schema.VERSION}: stop the "
            "service, back the database up, and start this version's `marketplace serve`, which "
            "upgrades it."
        )
    elif version < schema.VERSION:
        migrate(connection, schema.VERSION)


def migrate(connection: Connection, version: str) -> None:
    """Run the migrations up to `version`, inside the transaction that is open."""
    # Half a second, which only an upgrade has to spend.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, version)
