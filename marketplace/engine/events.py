"""Events: who is told of what, written into the outbox with the change that caused them."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select

from marketplace.engine import ids
from marketplace.engine.model import Hit
from marketplace.engine.transaction import Transaction
from marketplace.errors import ParameterValidationError
from marketplace.store.schema import notification_specs, outbox, requesters
from marketplace.store.schema.types import Moment


class EventType(StrEnum):
    """The twelve events of MTurk's notifications."""

    ASSIGNMENT_ACCEPTED = "AssignmentAccepted"
    ASSIGNMENT_ABANDONED = "AssignmentAbandoned"
    ASSIGNMENT_RETURNED = "AssignmentReturned"
    ASSIGNMENT_SUBMITTED = "AssignmentSubmitted"
    ASSIGNMENT_REJECTED = "AssignmentRejected"
    ASSIGNMENT_APPROVED = "AssignmentApproved"
    HIT_CREATED = "HITCreated"
    HIT_EXPIRED = "HITExpired"
    HIT_REVIEWABLE = "HITReviewable"
    HIT_EXTENDED = "HITExtended"
    HIT_DISPOSED = "HITDisposed"
    PING = "Ping"


MUTED = (
    EventType.ASSIGNMENT_SUBMITTED,
    EventType.ASSIGNMENT_RETURNED,
    EventType.ASSIGNMENT_ABANDONED,
    EventType.HIT_REVIEWABLE,
)
"""What a muted HIT does not tell: how the work ends that was held when it was expired."""

_table = notification_specs
_of_type = _table.c.hit_type_id == bindparam("of_type")
_is_effective = _table.c.effective_at <= bindparam("now", type_=Moment)

SPEC = select(_table).where(_of_type, _is_effective).order_by(_table.c.id.desc()).limit(1)
NEWEST = select(_table).where(_of_type).order_by(_table.c.id.desc()).limit(1)
EFFECTIVE = select(func.max(_table.c.id)).where(_of_type, _is_effective)
REPLACED = delete(_table).where(_of_type, _table.c.id < bindparam("effective"))
ACCOUNT = select(requesters.c.account).where(requesters.c.requester_id == bindparam("of_requester"))
POST = insert(outbox).values(
    requester_id=bindparam("of_requester"), source_account=ACCOUNT.scalar_subquery()
)


def emit(
    tx: Transaction,
    event: EventType,
    hit: Hit,
    *,
    assignment_id: str | None = None,
    worker_id: str | None = None,
    answer: str | None = None,
) -> None:
    """Put the event into the outbox, if the HIT's type subscribes to it at this moment.

    `worker_id`, of accepted and submitted work, and `answer`, of the latter, are told only in the
    fuller form of events.
    """
    if hit.muted and event in MUTED:
        return
    hit_type_id = hit.type.hit_type_id
    spec = tx.connection.execute(SPEC, {"of_type": hit_type_id, "now": tx.now}).one_or_none()
    if spec is None or not spec.active or event.value not in spec.event_types:
        return
    details = None
    if worker_id is not None and tx.settings.event_fields == "full":
        details = {"HITGroupId": hit.type.group_id, "WorkerId": worker_id}
        if answer is not None:
            details["Answer"] = answer
    tx.connection.execute(
        POST,
        {
            "of_requester": hit.requester_id,
            "hit_type_id": hit_type_id,
            "event_type": event.value,
            "at": tx.now,
            "hit_id": hit.hit_id,
            "assignment_id": assignment_id,
            "details": details,
            "transport": spec.transport,
            "destination": spec.destination,
            "version": spec.version,
            "due_at": tx.wall,
        },
    )


def subscribe(
    tx: Transaction,
    hit_type_id: str,
    *,
    destination: str,
    transport: str,
    version: str,
    event_types: list[str],
    active: bool | None,
) -> None:
    """Set the one specification of a HIT type; `active` None keeps what it was, first True."""
    if active is None:
        newest = tx.connection.execute(NEWEST, {"of_type": hit_type_id}).one_or_none()
        active = newest is None or newest.active
    _put(
        tx,
        hit_type_id=hit_type_id,
        destination=destination,
        transport=transport,
        version=version,
        event_types=event_types,
        active=active,
    )


def set_active(tx: Transaction, hit_type_id: str, active: bool) -> None:
    """Switch an existing specification on or off."""
    newest = tx.connection.execute(NEWEST, {"of_type": hit_type_id}).one_or_none()
    if newest is None:
        raise ParameterValidationError(
            f"The HIT type {hit_type_id} has no notification specification to set Active on: "
            "pass Notification as well."
        )
    values = newest._asdict()
    del values["id"], values["effective_at"]
    _put(tx, **{**values, "active": active})


def made_up(
    tx: Transaction,
    requester_id: str,
    event: str,
    *,
    destination: str,
    transport: str,
    version: str,
) -> dict[str, Any]:
    """A test event, with ids of nothing, as a row of the outbox."""
    about_assignment = event.startswith("Assignment")
    return {
        "requester_id": requester_id,
        "source_account": tx.connection.scalar(ACCOUNT, {"of_requester": requester_id}),
        "hit_type_id": ids.entity_id(),
        "event_type": event,
        "at": tx.now,
        "hit_id": ids.entity_id(),
        "assignment_id": ids.entity_id() if about_assignment else None,
        "transport": transport,
        "destination": destination,
        "version": version,
        "due_at": tx.wall,
    }


def record(tx: Transaction, row: dict[str, Any]) -> None:
    """Keep a test event that was sent."""
    tx.connection.execute(insert(outbox), row)


def _put(tx: Transaction, *, hit_type_id: str, **values: Any) -> None:
    lag = timedelta(seconds=tx.settings.notification_spec_lag)
    tx.connection.execute(
        insert(_table), {"hit_type_id": hit_type_id, "effective_at": tx.now + lag, **values}
    )
    effective = tx.connection.scalar(EFFECTIVE, {"of_type": hit_type_id, "now": tx.now})
    if effective is not None:
        tx.connection.execute(REPLACED, {"of_type": hit_type_id, "effective": effective})
