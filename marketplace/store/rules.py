"""The rules that a database is run by: `serve` keeps them, other processes on it follow them."""

from __future__ import annotations

import json

from sqlalchemy import Connection, delete, insert, select

from marketplace.errors import InvalidSettings
from marketplace.faults import Faults
from marketplace.settings import Settings
from marketplace.store.schema import meta

KEY = "rules"
RULES = {
    *Faults.model_fields,
    "sandbox",
    "fees",
    "wall_of_nine",
    "held_limit",
    "reuse_assignment_ids",
    "answer_prologue",
    "event_fields",
    # Where people reach it, for the links that commands print.
    "public_url",
    "host",
    "port",
}


def under_kept_rules(connection: Connection, settings: Settings) -> Settings:
    """The settings with the rules that were kept in place of their own, if any were."""
    kept = _kept(connection)
    return settings if kept is None else settings.model_copy(update=kept)


def keep_rules(connection: Connection, settings: Settings) -> None:
    """Keep the rules of `settings`; a marketplace stays what it is, production or sandbox.

    Raises `InvalidSettings` where they would turn one into the other.
    """
    kept = _kept(connection)
    if kept is not None and kept["sandbox"] != settings.sandbox:
        mode = "the sandbox's" if kept["sandbox"] else "a production"
        option = "add" if kept["sandbox"] else "leave out"
        raise InvalidSettings(
            f"The database is {mode} marketplace: {option} --sandbox, or name another --database."
        )
    connection.execute(delete(meta).where(meta.c.key == KEY))
    rules = settings.model_dump_json(include=RULES)
    connection.execute(insert(meta), {"key": KEY, "value": rules})


def _kept(connection: Connection) -> dict[str, object] | None:
    text = connection.scalar(select(meta.c.value).where(meta.c.key == KEY))
    return None if text is None else json.loads(text)
