"""What every command starts with: the settings, and the engine on their database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from cyclopts import Parameter
from pydantic import ValidationError

from marketplace.clock import Clock, RunningClock
from marketplace.engine import Engine
from marketplace.errors import InvalidSettings
from marketplace.settings import Settings
from marketplace.store import Store
from marketplace.store.clock import kept_clock
from marketplace.store.rules import under_kept_rules

Database = Annotated[str | None, Parameter(help="SQLAlchemy URL, or the path of an SQLite file")]


def settings_from(**given: Any) -> Settings:
    """The environment's settings, under the options that were given."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        option = f"--{name.replace('_', '-')} (or MARKETPLACE_{name.upper()})"
        raise InvalidSettings(f"{option}: {first['msg']}.") from error


@contextmanager
def opened(database: str | None, **given: Any) -> Iterator[Engine]:
    """The engine on the database of these options, under the rules that `serve` keeps there."""
    settings = settings_from(database=database, **given)
    store = Store(settings.database)
    try:
        with store.read() as connection:
            clock: Clock | None = kept_clock(connection)
            settings = under_kept_rules(connection, settings)
        yield Engine(store, clock or _wall_clock(), settings)
    finally:
        store.close()


def _wall_clock() -> RunningClock:
    now = datetime.now(UTC)
    return RunningClock(anchor=now, wall_anchor=now)
