"""HITs, the assignments submitted to them, and what each assignment says of each item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from hitline.facts import HitFacts
from hitline.model import AssignmentStatus, Hit, HitStatus, ItemState
from hitline.policies import STAFF_RUNG
from hitline.store import revisions
from hitline.store.database import Store
from hitline.store.schema import answers, assignments, hit_items, hit_types, hits, items
from hitline.tokens import Annotation

STOPPED = "stopped"
"""Why the answers of a worker do not count who is stopped in their stage."""


@dataclass(frozen=True, kw_only=True)
class HitRow:
    """A HIT as we have it. `item_ids` stand in the order of their slots."""

    hit_id: str
    pipeline: str
    stage: str
    hit_type_id: str
    annotation: str
    generation: int
    sibling: int
    rung: int
    reward: Decimal
    max_assignments: int
    submitted: int
    pending: int
    status: HitStatus
    expires_at: datetime
    ended_by_us: bool
    closed_at: datetime | None
    disposed_at: datetime | None
    item_ids: tuple[str, ...]

    @property
    def facts(self) -> HitFacts:
        return HitFacts(
            hit_id=self.hit_id,
            status=self.status,
            max_assignments=self.max_assignments,
            submitted=self.submitted,
            pending=self.pending,
            expires_at=self.expires_at,
            reward=self.reward,
            rung=self.rung,
            generation=self.generation,
            sibling=self.sibling,
            items=len(self.item_ids),
            ended_by_us=self.ended_by_us,
            closed=self.closed_at is not None,
        )


def record(store: Store, connection: Connection, hit: Hit, about: Annotation, rung: int) -> bool:
    """Write the row of a HIT that was posted; whether there was none yet."""
    row = {
        "hit_id": hit.hit_id,
        "pipeline": about.pipeline,
        "stage": about.stage,
        "hit_type_id": hit.hit_type_id,
        "annotation": str(about),
        "generation": about.generation,
        "sibling": about.sibling,
        "rung": rung,
        "reward": hit.reward,
        "max_assignments": hit.max_assignments,
        "submitted": 0,
        "pending": hit.pending,
        "status": hit.status,
        "created_at": hit.created_at,
        "expires_at": hit.expires_at,
    }
    if not store.insert_new(connection, hits, [row]):
        return False
    for slot, item_id in enumerate(about.items, 1):
        connection.execute(insert(hit_items).values(hit_id=hit.hit_id, item_id=item_id, slot=slot))
    return True


def refresh(connection: Connection, hit: Hit) -> None:
    """Take over what the endpoint says of a HIT; its type tells the rung that it is offered at."""
    values: dict[str, Any] = {
        "status": hit.status,
        "hit_type_id": hit.hit_type_id,
        "reward": hit.reward,
        "max_assignments": hit.max_assignments,
        "pending": hit.pending,
        "expires_at": hit.expires_at,
    }
    rung = _rung(connection, hit)
    if rung is not None:
        values["rung"] = rung
    change(connection, hit.hit_id, **values)


def _rung(connection: Connection, hit: Hit) -> int | None:
    """The rung that the HIT's type is in its items' own version: another may use it for another."""
    of_items = and_(
        hit_types.c.pipeline == items.c.pipeline,
        hit_types.c.stage == items.c.stage,
        hit_types.c.version == items.c.version,
    )
    rung: int | None = connection.scalar(
        select(hit_types.c.rung)
        .join(items, of_items)
        .join(hit_items, hit_items.c.item_id == items.c.id)
        .where(hit_items.c.hit_id == hit.hit_id, hit_types.c.hit_type_id == hit.hit_type_id)
        .limit(1)
    )
    return rung


def change(connection: Connection, hit_id: str, **values: Any) -> None:
    """Set columns of a HIT's row."""
    connection.execute(update(hits).where(hits.c.hit_id == hit_id).values(**values))


def load(connection: Connection, hit_ids: Iterable[str]) -> list[HitRow]:
    """The rows of these HITs that there are."""
    wanted = sorted(set(hit_ids))
    rows = connection.execute(select(hits).where(hits.c.hit_id.in_(wanted))).all()
    slots = connection.execute(
        select(hit_items).where(hit_items.c.hit_id.in_(wanted)).order_by(hit_items.c.slot)
    ).all()
    carried: dict[str, list[str]] = {}
    for slot in slots:
        carried.setdefault(slot.hit_id, []).append(slot.item_id)
    return [_hit(row, carried.get(row.hit_id, [])) for row in rows]


def of_items(connection: Connection, item_ids: Iterable[str]) -> list[HitRow]:
    """Every HIT that ever carried one of these items, oldest first."""
    ids = connection.scalars(
        select(hit_items.c.hit_id).where(hit_items.c.item_id.in_(sorted(set(item_ids)))).distinct()
    )
    found = load(connection, ids)
    return sorted(found, key=lambda hit: (hit.generation, hit.sibling, hit.hit_id))


def items_of(connection: Connection, hit_ids: Iterable[str]) -> list[str]:
    """The items that these HITs carry."""
    return list(
        connection.scalars(
            select(hit_items.c.item_id)
            .where(hit_items.c.hit_id.in_(sorted(set(hit_ids))))
            .distinct()
        )
    )


def record_assignment(store: Store, connection: Connection, row: dict[str, Any]) -> bool:
    """Write a submission, or take over its status if it is there; whether it was new."""
    if store.insert_new(connection, assignments, [row]):
        return True
    connection.execute(
        update(assignments)
        .where(
            assignments.c.assignment_id == row["assignment_id"],
            assignments.c.worker_id == row["worker_id"],
        )
        .values(status=row["status"])
    )
    return False


