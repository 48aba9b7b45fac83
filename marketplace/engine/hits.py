"""HITs: posting, finding, and the one way in which they change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, insert, select, update

from marketplace.engine import account, fees, ids, qualifications, reviews, tokens
from marketplace.engine.events import EventType, emit
from marketplace.engine.model import TYPE_COLUMNS, Hit, HitType
from marketplace.engine.states import HitStatus, hit_status
from marketplace.engine.transaction import Transaction
from marketplace.errors import RequestError
from marketplace.store import schema

KEPT_FOR = timedelta(days=120)  # an idle HIT is disposed of by itself

_table = schema.hits

CHANGE = update(_table).where(_table.c.hit_id == bindparam("this"))
POST = insert(_table)


def post(
    tx: Transaction,
    requester_id: str,
    hit_type: HitType,
    *,
    question: str,
    lifetime: int,
    max_assignments: int,
    annotation: str | None,
    layout_id: str | None = None,
) -> Hit:
    """Post a HIT that lives `lifetime` seconds, and hold the money for all its assignments."""
    created_at = tx.now.replace(microsecond=0)  # MTurk's HIT times are whole seconds
    draft = Hit(
        hit_id=ids.entity_id(),
        requester_id=requester_id,
        type=hit_type,
        question=question,
        annotation=annotation,
        layout_id=layout_id,
        max_assignments=max_assignments,
        created_at=created_at,
        expires_at=created_at + timedelta(seconds=lifetime),
        active_at=created_at,
    )
    hit = settle(tx, replace(draft, fee=_fee(tx, draft)))
    account.hold(tx, requester_id, hit.liability)
    tx.connection.execute(POST, hit.columns())
    emit(tx, EventType.HIT_CREATED, hit)
    return hit


def find(tx: Transaction, requester_id: str, hit_id: str) -> Hit:
    """The requester's HIT, disposed ones too; another requester's does not exist for them."""
    hit = lookup(tx, hit_id)
    if hit is None or hit.requester_id != requester_id:
        raise no_such_hit(hit_id)
    return hit


def lookup(tx: Transaction, hit_id: str) -> Hit | None:
    """The HIT, whoever posted it."""
    row = tx.connection.execute(BY_ID, {"hit_id": hit_id}).one_or_none()
    return None if row is None else Hit.from_row(row)


def selection(*conditions: ColumnElement[bool]) -> Select[Any]:
    """HITs with their types."""
    return select(_table, *TYPE_COLUMNS).join(schema.hit_types).where(*conditions)


BY_ID = selection(_table.c.hit_id == bindparam("hit_id"))


def no_such_hit(hit_id: str) -> RequestError:
    return RequestError(f"Hit {hit_id} does not exist.", code="AWS.MechanicalTurk.HITDoesNotExist")


def invalid_state(hit: Hit, *allowed: HitStatus) -> RequestError:
    """MTurk's text, two blanks included."""
    statuses = ", ".join(allowed)
    return RequestError(
        f"This HIT is currently in the state '{hit.status}'.  "
        f"This operation can be called with a status of: {statuses}",
        code="AWS.MechanicalTurk.InvalidHITState",
    )


def refuse_if_new(tx: Transaction, hit: Hit) -> None:
    """A HIT's first seconds, in which MTurk may only expire it (API reference, CreateHIT)."""
    if tx.now - hit.created_at < timedelta(seconds=tx.settings.hit_mutable_after):
        raise RequestError(
            f"The HIT {hit.hit_id} was created a moment ago and cannot be changed yet: "
            "try again in a few seconds.",
            code="AWS.MechanicalTurk.InvalidHITState",
        )


