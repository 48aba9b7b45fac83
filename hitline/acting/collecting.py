"""Collecting: what the endpoint says of items, stored, and returned as the facts to decide on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hitline import answers as reading
from hitline.acting import believing, judging, paying
from hitline.consensus.ruling import asked
from hitline.errors import Gone, MTurkError, UnreadableAnswer
from hitline.facts import ItemFacts
from hitline.fields import Field, label_of
from hitline.model import (
    FINISHED,
    Assignment,
    AssignmentStatus,
    Door,
    Hit,
    HitStatus,
    Item,
    ItemState,
    Label,
)
from hitline.pipeline import Stage
from hitline.policies import STAFF_RUNG, Policy
from hitline.store import hits, items, leases, relatives, sanctions, staffing
from hitline.store.hits import STOPPED, HitRow
from hitline.wiring import Hitline

ANSWERED_BEFORE = "answered before"
HAD_A_PART = "had a part in it before"
REPEATED = (ANSWERED_BEFORE, HAD_A_PART)
"""Why answers do not count whose workers would be kept off, where the endpoint does that."""

READERS = 4
"""HITs that the endpoint is asked about at the same time; the client has more connections."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the endpoint says of a HIT: its submissions, and the HIT itself where that was asked
    for; or that it is `gone`."""

    row: HitRow
    submissions: Sequence[Assignment] = ()
    hit: Hit | None = None
    gone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of the items of a chunk; `counted` are (item, worker), one answer each."""

    stage: Stage
    versions: Mapping[int, Policy]
    carried: Mapping[str, Item]
    counted: set[tuple[str, str]]
    stopped: Collection[str]
    about: Mapping[str, Any]


def collect(
    hitline: Hitline, item_ids: Sequence[str], ended: Collection[str] = ()
) -> list[ItemFacts]:
    """Read what is new about these items of one stage, store it, and return their facts.

    A HIT whose answers are all known is not asked for again; the state of a HIT is asked for only
    where it may have run out before it was full: after its time, or where an event said so of one
    of the items `ended`.
    """
    with hitline.store.reading() as connection:
        found = items.load(connection, item_ids)
        if not found:
            return []
        rows = hits.of_items(connection, item_ids)
        versions = items.policies(connection, found[0].pipeline, found[0].stage)
    stage = hitline.pipeline(found[0].pipeline).stage(found[0].stage)
    due = [row for row in rows if row.submitted < row.max_assignments and row.closed_at is None]
    read, failed = _read_all(hitline, due, ended)
    _keep(hitline, stage, read, versions)
    if failed is not None:
        raise failed
    return believing.believe(hitline, stage, facts_of(hitline, found, versions))


def facts_of(
    hitline: Hitline, found: Sequence[Item], versions: Mapping[int, Policy]
) -> list[ItemFacts]:
    """What our rows say of these items of one stage."""
    ids = [item.id for item in found]
    with hitline.store.reading() as connection:
        rows = hits.of_items(connection, ids)
        counted = hits.counted(connection, ids)
        unreadable = hits.unreadable(connection, ids)
        control = items.control(connection, found[0].pipeline, found[0].stage)
        by_staff = staffing.said(connection, ids)
        in_files = staffing.in_files(connection, ids)
    return [
        ItemFacts(
            item=item,
            policy=versions[item.version],
            hits=tuple(
                row.facts
                for row in rows
                if item.id in row.item_ids and row.generation >= item.generation
            ),
            labels=tuple(
                _label(versions[item.version], values) for values in counted.get(item.id, [])
            ),
            unreadable=unreadable.get(item.id, 0),
            now=hitline.clock.now(),
            control=control,
            by_staff=tuple(
                _label(versions[item.version], values) for values in by_staff.get(item.id, [])
            ),
            staff_file=in_files.get(item.id),
        )
        for item in found
    ]


