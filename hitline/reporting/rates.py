"""Approval rates of workers, as the requester's site showed them beside each submission."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, select

from hitline.model import AssignmentStatus
from hitline.store.schema import assignments

MONTH, WEEK = timedelta(days=30), timedelta(days=7)


class ApprovalRates:
    """Of each worker the share of judged submissions that were approved, in words: `97% (29/30)`.

    Over all pipelines in this database, of what was submitted ever, in 30 days, in 7 days.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        judged = [str(AssignmentStatus.APPROVED), str(AssignmentStatus.REJECTED)]
        right = assignments.c.status == AssignmentStatus.APPROVED
        always = assignments.c.status.in_(judged)
        spans = [always, *(assignments.c.submitted_at >= now - span for span in (MONTH, WEEK))]
        counts = [
            func.count().filter(counted) for span in spans for counted in (and_(span, right), span)
        ]
        rows = connection.execute(
            select(assignments.c.worker_id, *counts).where(always).group_by(assignments.c.worker_id)
        )
        self._by_worker = {
            row[0]: (_rate(row[1], row[2]), _rate(row[3], row[4]), _rate(row[5], row[6]))
            for row in rows
        }

    def of(self, worker_id: str) -> tuple[str, str, str]:
        """Ever, in 30 days, in 7 days; `0% (0/0)` where nothing was judged."""
        nothing = _rate(0, 0)
        return self._by_worker.get(worker_id, (nothing, nothing, nothing))


def _rate(approved: int, judged: int) -> str:
    return f"{round(100 * approved / judged) if judged else 0}% ({approved}/{judged})"
