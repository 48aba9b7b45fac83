"""Where each HIT type's notifications go, as we last set it: MTurk's API cannot be asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, and_, select, update

from hitline.policies import Policy
from hitline.store.database import Store
from hitline.store.schema import hit_types, stage_versions, subscriptions


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A stage's HIT type, the reward it offers, and where its events go; None: never set.

    With a `subject` it is for some items alone: the earlier workers of these do not see it.
    """

    stage: str
    version: int
    rung: int
    reward: Decimal
    hit_type_id: str
    transport: str | None
    destination: str | None
    active: bool
    set_at: datetime | None
    subject: str = ""


def record(
    store: Store,
    connection: Connection,
    hit_type_ids: Iterable[str],
    transport: str,
    destination: str,
    wall: datetime,
) -> None:
    """The endpoint took over these settings, in place of whatever was set."""
    values = {
        "transport": transport,
        "destination": destination,
        "active": True,
        "wall_set_at": wall,
    }
    for hit_type_id in dict.fromkeys(hit_type_ids):
        statement = store.insert(subscriptions).values(hit_type_id=hit_type_id, **values)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[subscriptions.c.hit_type_id], set_=values
            )
        )


def set_active(connection: Connection, hit_type_id: str, active: bool, wall: datetime) -> None:
    """The endpoint sends this type's events, or holds them back."""
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.hit_type_id == hit_type_id)
        .values(active=active, wall_set_at=wall)
    )


def switched_off(connection: Connection, hit_type_ids: Iterable[str]) -> set[str]:
    """Those of these types whose events the endpoint was last told to hold back."""
    return set(
        connection.scalars(
            select(subscriptions.c.hit_type_id).where(
                subscriptions.c.hit_type_id.in_(sorted(set(hit_type_ids))),
                subscriptions.c.active.is_(False),
            )
        )
    )


def of_pipeline(
    connection: Connection, pipeline: str, stage: str | None = None
) -> list[Subscription]:
    """Every HIT type of the pipeline, or of one stage: versions and rungs from first to last."""
    version = and_(
        stage_versions.c.pipeline == hit_types.c.pipeline,
        stage_versions.c.stage == hit_types.c.stage,
        stage_versions.c.version == hit_types.c.version,
    )
    query = (
        select(
            hit_types,
            stage_versions.c.policy,
            subscriptions.c.transport,
            subscriptions.c.destination,
            subscriptions.c.active,
            subscriptions.c.wall_set_at,
        )
        .join(stage_versions, version)
        .outerjoin(subscriptions, subscriptions.c.hit_type_id == hit_types.c.hit_type_id)
        .where(hit_types.c.pipeline == pipeline)
        .order_by(hit_types.c.stage, hit_types.c.version, hit_types.c.rung)
    )
    if stage is not None:
        query = query.where(hit_types.c.stage == stage)
    return [
        Subscription(
            stage=row.stage,
            version=row.version,
            rung=row.rung,
            reward=Policy.from_json(row.policy).reward_at(row.rung),
            hit_type_id=row.hit_type_id,
            transport=row.transport,
            destination=row.destination,
            active=bool(row.active),
            set_at=row.wall_set_at,
            subject=row.subject,
        )
        for row in connection.execute(query)
    ]
