"""What became of notifications, for the requester who waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from marketplace.engine import events
from marketplace.engine.transaction import Transaction
from marketplace.store.schema import outages, outbox

LOOKED_AT = 1000  # the newest events of a type, by which is judged what waits


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A destination that took nothing when last tried; times are wall times."""

    failed_at: datetime
    failures: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Deliveries:
    """The notification path of a HIT type. `waiting` and `lost` count its newest events."""

    spec: Row[Any] | None
    """The newest row of `notification_specs`."""
    latest: Sequence[Row[Any]]
    """Rows of `outbox`, newest first."""
    waiting: int
    lost: int
    last_sent_at: datetime | None
    outage: Outage | None


_NO_COPY = outbox.c.copy_of.is_(None)
OF_TYPE = (
    select(outbox)
    .where(outbox.c.hit_type_id == bindparam("hit_type_id"), _NO_COPY)
    .order_by(outbox.c.id.desc())
    .limit(LOOKED_AT)
)
OF_REQUESTER = (
    select(outbox)
    .where(outbox.c.requester_id == bindparam("requester_id"), _NO_COPY)
    .order_by(outbox.c.id.desc())
    .limit(bindparam("most"))
)
OUTAGE = select(outages).where(outages.c.destination == bindparam("destination"))


def latest(tx: Transaction, requester_id: str, *, limit: int) -> list[Row[Any]]:
    """The requester's newest notifications, as rows of `outbox`."""
    given = {"requester_id": requester_id, "most": limit}
    return list(tx.connection.execute(OF_REQUESTER, given))


def of_type(tx: Transaction, hit_type_id: str, *, limit: int) -> Deliveries:
    """How the notifications of a HIT type fare; `limit` of the newest are shown."""
    spec = tx.connection.execute(events.NEWEST, {"of_type": hit_type_id}).one_or_none()
    rows = list(tx.connection.execute(OF_TYPE, {"hit_type_id": hit_type_id}))
    sent = [row.sent_at for row in rows if row.sent_at is not None]
    return Deliveries(
        spec=spec,
        latest=rows[:limit],
        waiting=sum(row.sent_at is None and not row.lost for row in rows),
        lost=sum(row.lost for row in rows),
        last_sent_at=max(sent, default=None),
        outage=None if spec is None else outage(tx, spec.destination),
    )


def outage(tx: Transaction, destination: str) -> Outage | None:
    """Whether, and why, the destination took nothing when last tried."""
    row = tx.connection.execute(OUTAGE, {"destination": destination}).one_or_none()
    if row is None:
        return None
    return Outage(failed_at=row.failed_at, failures=row.failures, reason=row.reason)
