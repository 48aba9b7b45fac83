"""Scoring: what each answer counts for in its worker's standing, entered once and kept up to date.

Items whose answers changed, or whose label did, are marked `unscored`. Scoring them compares what
each of their answers counts for now with what it counted for before, and adds the difference to
the worker's counts. So the counts are the same in whatever order things happen, and the other
answers of the stage are not read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, or_, select, update

from hitline.consensus.known import agrees as agree
from hitline.consensus.known import meets
from hitline.model import ItemState
from hitline.policies import Policy
from hitline.standing import pace
from hitline.store.database import Store
from hitline.store.items import policies
from hitline.store.schema import answers, assignments, hit_items, items, paces, standings

ANSWERED_BEFORE = "answered before"
"""Why a second answer of the same person to an item does not count; it is no evidence either."""


@dataclass(frozen=True, kw_only=True)
class _Score:
    """What an answer counts for: right of a known item, like a settled label; None: neither."""

    known_right: bool | None
    agrees: bool | None


def score(store: Store, connection: Connection, pipeline: str, stage: str, *, most: int) -> int:
    """Enter what is new about up to `most` items of the stage; how many there were."""
    # Locked, so that of two runs each takes other items, and no answer comes in between.
    marked = list(
        connection.scalars(
            select(items.c.id)
            .where(items.c.unscored.is_(True), items.c.pipeline == pipeline, items.c.stage == stage)
            .order_by(items.c.id)
            .limit(most)
            .with_for_update(skip_locked=True, key_share=True)
        )
    )
    if not marked:
        return 0
    connection.execute(update(items).where(items.c.id.in_(marked)).values(unscored=False))
    workers = sorted(
        connection.scalars(
            select(answers.c.worker_id).where(answers.c.item_id.in_(marked)).distinct()
        )
    )
    since = _locked(store, connection, pipeline, stage, workers)
    versions = policies(connection, pipeline, stage)
    rows = _rows(connection, marked, workers)
    scores = _scores(rows, versions)
    changes: dict[str, Counter[str]] = defaultdict(Counter)
    times: Counter[tuple[str, int]] = Counter()
    stale = []
    for row in rows:
        new = scores[_key(row)]
        old = _Score(known_right=row.known_right, agrees=row.agrees)
        if row.scored and new == old:
            continue
        stale.append(
            {
                "b_assignment": row.assignment_id,
                "b_worker": row.worker_id,
                "b_item": row.item_id,
                "known_right": new.known_right,
                "agrees": new.agrees,
            }
        )
        pardoned = since[row.worker_id]
        fresh = pardoned is None or row.submitted_at >= pardoned
        _count(changes[row.worker_id], old, -1, fresh)
        _count(changes[row.worker_id], new, +1, fresh)
        if not row.scored:
            changes[row.worker_id]["answers"] += 1
            if row.accepted_at is not None:
                spent = (row.submitted_at - row.accepted_at).total_seconds()
                times[row.worker_id, pace(spent / max(row.slots, 1))] += 1
    _write(store, connection, pipeline, stage, stale, changes, times)
    return len(marked)


def _locked(
    store: Store, connection: Connection, pipeline: str, stage: str, workers: Sequence[str]
) -> dict[str, datetime | None]:
    """Since when each worker's answers are fresh; nobody else changes their counts meanwhile."""
    fresh = [{"pipeline": pipeline, "stage": stage, "worker_id": worker} for worker in workers]
    store.insert_new(connection, standings, fresh)
    rows = connection.execute(
        select(standings.c.worker_id, standings.c.since)
        .where(*_of(pipeline, stage), standings.c.worker_id.in_(workers))
        .order_by(standings.c.worker_id)
        .with_for_update()
    )
    return {row.worker_id: row.since for row in rows}


