"""The endpoint's HIT types: one for each rung of each version of a stage."""

from __future__ import annotations

from sqlalchemy import Connection, select

from hitline.errors import StoreError
from hitline.store.database import Store
from hitline.store.schema import hit_types


def record(
    store: Store,
    connection: Connection,
    pipeline: str,
    stage: str,
    version: int,
    type_ids: list[str],
) -> None:
    """Write down the types of a stage's rungs, first to last."""
    for rung, type_id in enumerate(type_ids):
        add(store, connection, pipeline, stage, version, rung, hit_type_id=type_id)


def add(
    store: Store,
    connection: Connection,
    pipeline: str,
    stage: str,
    version: int,
    rung: int,
    *,
    hit_type_id: str,
    subject: str = "",
) -> None:
    """Write down the type of a rung; `subject`: the one that keeps its earlier workers off."""
    row = {
        "pipeline": pipeline,
        "stage": stage,
        "version": version,
        "rung": rung,
        "subject": subject,
        "hit_type_id": hit_type_id,
    }
    store.insert_new(connection, hit_types, [row])


def find(
    connection: Connection, pipeline: str, stage: str, version: int, rung: int, subject: str = ""
) -> str | None:
    """The HIT type of a rung and subject, if there is one."""
    found: str | None = connection.scalar(
        select(hit_types.c.hit_type_id).where(
            hit_types.c.pipeline == pipeline,
            hit_types.c.stage == stage,
            hit_types.c.version == version,
            hit_types.c.rung == rung,
            hit_types.c.subject == subject,
        )
    )
    return found


def type_of(connection: Connection, pipeline: str, stage: str, version: int, rung: int) -> str:
    """The HIT type at which a rung is offered to everybody."""
    found = find(connection, pipeline, stage, version, rung)
    if found is None:
        raise StoreError(
            f"stage {stage} of {pipeline}, version {version}, has no HIT type for rung {rung}; "
            f'run "hitline run {pipeline}" again, which makes and subscribes them'
        )
    return found


def types_of(connection: Connection, pipeline: str, stage: str | None = None) -> list[str]:
    """Every HIT type of the pipeline, or of one stage."""
    query = select(hit_types.c.hit_type_id).where(hit_types.c.pipeline == pipeline)
    if stage is not None:
        query = query.where(hit_types.c.stage == stage)
    return list(connection.scalars(query.distinct().order_by(hit_types.c.hit_type_id)))