def record_answers(store: Store, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write what an assignment says of each of its items, all of one stage, once."""
    if not rows:
        return
    whose = connection.execute(
        select(items.c.pipeline, items.c.stage).where(items.c.id == rows[0]["item_id"])
    ).one()
    about = evidence_of(store, connection, whose.pipeline, whose.stage)
    add_answers(store, connection, rows, about)


def evidence_of(store: Store, connection: Connection, pipeline: str, stage: str) -> dict[str, Any]:
    """What answers of the stage bear that are written in this transaction."""
    revision = revisions.next_of(store, connection, pipeline, stage)
    return {"pipeline": pipeline, "stage": stage, "revision": revision}


def add_answers(
    store: Store,
    connection: Connection,
    rows: Sequence[dict[str, Any]],
    about: Mapping[str, Any],
) -> None:
    """Write answers of one stage, once; `about` is its `evidence_of`."""
    store.insert_new(connection, answers, [{**row, **about} for row in rows])
    told_of = sorted({str(row["item_id"]) for row in rows})
    connection.execute(update(items).where(items.c.id.in_(told_of)).values(unscored=True))


def counted(connection: Connection, item_ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The values of the counted answers to each item, in the order submitted."""
    rows = connection.execute(
        select(answers.c.item_id, answers.c["values"])
        .where(answers.c.item_id.in_(sorted(set(item_ids))), answers.c.counted.is_(True))
        .order_by(answers.c.submitted_at, answers.c.assignment_id)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for item_id, values in rows:
        found.setdefault(item_id, []).append(values)
    return found


def unreadable(connection: Connection, item_ids: Iterable[str]) -> dict[str, int]:
    """How many answers to each item could not be read; items without any are left out.

    Of one that was asked again, only those since then: the form may have been mended.
    """
    rows = connection.execute(
        select(answers.c.item_id, func.count())
        .join(items, items.c.id == answers.c.item_id)
        .join(hits, hits.c.hit_id == answers.c.hit_id, isouter=True)
        .where(
            answers.c.item_id.in_(sorted(set(item_ids))),
            answers.c.why_not == "unreadable",
            func.coalesce(hits.c.generation, items.c.generation) >= items.c.generation,
        )
        .group_by(answers.c.item_id)
    )
    return {row[0]: row[1] for row in rows}


def known_workers(connection: Connection, item_ids: Iterable[str]) -> set[tuple[str, str]]:
    """(item, worker) of every counted answer: one a person and item.

    With those that count again once their worker is pardoned.
    """
    rows = connection.execute(
        select(answers.c.item_id, answers.c.worker_id).where(
            answers.c.item_id.in_(sorted(set(item_ids))),
            or_(answers.c.counted.is_(True), answers.c.why_not == STOPPED),
        )
    )
    return {(row[0], row[1]) for row in rows}


def owed(connection: Connection, hit_id: str, due: datetime | None = None) -> list[tuple[str, str]]:
    """(assignment, worker) of the submissions not judged yet; with `due`: only those due by it."""
    query = select(assignments.c.assignment_id, assignments.c.worker_id).where(
        assignments.c.hit_id == hit_id, assignments.c.status == AssignmentStatus.SUBMITTED
    )
    if due is not None:
        query = query.where(assignments.c.judge_by <= due)
    rows = connection.execute(query.order_by(assignments.c.submitted_at))
    return [(row[0], row[1]) for row in rows]


def to_close(connection: Connection, item_id: str) -> bool:
    """Whether one of the item's HITs is still open for closing, or owes somebody a judgement."""
    open_hits = (
        select(hits.c.hit_id)
        .join(hit_items, hit_items.c.hit_id == hits.c.hit_id)
        .where(hit_items.c.item_id == item_id)
    )
    owing = open_hits.join(assignments, assignments.c.hit_id == hits.c.hit_id).where(
        assignments.c.status == AssignmentStatus.SUBMITTED
    )
    queries = (open_hits.where(hits.c.closed_at.is_(None)), owing)
    return any(connection.execute(query.limit(1)).first() is not None for query in queries)


def judged(
    connection: Connection, assignment_id: str, worker_id: str, status: AssignmentStatus
) -> None:
    """The assignment was approved or rejected."""
    connection.execute(
        update(assignments)
        .where(assignments.c.assignment_id == assignment_id, assignments.c.worker_id == worker_id)
        .values(status=status)
    )


def unfinished_items(connection: Connection, hit_id: str) -> int:
    """How many of the HIT's items have not reached their end; those asked anew need it no more.

    An item in the staff queue has not, for the HITs that ask staff about it.
    """
    asks_staff = (items.c.state == ItemState.STAFF) & (hits.c.rung == STAFF_RUNG)
    return (
        connection.scalar(
            select(func.count())
            .select_from(hit_items)
            .join(items, items.c.id == hit_items.c.item_id)
            .join(hits, hits.c.hit_id == hit_items.c.hit_id)
            .where(
                hit_items.c.hit_id == hit_id,
                items.c.finished_at.is_(None) | asks_staff,
                items.c.generation <= hits.c.generation,
            )
        )
        or 0
    )


def _hit(row: Row[Any], item_ids: Sequence[str]) -> HitRow:
    return HitRow(
        hit_id=row.hit_id,
        pipeline=row.pipeline,
        stage=row.stage,
        hit_type_id=row.hit_type_id,
        annotation=row.annotation,
        generation=row.generation,
        sibling=row.sibling,
        rung=row.rung,
        reward=row.reward,
        max_assignments=row.max_assignments,
        submitted=row.submitted,
        pending=row.pending,
        status=HitStatus(row.status),
        expires_at=row.expires_at,
        ended_by_us=row.ended_by_us,
        closed_at=row.closed_at,
        disposed_at=row.disposed_at,
        item_ids=tuple(item_ids),
    )
