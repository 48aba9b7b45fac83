"""Paying: what an assignment costs, and when what was reserved for it is spent, or free again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from hitline.model import Hit, HitStatus
from hitline.store import ledger
from hitline.store.hits import HitRow
from hitline.store.ledger import NOTHING, Amount, Entry
from hitline.wiring import Hitline


def assignment_cost(hitline: Hitline, reward: Decimal, max_assignments: int) -> Amount:
    """What one assignment of such a HIT costs when it is approved."""
    return Amount(reward=reward, fee=hitline.fees.assignment_fee(reward, max_assignments))


def paid(
    hitline: Hitline, connection: Connection, row: HitRow, assignment_id: str, worker_id: str
) -> None:
    """The assignment was approved; its money is entered once, whoever approved it.

    What is paid beyond what its HIT still reserves (an answer that was rejected and approved after
    all, once the HIT was closed) is past asking for room, and entered as reserved too.
    """
    token = f"{assignment_id}:{worker_id}"
    cost = assignment_cost(hitline, row.reward, row.max_assignments)
    if ledger.known(connection, f"settle:{token}"):
        return
    missing = (cost - ledger.reserved_by(connection, row.hit_id)).at_least(NOTHING)
    if missing.total:
        _enter(hitline, connection, row, f"reserve:{token}", "reserve", missing, "paid late")
    _enter(
        hitline,
        connection,
        row,
        f"settle:{token}",
        "settle",
        cost,
        "approved",
        assignment_id=assignment_id,
        worker_id=worker_id,
    )


def rejected(
    hitline: Hitline, connection: Connection, row: HitRow, assignment_id: str, worker_id: str
) -> None:
    """The assignment was rejected: what was reserved for it is free, once, whoever did it."""
    cost = assignment_cost(hitline, row.reward, row.max_assignments)
    token = f"release:{assignment_id}:{worker_id}"
    _release(hitline, connection, row, token, cost, "rejected")


def expired(
    hitline: Hitline, connection: Connection, row: HitRow, shown: Hit, submitted: int
) -> None:
    """Free what an expired HIT that nobody works on reserves for answers that will not come."""
    if shown.status not in (HitStatus.REVIEWABLE, HitStatus.REVIEWING):
        return
    each = assignment_cost(hitline, shown.reward, shown.max_assignments)
    # Once for each time that it expires: raised in place, it reserves anew.
    token = f"release:{row.hit_id}:{shown.expires_at:%Y%m%d%H%M%S}"
    _release(
        hitline,
        connection,
        row,
        token,
        each.times(max(shown.max_assignments - submitted, 0)),
        "expired",
    )


def grown(hitline: Hitline, connection: Connection, row: HitRow, shown: Hit) -> None:
    """Reserve what a HIT may cost by now beyond what is entered for it; once for each such sum."""
    each = assignment_cost(hitline, shown.reward, shown.max_assignments)
    may_cost = each.times(shown.max_assignments)
    entered = (amount for _, amount in ledger.unreleased(connection, row.hit_id))
    missing = (may_cost - sum(entered, start=NOTHING)).at_least(NOTHING)
    if missing.total:
        token = f"reserve:{row.hit_id}:{shown.max_assignments}x{shown.reward}"
        _enter(hitline, connection, row, token, "reserve", missing, "found to cost more")


def closed(hitline: Hitline, connection: Connection, row: HitRow) -> None:
    """Free whatever a HIT that is done with still reserves."""
    left = ledger.reserved_by(connection, row.hit_id)
    _release(hitline, connection, row, f"release:{row.hit_id}", left, "closed")


def _release(
    hitline: Hitline,
    connection: Connection,
    row: HitRow,
    token: str,
    amount: Amount,
    cause: str,
) -> None:
    """Give the room back to the days on which it was reserved, the newest first."""
    left = amount.at_most(ledger.reserved_by(connection, row.hit_id)).at_least(NOTHING)
    if not left.total or ledger.known(connection, token):
        return
    name = token
    for day, reserved in ledger.unreleased(connection, row.hit_id):
        freed = reserved.at_most(left)
        if freed.total:
            _enter(hitline, connection, row, name, "release", freed, cause, day=day)
            left -= freed
            name = f"{token}:{day:%Y%m%d}"


def _enter(
    hitline: Hitline,
    connection: Connection,
    row: HitRow,
    token: str,
    entry: Entry,
    amount: Amount,
    cause: str,
    *,
    day: date | None = None,
    assignment_id: str | None = None,
    worker_id: str | None = None,
) -> None:
    ledger.enter(
        hitline.store,
        connection,
        token=token,
        entry=entry,
        pipeline=row.pipeline,
        stage=row.stage,
        amount=amount,
        cause=cause,
        at=hitline.clock.now(),
        day=day,
        item_id=row.item_ids[0] if len(row.item_ids) == 1 else None,
        hit_id=row.hit_id,
        assignment_id=assignment_id,
        worker_id=worker_id,
    )
