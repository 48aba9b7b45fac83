"""The marketplace's books, read from its own database: what was really posted, done and paid.

Nothing of hitline's is asked. The annotations of the HITs say what they were for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import MetaData, Row, Table, create_engine, func, select
from sqlalchemy.engine import make_url

_TABLES = ("hits", "assignments", "ledger", "bonuses", "blocks", "outbox")
ENDS = ("HITReviewable", "HITExpired")


@dataclass(frozen=True, kw_only=True)
class PostedHit:
    """A HIT, whoever believes what of it. Times are business time."""

    hit_id: str
    annotation: str
    created_at: datetime
    max_assignments: int

    @property
    def pipeline(self) -> str:
        return self.annotation.partition("/")[0]

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(self.annotation.split("/")[2].split("+"))


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A notification that was never sent, and when (wall time) it would have been."""

    hit_id: str
    at: datetime


class Books:
    """One marketplace's database, opened to read."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self._engine = create_engine(parsed, pool_size=2, pool_pre_ping=True)
        metadata = MetaData()
        metadata.reflect(self._engine, only=_TABLES)
        self._tables = {name: metadata.tables[name] for name in _TABLES}

    def close(self) -> None:
        self._engine.dispose()

    def hits(self) -> list[PostedHit]:
        """Every HIT there ever was."""
        hits = self._tables["hits"]
        return [
            PostedHit(
                hit_id=row.hit_id,
                annotation=row.annotation or "",
                created_at=_utc(row.created_at),
                max_assignments=row.max_assignments,
            )
            for row in self._rows(
                select(hits.c.hit_id, hits.c.annotation, hits.c.created_at, hits.c.max_assignments)
            )
        ]

    def submissions(self, *statuses: str) -> set[tuple[str, str]]:
        """(assignment, worker) of all that was submitted and has one of these statuses now."""
        work = self._tables["assignments"]
        rows = self._rows(
            select(work.c.assignment_id, work.c.worker_id).where(work.c.status.in_(statuses))
        )
        return {(row.assignment_id, row.worker_id) for row in rows}

    def judgements(self) -> dict[str, str]:
        """What became of each submission: "Submitted", "Approved" or "Rejected"."""
        work = self._tables["assignments"]
        judged = work.c.status.in_(("Submitted", "Approved", "Rejected"))
        rows = self._rows(select(work.c.assignment_id, work.c.status).where(judged))
        return {row.assignment_id: row.status for row in rows}

    def blocked(self) -> set[str]:
        """The workers who are blocked."""
        return {row.worker_id for row in self._rows(select(self._tables["blocks"].c.worker_id))}

    def paid_more_than_once(self) -> int:
        """Rewards beyond one for each approved assignment, and bonuses paid twice."""
        ledger, work = self._tables["ledger"], self._tables["assignments"]
        rewards = self._counts(ledger, ledger.c.assignment_id, ledger.c.kind == "reward")
        approved = self._counts(work, work.c.assignment_id, work.c.status == "Approved")
        twice = sum(max(count - approved.get(which, 0), 0) for which, count in rewards.items())
        bonuses = self._tables["bonuses"]
        same = (bonuses.c.worker_id, bonuses.c.reason)  # which names pipeline and day
        doubled = self._rows(select(func.count().label("n")).select_from(bonuses).group_by(*same))
        return twice + sum(int(row.n) - 1 for row in doubled)

    def spent(self) -> dict[str, Decimal]:
        """What each pipeline has paid, fees and bonuses included."""
        ledger, hits = self._tables["ledger"], self._tables["hits"]
        rows = self._rows(
            select(hits.c.annotation, func.sum(-ledger.c.amount).label("cents"))
            .join(ledger, ledger.c.hit_id == hits.c.hit_id)
            .group_by(hits.c.annotation)
        )
        return _by_pipeline(rows)

    def committed(self) -> dict[str, Decimal]:
        """What each pipeline has paid, and may still have to pay."""
        hits = self._tables["hits"]
        rows = self._rows(select(hits.c.annotation, hits.c.liability.label("cents")))
        spent = self.spent()
        owing = _by_pipeline(rows)
        return {
            name: spent.get(name, Decimal(0)) + owing.get(name, Decimal(0))
            for name in {*spent, *owing}
        }

    def notifications(self) -> dict[str, int]:
        """How many there were, and what was done to them on purpose."""
        outbox = self._tables["outbox"]
        (row,) = self._rows(
            select(
                func.count().label("events"),
                func.count().filter(outbox.c.lost).label("lost"),
                func.count().filter(outbox.c.sent_count > 1).label("doubled"),
            )
        )
        return {"events": row.events, "lost": row.lost, "doubled": row.doubled}

    def lost_ends(self) -> list[Lost]:
        """Ends of HITs that were never told."""
        outbox = self._tables["outbox"]
        rows = self._rows(
            select(outbox.c.hit_id, outbox.c.due_at).where(
                outbox.c.lost, outbox.c.event_type.in_(ENDS)
            )
        )
        return [Lost(hit_id=row.hit_id, at=_utc(row.due_at)) for row in rows]

    def _counts(self, table: Table, column: Any, where: Any) -> dict[str, int]:
        query = select(column.label("which"), func.count().label("n")).where(where)
        return {row.which: row.n for row in self._rows(query.group_by(column))}

    def _rows(self, query: Any) -> Sequence[Row[Any]]:
        with self._engine.connect() as connection:
            return connection.execute(query).all()


def _by_pipeline(rows: Sequence[Row[Any]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in rows:
        pipeline = (row.annotation or "").partition("/")[0]
        found[pipeline] = found.get(pipeline, Decimal(0)) + Decimal(int(row.cents)).scaleb(-2)
    return found


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
