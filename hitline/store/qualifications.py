"""Our own qualification types and who holds them: what we want, and what the endpoint knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from hitline.store.database import Store
from hitline.store.schema import grants, qualification_types


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What a type is for, and in which stage; `subject`: what it is about, if there are several."""

    name: str
    pipeline: str
    stage: str
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A worker who is to hold a type (`granted`), or to lose it."""

    purpose: Purpose
    worker_id: str
    granted: bool
    reason: str


def type_id(connection: Connection, purpose: Purpose) -> str | None:
    """The endpoint's id of the type, if it has made it."""
    found: str | None = connection.scalar(
        select(qualification_types.c.qualification_type_id).where(_of(qualification_types, purpose))
    )
    return found


def record(
    store: Store,
    connection: Connection,
    purpose: Purpose,
    wall: datetime,
    *,
    made: str | None,
    problem: str | None = None,
) -> None:
    """The endpoint has the type `made`, or would not make one."""
    values = {"qualification_type_id": made, "problem": problem, "wall_tried_at": wall}
    statement = store.insert(qualification_types).values(**_key(purpose), **values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(qualification_types.primary_key), set_=values
        )
    )


def refused_since(connection: Connection, pipeline: str, wall: datetime) -> str | None:
    """Why the endpoint would make no type for the pipeline after `wall`; None if it did not."""
    return connection.scalar(
        select(qualification_types.c.problem)
        .where(
            qualification_types.c.pipeline == pipeline,
            qualification_types.c.problem.is_not(None),
            qualification_types.c.wall_tried_at > wall,
        )
        .limit(1)
    )


def want(store: Store, connection: Connection, grant: Grant, at: datetime) -> bool:
    """Write down that the worker is to hold, or to lose, the type; whether that is yet to be done.

    Asked for again, what the endpoint knows already is left alone.
    """
    table, key = grants, {**_key(grant.purpose), "worker_id": grant.worker_id}
    values = {"granted": grant.granted, "reason": grant.reason, "at": at}
    if store.insert_new(connection, table, [{**key, **values}]):
        return True
    row = connection.execute(select(table).where(_same(key))).one()
    if row.granted is grant.granted:
        return row.wall_done_at is None
    connection.execute(update(table).where(_same(key)).values(**values, wall_done_at=None))
    return True


def done(connection: Connection, grant: Grant, wall: datetime) -> None:
    """The endpoint knows; unless something else is wanted meanwhile."""
    key = {**_key(grant.purpose), "worker_id": grant.worker_id}
    connection.execute(
        update(grants)
        .where(_same(key), grants.c.granted.is_(grant.granted))
        .values(wall_done_at=wall)
    )


def forget(connection: Connection, grant: Grant) -> None:
    """The endpoint refuses this worker for good: it is as if nothing had been wanted."""
    key = {**_key(grant.purpose), "worker_id": grant.worker_id}
    connection.execute(delete(grants).where(_same(key), grants.c.granted.is_(grant.granted)))


def undone(connection: Connection, most: int = 200) -> list[Grant]:
    """What the endpoint is yet to be told, oldest first."""
    rows = connection.execute(
        select(grants).where(grants.c.wall_done_at.is_(None)).order_by(grants.c.at).limit(most)
    )
    return [_grant(row) for row in rows]


def holders(connection: Connection, purpose: Purpose) -> set[str]:
    """Who is to hold the type, by our own word."""
    return set(
        connection.scalars(
            select(grants.c.worker_id).where(_of(grants, purpose), grants.c.granted.is_(True))
        )
    )


def subjects(connection: Connection, pipeline: str, stage: str, among: Iterable[str]) -> set[str]:
    """Those of the subjects for which the stage has a type that keeps earlier workers off."""
    return set(
        connection.scalars(
            select(qualification_types.c.subject).where(
                qualification_types.c.pipeline == pipeline,
                qualification_types.c.stage == stage,
                qualification_types.c.subject.in_(sorted(set(among))),
                qualification_types.c.qualification_type_id.is_not(None),
            )
        )
    )


def _key(purpose: Purpose) -> dict[str, str]:
    return {
        "pipeline": purpose.pipeline,
        "stage": purpose.stage,
        "purpose": purpose.name,
        "subject": purpose.subject,
    }


def _of(table: Table, purpose: Purpose) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in _key(purpose).items()))


def _same(key: dict[str, str]) -> ColumnElement[bool]:
    return and_(*(grants.c[name] == value for name, value in key.items()))


def _grant(row: Any) -> Grant:
    purpose = Purpose(name=row.purpose, pipeline=row.pipeline, stage=row.stage, subject=row.subject)
    return Grant(purpose=purpose, worker_id=row.worker_id, granted=row.granted, reason=row.reason)
