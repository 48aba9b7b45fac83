"""The pipelines that were launched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from hitline.store.database import Store
from hitline.store.schema import pipelines


def register(
    store: Store,
    connection: Connection,
    name: str,
    source: str,
    wall: datetime,
) -> None:
    """Remember a pipeline, and where it is defined now."""
    statement = store.insert(pipelines).values(name=name, source=source, wall_created_at=wall)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[pipelines.c.name], set_={"source": source})
    )


def names(connection: Connection) -> list[str]:
    """Every pipeline that was ever launched."""
    return list(connection.scalars(select(pipelines.c.name).order_by(pipelines.c.name)))
