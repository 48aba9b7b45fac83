"""The workers of one requester: who they are, and what became of their work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, func, select

from marketplace.engine.states import VISIBLE, AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.store.schema import assignments, blocks, hits, workers


@dataclass(frozen=True, kw_only=True)
class WorkerCounts:
    """What a worker submitted to the requester, by what became of it."""

    worker_id: str
    counts: Mapping[AssignmentStatus, int]
    blocked_because: str | None
    """The reason of the requester's block, if there is one."""

    @property
    def submitted(self) -> int:
        """All that was submitted."""
        return sum(self.counts.values())


_SUBMITTED = [status.value for status in VISIBLE]
_HAS_WORKED = exists().where(
    assignments.c.worker_id == workers.c.worker_id,
    assignments.c.status.in_(_SUBMITTED),
    hits.c.hit_id == assignments.c.hit_id,
    hits.c.requester_id == bindparam("requester_id"),
)
_IS_BLOCKED = exists().where(
    blocks.c.worker_id == workers.c.worker_id,
    blocks.c.requester_id == bindparam("requester_id"),
)
PAGE = (
    select(workers.c.worker_id)
    .where(workers.c.worker_id > bindparam("after"), _HAS_WORKED | _IS_BLOCKED)
    .order_by(workers.c.worker_id)
    .limit(bindparam("most"))
)
COUNTS = (
    select(assignments.c.status, func.count().label("number"))
    .join(hits, hits.c.hit_id == assignments.c.hit_id)
    .where(
        assignments.c.worker_id == bindparam("worker_id"),
        assignments.c.status.in_(_SUBMITTED),
        hits.c.requester_id == bindparam("requester_id"),
    )
    .group_by(assignments.c.status)
)
REASONS = select(blocks.c.worker_id, blocks.c.reason).where(
    blocks.c.worker_id.in_(bindparam("worker_ids", expanding=True)),
    blocks.c.requester_id == bindparam("requester_id"),
)


def listing(
    tx: Transaction, requester_id: str, *, after: str | None, limit: int
) -> list[WorkerCounts]:
    """Workers who submitted work to the requester, or are blocked, by id, from above `after`."""
    page = {"requester_id": requester_id, "after": after or "", "most": limit}
    return counted(tx, requester_id, tx.connection.scalars(PAGE, page).all())


def counted(tx: Transaction, requester_id: str, worker_ids: Sequence[str]) -> list[WorkerCounts]:
    """These workers, with zeros for those who never worked for the requester."""
    if not worker_ids:
        return []
    given = {"requester_id": requester_id, "worker_ids": list(worker_ids)}
    reasons = {row.worker_id: row.reason for row in tx.connection.execute(REASONS, given)}
    found = []
    for worker_id in worker_ids:  # one by one: a database without statistics sees the index
        one = {"requester_id": requester_id, "worker_id": worker_id}
        numbers = {row.status: row.number for row in tx.connection.execute(COUNTS, one)}
        found.append(
            WorkerCounts(
                worker_id=worker_id,
                counts={status: numbers.get(status.value, 0) for status in VISIBLE},
                blocked_because=reasons.get(worker_id),
            )
        )
    return found


def is_known(tx: Transaction, worker_id: str) -> bool:
    """Whether there is such a worker, whoever they worked for."""
    known = exists().where(workers.c.worker_id == worker_id)
    return bool(tx.connection.scalar(select(known)))
