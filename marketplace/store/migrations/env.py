"""Alembic's entry: migrations run on the connection that they are given.

A new revision is drafted from what the tables have become, against an empty database that the
revisions so far were run on; then it is read, and mended by hand:

    alembic -c marketplace/store/migrations/alembic.ini upgrade head
    alembic -c marketplace/store/migrations/alembic.ini revision --autogenerate --rev-id 0002 -m …

Until the first release there is one revision, which is drafted anew: remove it and the draft's
database (`var/draft.db`), then run the second line with `--rev-id 0001 -m "First tables"`.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlalchemy.sql.elements import False_

from marketplace.store.schema import metadata


def rendered(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """False as every database writes it, not as the draft's own does; the rest as usual."""
    is_false = kind == "server_default" and isinstance(getattr(item, "arg", None), False_)
    return "sa.false()" if is_false else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=rendered,
        user_module_prefix="",  # the template imports our types by name
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "").connect() as made:
        run(made)