def change(tx: Transaction, before: Hit, **changes: Any) -> Hit:
    """Change a HIT, and with it what follows: status, liability, next due time, HITReviewable.

    Raises InsufficientFunds where the change would hold more money than is available.
    """
    draft = replace(before, **changes)
    if draft.type != before.type or draft.max_assignments != before.max_assignments:
        draft = replace(draft, fee=_fee(tx, draft))
    after = settle(tx, draft)
    old, new = before.columns(), after.columns()
    changed = {name: value for name, value in new.items() if value != old[name]}
    if changed:
        tx.connection.execute(CHANGE, {"this": before.hit_id, **changed})
    account.hold(tx, before.requester_id, after.liability - before.liability)
    complete = (HitStatus.REVIEWABLE, HitStatus.REVIEWING)
    if after.status in complete and before.status not in complete:
        emit(tx, EventType.HIT_REVIEWABLE, after)
        after = reviews.on_reviewable(tx, after)
    return after


def settle(tx: Transaction, hit: Hit) -> Hit:
    """The HIT with everything that derives from its counts and flags."""
    status = hit_status(
        maximum=hit.max_assignments,
        held=hit.held,
        done=hit.done,
        expired=hit.expired,
        reviewing=hit.reviewing,
        disposed=hit.disposed,
    )
    return replace(
        hit,
        status=status,
        reviewing=status is HitStatus.REVIEWING,
        due_at=_due_at(hit),
        liability=_liability(tx, hit),
    )


def _fee(tx: Transaction, hit: Hit) -> Decimal:
    return fees.assignment_fee(
        hit.reward,
        max_assignments=hit.max_assignments,
        masters=qualifications.asks_for_masters(hit.type.attributes.requirements),
        schedule=tx.settings.fees,
    )


def _liability(tx: Transaction, hit: Hit) -> Decimal:
    if tx.settings.sandbox or hit.disposed:
        return Decimal("0.00")
    open_slots = 0 if hit.expired else hit.available
    return hit.cost * (open_slots + hit.held + hit.submitted)


def _due_at(hit: Hit) -> Any:
    if hit.disposed:
        return None
    if not hit.expired:
        return hit.expires_at
    return hit.active_at + KEPT_FOR if hit.held == 0 else None


def post_once(
    tx: Transaction,
    requester_id: str,
    operation: str,
    token: str | None,
    hit_type: HitType,
    **attributes: Any,
) -> Hit:
    """Post under a token; a remembered one is an error that names the earlier HIT."""
    if token is None:
        return post(tx, requester_id, hit_type, **attributes)
    earlier = tokens.used_for(tx, requester_id, operation, token)
    if earlier is not None:
        raise RequestError(
            f'The HIT with ID "{earlier}" already exists.',
            code="AWS.MechanicalTurk.HitAlreadyExists",
        )
    hit = post(tx, requester_id, hit_type, **attributes)
    tokens.remember(tx, requester_id, operation, token, hit.hit_id)
    return hit


def listing(
    tx: Transaction,
    requester_id: str,
    *,
    requiring: str | None = None,
    before: int | None,
    limit: int,
) -> list[Hit]:
    """The requester's HITs but the disposed ones, newest first, from below the number `before`.

    With `requiring`, those that require this qualification type.
    """
    query = selection(_table.c.requester_id == requester_id, _table.c.disposed.is_(False))
    if requiring is not None:
        query = query.where(_table.c.hit_type_id.in_(qualifications.requiring(requiring)))
    if tx.settings.index_lag:
        query = query.where(_table.c.created_at <= tx.indexed_until)
    if before is not None:
        query = query.where(_table.c.id < before)
    rows = tx.connection.execute(query.order_by(_table.c.id.desc()).limit(limit))
    return [Hit.from_row(row) for row in rows]


def reviewable(
    tx: Transaction,
    requester_id: str,
    *,
    status: HitStatus,
    hit_type_id: str | None,
    after: int | None,
    limit: int,
) -> list[tuple[int, str]]:
    """Numbers and ids of the requester's HITs in `status`, oldest first, from above `after`."""
    query = select(_table.c.id, _table.c.hit_id).where(
        _table.c.requester_id == requester_id, _table.c.status == status.value
    )
    if hit_type_id is not None:
        query = query.where(_table.c.hit_type_id == hit_type_id)
    if after is not None:
        query = query.where(_table.c.id > after)
    rows = tx.connection.execute(query.order_by(_table.c.id).limit(limit))
    return [(row.id, row.hit_id) for row in rows]