def _label(policy: Policy, values: Mapping[str, Any]) -> Label:
    """One worker's answer as a label, as the version that the item was published under has it."""
    fields = asked(policy)
    return label_of(fields, values) if fields else str(values[policy.field])


def _read_all(
    hitline: Hitline, rows: Sequence[HitRow], ended: Collection[str]
) -> tuple[list[Shown], MTurkError | None]:
    """What the endpoint says of these HITs, several asked at a time; and the first failure.

    What could be read is returned all the same.
    """
    over = {
        row.hit_id
        for row in rows
        if _is_over(hitline, row) or not set(ended).isdisjoint(row.item_ids)
    }
    if len(rows) < 2:
        return [_read(hitline, row, row.hit_id in over) for row in rows], None
    read: list[Shown] = []
    failed: MTurkError | None = None
    with ThreadPoolExecutor(READERS) as pool:
        asked = [pool.submit(_read, hitline, row, row.hit_id in over) for row in rows]
    for one in asked:
        try:
            read.append(one.result())
        except MTurkError as error:
            failed = failed or error
    return read, failed


def _read(hitline: Hitline, row: HitRow, may_have_ended: bool) -> Shown:
    """A HIT's submissions, and its state if it may have ended and is not full."""
    try:
        submissions = hitline.requester.assignments(row.hit_id)
        shown: Hit | None = None
        if len(submissions) < row.max_assignments and may_have_ended:
            shown = hitline.requester.get_hit(row.hit_id)
            # It may have ended between the two calls, with one last answer.
            if shown.status in (HitStatus.REVIEWABLE, HitStatus.REVIEWING):
                submissions = hitline.requester.assignments(row.hit_id)
    except Gone as gone:
        return Shown(row=row, gone=gone.message)
    return Shown(row=row, submissions=submissions, hit=shown)


def _is_over(hitline: Hitline, row: HitRow) -> bool:
    return row.ended_by_us or hitline.clock.now() >= row.expires_at


def _keep(
    hitline: Hitline, stage: Stage, read: Sequence[Shown], versions: Mapping[int, Policy]
) -> None:
    """Store what was read, and what each submission says of each item, in one transaction."""
    if not read:
        return
    pipeline, name = read[0].row.pipeline, read[0].row.stage
    with hitline.store.writing() as connection:
        ids = sorted({item_id for one in read for item_id in one.row.item_ids})
        known = Known(
            stage=stage,
            versions=versions,
            carried={item.id: item for item in items.load(connection, ids)},
            counted=hits.known_workers(connection, ids),
            stopped=sanctions.stopped(connection, pipeline, name),
            about=hits.evidence_of(hitline.store, connection, pipeline, name),
        )
        for one in read:
            if one.gone is None:
                _take_over(hitline, connection, one, known)
                continue
            hits.change(connection, one.row.hit_id, status=HitStatus.DISPOSED)
            for item_id in one.row.item_ids:
                problem = f"HIT {one.row.hit_id} vanished ({one.gone})"
                items.in_trouble(connection, item_id, problem)


def _take_over(hitline: Hitline, connection: Connection, one: Shown, known: Known) -> None:
    """Store a HIT's submissions, and what follows from them for its money and its row."""
    row = one.row
    policy = known.versions[known.carried[row.item_ids[0]].version]
    barred = _barred(connection, row, known.carried, policy)
    due = False
    for submission in one.submissions:
        about = _assignment_row(submission, policy)
        if hits.record_assignment(hitline.store, connection, about):
            due |= about["judge_by"] <= hitline.clock.now()
            said = _answer_rows(row, submission, known, asked(policy) or known.stage.fields, barred)
            hits.add_answers(hitline.store, connection, said, known.about)
        # By a call of ours whose outcome was lost, by the endpoint itself, or by hand.
        who = (submission.assignment_id, submission.worker_id)
        if submission.status is AssignmentStatus.APPROVED:
            paying.paid(hitline, connection, row, *who)
        elif submission.status is AssignmentStatus.REJECTED:
            judging.rejected(hitline, connection, row, who)
    if due:
        wall = hitline.clock.wall()
        leases.mark(hitline.store, connection, row.item_ids, Door.CLOSE, "to be judged", wall)
    full = {"status": HitStatus.REVIEWABLE, "pending": 0}
    is_full = len(one.submissions) >= row.max_assignments
    hits.change(connection, row.hit_id, submitted=len(one.submissions), **(full if is_full else {}))
    if one.hit is not None:
        hits.refresh(connection, one.hit)
        paying.expired(hitline, connection, row, one.hit, len(one.submissions))