def _rows(connection: Connection, marked: Sequence[str], workers: Sequence[str]) -> list[Row[Any]]:
    """The answers to the marked items, and to the others that ask the same known question."""
    roots = (
        select(func.coalesce(items.c.copy_of, items.c.id))
        .where(items.c.id.in_(marked), items.c.gold.is_not(None))
        .distinct()
    )
    known = list(connection.scalars(roots))
    beside = hit_items.alias("beside")
    slots = select(func.count()).where(beside.c.hit_id == answers.c.hit_id).scalar_subquery()
    submission = (assignments.c.assignment_id == answers.c.assignment_id) & (
        assignments.c.worker_id == answers.c.worker_id
    )
    family = or_(items.c.id.in_(known), items.c.copy_of.in_(known))
    columns = (
        *(answers.c[name] for name in ("assignment_id", "worker_id", "item_id", "problem")),
        *(answers.c[name] for name in ("why_not", "submitted_at", "scored", "known_right")),
        answers.c.agrees,
        answers.c["values"].label("said"),
        *(items.c[name] for name in ("version", "gold", "label", "state")),
        func.coalesce(items.c.copy_of, items.c.id).label("root"),
        assignments.c.accepted_at,
        slots.label("slots"),
    )
    query = (
        select(*columns)
        .join(items, items.c.id == answers.c.item_id)
        .outerjoin(assignments, submission)
        .order_by(answers.c.submitted_at, answers.c.assignment_id, answers.c.item_id)
    )
    wanted: dict[tuple[str, str, str], Row[Any]] = {}
    conditions: list[ColumnElement[bool]] = [answers.c.item_id.in_(marked)]
    if known:
        conditions.append(family & answers.c.worker_id.in_(workers))
    for condition in conditions:
        wanted |= {_key(row): row for row in connection.execute(query.where(condition))}
    return sorted(wanted.values(), key=lambda row: (row.submitted_at, *_key(row)))


def _scores(
    rows: Iterable[Row[Any]], versions: Mapping[int, Policy]
) -> dict[tuple[str, str, str], _Score]:
    """What each answer counts for; of a person's answers to one known item only the first does."""
    met: set[tuple[str, str]] = set()
    found = {}
    for row in rows:
        known_right = agrees = None
        policy = versions.get(row.version)
        usable = row.said is not None and row.problem is None and row.why_not != ANSWERED_BEFORE
        if usable and policy is not None and policy.field in row.said:
            if row.gold is not None:
                if (row.worker_id, row.root) not in met:
                    known_right = meets(policy, row.said, row.gold)
                    met.add((row.worker_id, row.root))
            elif row.state == ItemState.SETTLED and row.label is not None:
                agrees = agree(policy, row.said, row.label)
        found[_key(row)] = _Score(known_right=known_right, agrees=agrees)
    return found


def _count(changes: Counter[str], what: _Score, by: int, fresh: bool) -> None:
    for said, of, good in (
        (what.known_right, "known", "right"),
        (what.agrees, "compared", "agreed"),
    ):
        if said is None:
            continue
        for prefix in ("", "fresh_") if fresh else ("",):
            changes[prefix + of] += by
            changes[prefix + good] += by * said


def _write(
    store: Store,
    connection: Connection,
    pipeline: str,
    stage: str,
    stale: Sequence[Mapping[str, Any]],
    changes: Mapping[str, Counter[str]],
    times: Mapping[tuple[str, int], int],
) -> None:
    if stale:
        connection.execute(
            update(answers)
            .where(
                answers.c.assignment_id == bindparam("b_assignment"),
                answers.c.worker_id == bindparam("b_worker"),
                answers.c.item_id == bindparam("b_item"),
            )
            .values(scored=True, known_right=bindparam("known_right"), agrees=bindparam("agrees")),
            list(stale),
        )
    for worker, counts in sorted(changes.items()):
        grown = {name: standings.c[name] + by for name, by in counts.items() if by}
        if grown:
            connection.execute(
                update(standings)
                .where(*_of(pipeline, stage), standings.c.worker_id == worker)
                .values(grown)
            )
    for (worker, bucket), count in sorted(times.items()):
        row = {"pipeline": pipeline, "stage": stage, "worker_id": worker, "bucket": bucket}
        statement = store.insert(paces).values(**row, answers=count)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(paces.primary_key.columns),
                set_={"answers": paces.c.answers + count},
            )
        )


def _of(pipeline: str, stage: str) -> tuple[ColumnElement[bool], ...]:
    return standings.c.pipeline == pipeline, standings.c.stage == stage


def _key(row: Row[Any]) -> tuple[str, str, str]:
    return row.assignment_id, row.worker_id, row.item_id
