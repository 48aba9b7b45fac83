"""What a requester's workers earned in a period, for whoever pays them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, bindparam, exists, func, select

from marketplace.engine.states import AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.store.schema import assignments, bonuses, hit_types, hits, logins
from marketplace.store.schema.types import Moment

CURRENCY = "USD"
NOTHING = Decimal("0.00")


@dataclass(frozen=True, kw_only=True)
class Earnings:
    """One worker's; amounts in dollars. Name and e-mail are of those who work on the site."""

    worker_id: str
    name: str | None
    email: str | None
    approved: int
    rewards: Decimal
    bonuses: Decimal

    @property
    def total(self) -> Decimal:
        return self.rewards + self.bonuses


_PERIOD = (bindparam("since", type_=Moment), bindparam("until", type_=Moment))
_MINE = hits.c.requester_id == bindparam("requester_id")

# A subquery for each assignment, rather than a join: so a database without statistics starts from
# the period's work, and not from all HITs of the requester.
_REWARD = (
    select(hit_types.c.reward)
    .join(hits, hits.c.hit_type_id == hit_types.c.hit_type_id)
    .where(hits.c.hit_id == assignments.c.hit_id, _MINE)
    .scalar_subquery()
)
_APPROVED = (
    select(assignments.c.worker_id, _REWARD.label("reward"))
    .where(
        assignments.c.approved_at >= _PERIOD[0],
        assignments.c.approved_at < _PERIOD[1],
        assignments.c.status == AssignmentStatus.APPROVED.value,
    )
    .cte("approved")
    .prefix_with("MATERIALIZED")  # once, not again for each use of the reward
)
REWARDS: Select[tuple[str, int, Decimal]] = (
    select(_APPROVED.c.worker_id, func.count(_APPROVED.c.reward), func.sum(_APPROVED.c.reward))
    .where(_APPROVED.c.reward.is_not(None))
    .group_by(_APPROVED.c.worker_id)
)
BONUSES: Select[tuple[str, Decimal]] = (
    select(bonuses.c.worker_id, func.sum(bonuses.c.amount))
    .where(
        bonuses.c.granted_at >= _PERIOD[0],
        bonuses.c.granted_at < _PERIOD[1],
        exists().where(hits.c.hit_id == bonuses.c.hit_id, _MINE),
    )
    .group_by(bonuses.c.worker_id)
)
PEOPLE = select(logins.c.worker_id, logins.c.name, logins.c.email)


def by_worker(
    tx: Transaction, requester_id: str, *, since: datetime, until: datetime
) -> list[Earnings]:
    """Earnings from `since` to before `until`, by worker id.

    An assignment counts when it was approved, by whomever; one whose rejection was overridden when
    it was overridden. A bonus counts when it was paid.
    """
    period = {"requester_id": requester_id, "since": since, "until": until}
    rewards = {row[0]: (row[1], row[2]) for row in tx.connection.execute(REWARDS, period)}
    extra = {row[0]: row[1] for row in tx.connection.execute(BONUSES, period)}
    workers = sorted(rewards.keys() | extra.keys())
    people = {row.worker_id: row for row in tx.connection.execute(PEOPLE)} if workers else {}
    return [
        Earnings(
            worker_id=worker_id,
            name=people[worker_id].name if worker_id in people else None,
            email=people[worker_id].email if worker_id in people else None,
            approved=rewards.get(worker_id, (0, NOTHING))[0],
            rewards=rewards.get(worker_id, (0, NOTHING))[1],
            bonuses=extra.get(worker_id, NOTHING),
        )
        for worker_id in workers
    ]