def _assignment_row(submission: Assignment, policy: Policy) -> dict[str, Any]:
    return {
        "assignment_id": submission.assignment_id,
        "worker_id": submission.worker_id,
        "hit_id": submission.hit_id,
        "status": submission.status,
        "accepted_at": submission.accepted_at,
        "submitted_at": submission.submitted_at,
        "auto_approval_at": submission.auto_approval_at,
        "answer": submission.answer,
        "judge_by": policy.pay.judge_by(submission.submitted_at),
    }


def _answer_rows(
    row: HitRow,
    submission: Assignment,
    known: Known,
    fields: Sequence[Field],
    barred: Collection[tuple[str, str]],
) -> list[dict[str, Any]]:
    """What one submission says of each of the HIT's items; `known.counted` grows with what counts.

    What a worker submits who is stopped in the stage does not, unless they are pardoned; nor
    what somebody says who is `barred` from the item for what they had to do with it before. What
    staff say counts.
    """
    said = []
    for item_id, (values, problem) in zip(
        row.item_ids, values_of(fields, submission.answer, len(row.item_ids)), strict=True
    ):
        who = (item_id, submission.worker_id)
        why_not = None
        if problem is not None:
            why_not = "unreadable"
        elif _is_late(row, known.carried[item_id]):
            why_not = "late"
        elif who in known.counted and row.rung != STAFF_RUNG:
            why_not = ANSWERED_BEFORE
        elif who in barred:
            why_not = HAD_A_PART
        elif submission.status is AssignmentStatus.REJECTED:
            why_not = "rejected"
        else:
            known.counted.add(who)
            why_not = STOPPED if submission.worker_id in known.stopped else None
        said.append(
            {
                "assignment_id": submission.assignment_id,
                "worker_id": submission.worker_id,
                "item_id": item_id,
                "hit_id": row.hit_id,
                "values": values,
                "problem": problem,
                "counted": why_not is None,
                "why_not": why_not,
                "submitted_at": submission.submitted_at,
            }
        )
    return said


def _is_late(row: HitRow, item: Item) -> bool:
    """Whether the item needs no answer of this HIT: in the queue it needs those of staff."""
    if item.state is ItemState.STAFF and row.rung == STAFF_RUNG:
        return False
    return item.state in FINISHED or row.generation < item.generation


def _barred(
    connection: Connection, row: HitRow, carried: Mapping[str, Item], policy: Policy
) -> set[tuple[str, str]]:
    """(item, worker) of those who may not answer for what they have answered elsewhere."""
    if not policy.once.beyond_the_item or row.rung == STAFF_RUNG:
        return set()
    barred: set[tuple[str, str]] = set()
    for item in carried.values():
        relatives.lock(connection, item, policy.once)
        workers = relatives.had_a_part(connection, item, policy.once)
        barred |= {(item.id, worker_id) for worker_id in workers}
    return barred


def values_of(
    fields: Sequence[Field], answer: str | None, slots: int
) -> list[tuple[dict[str, Any] | None, str | None]]:
    """(values, problem) for each slot of a submission's XML: one of the two."""
    try:
        parsed = reading.parse(answer)
    except UnreadableAnswer as unreadable:
        return [(None, str(unreadable))] * slots
    return [
        (None, slot.problem) if slot.problem else (slot.values, None)
        for slot in reading.read(parsed, fields, slots)
    ]
