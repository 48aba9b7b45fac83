"""Repairs: what the bell, the sweep and the workers found amiss and put right, by cause.

A cause that grows is a fault somewhere else, so each is counted for as long as the database lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from hitline.store.database import Store
from hitline.store.schema import repairs

NO_RUN_CAME = "the bell was rung, and no run came"
RUN_NOT_FINISHED = "a run came for the bell, and did not finish"
LEASE_RAN_OUT = "a lease ran out"
WORKER_DIED = "the worker of a run died"
CALL_FINISHED = "a call that was begun was finished by a later run"


def count(store: Store, connection: Connection, causes: Mapping[str, int], wall: datetime) -> None:
    """Add so many repairs to each cause, in the hour of `wall`."""
    hour = wall.replace(minute=0, second=0, microsecond=0)
    # In one order everywhere, so that two do not wait for each other's rows in a circle.
    for cause, number in sorted(causes.items()):
        if number == 0:
            continue
        row = {"cause": cause, "wall_hour": hour, "count": number}
        if not store.insert_new(connection, repairs, [row]):
            connection.execute(
                update(repairs)
                .where(repairs.c.cause == cause, repairs.c.wall_hour == hour)
                .values(count=repairs.c.count + number)
            )


def by_cause(connection: Connection, since: datetime | None = None) -> dict[str, int]:
    """How many repairs there were of each cause, in all or in the hours from `since` on."""
    query = select(repairs.c.cause, func.sum(repairs.c.count)).group_by(repairs.c.cause)
    if since is not None:
        query = query.where(repairs.c.wall_hour >= since)
    return {row[0]: int(row[1]) for row in connection.execute(query.order_by(repairs.c.cause))}
