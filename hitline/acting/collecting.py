"""Collecting: what the endpoint says of items, stored, and returned as the facts to decide on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from hitline import answers as reading
from hitline.acting import believing, paying
from hitline.errors import Gone, UnreadableAnswer
from hitline.facts import ItemFacts
from hitline.model import FINISHED, Assignment, AssignmentStatus, Hit, HitStatus, Item
from hitline.pipeline import Stage
from hitline.policies import Policy
from hitline.store import hits, items
from hitline.store.hits import HitRow
from hitline.wiring import Hitline


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
    for row in rows:
        if row.submitted < row.max_assignments and row.closed_at is None:
            may_have_ended = _is_over(hitline, row) or not set(ended).isdisjoint(row.item_ids)
            _read(hitline, stage, row, versions, may_have_ended)
    return believing.believe(hitline, stage, _facts(hitline, found, versions))


def _facts(
    hitline: Hitline, found: Sequence[Item], versions: Mapping[int, Policy]
) -> list[ItemFacts]:
    ids = [item.id for item in found]
    with hitline.store.reading() as connection:
        rows = hits.of_items(connection, ids)
        counted = hits.counted(connection, ids)
        unreadable = hits.unreadable(connection, ids)
        control = items.control(connection, found[0].pipeline, found[0].stage)
    return [
        ItemFacts(
            item=item,
            policy=versions[item.version],
            hits=tuple(row.facts for row in rows if item.id in row.item_ids),
            labels=tuple(
                values[versions[item.version].field] for values in counted.get(item.id, [])
            ),
            unreadable=unreadable.get(item.id, 0),
            now=hitline.clock.now(),
            control=control,
        )
        for item in found
    ]


def _read(
    hitline: Hitline,
    stage: Stage,
    row: HitRow,
    versions: Mapping[int, Policy],
    may_have_ended: bool,
) -> None:
    """Take over a HIT's submissions, and its state if it may have ended and is not full."""
    try:
        submissions = hitline.requester.assignments(row.hit_id)
        shown: Hit | None = None
        if len(submissions) < row.max_assignments and may_have_ended:
            shown = hitline.requester.get_hit(row.hit_id)
            # It may have ended between the two calls, with one last answer.
            if shown.status in (HitStatus.REVIEWABLE, HitStatus.REVIEWING):
                submissions = hitline.requester.assignments(row.hit_id)
    except Gone as gone:
        with hitline.store.writing() as connection:
            hits.change(connection, row.hit_id, status=HitStatus.DISPOSED)
            for item_id in row.item_ids:
                items.in_trouble(connection, item_id, f"HIT {row.hit_id} vanished ({gone.message})")
        return
    _keep(hitline, stage, row, submissions, shown, versions)


def _is_over(hitline: Hitline, row: HitRow) -> bool:
    return row.ended_by_us or hitline.clock.now() >= row.expires_at


def _keep(
    hitline: Hitline,
    stage: Stage,
    row: HitRow,
    submissions: Sequence[Assignment],
    shown: Hit | None,
    versions: Mapping[int, Policy],
) -> None:
    """Store the submissions and what each says of each item, in one transaction."""
    with hitline.store.writing() as connection:
        carried = {item.id: item for item in items.load(connection, row.item_ids)}
        counted = hits.known_workers(connection, row.item_ids)
        policy = versions[carried[row.item_ids[0]].version]
        for submission in submissions:
            stored = hits.record_assignment(
                hitline.store, connection, _assignment_row(submission, policy)
            )
            if stored:
                said = _answer_rows(stage, row, submission, carried, counted)
                hits.record_answers(hitline.store, connection, said)
            if submission.status is AssignmentStatus.APPROVED:
                # By a call of ours whose outcome was lost, by the endpoint itself, or by hand.
                paying.paid(
                    hitline, connection, row, submission.assignment_id, submission.worker_id
                )
        hits.change(connection, row.hit_id, submitted=len(submissions))
        if len(submissions) >= row.max_assignments:
            hits.change(connection, row.hit_id, status=HitStatus.REVIEWABLE, pending=0)
        if shown is not None:
            hits.refresh(connection, shown)
            paying.expired(hitline, connection, row, shown, len(submissions))


def _assignment_row(submission: Assignment, policy: Policy) -> dict[str, Any]:
    assert isinstance(policy.pay.within, timedelta)
    return {
        "assignment_id": submission.assignment_id,
        "worker_id": submission.worker_id,
        "hit_id": submission.hit_id,
        "status": submission.status,
        "accepted_at": submission.accepted_at,
        "submitted_at": submission.submitted_at,
        "auto_approval_at": submission.auto_approval_at,
        "answer": submission.answer,
        "judge_by": submission.submitted_at + policy.pay.within,
    }


def _answer_rows(
    stage: Stage,
    row: HitRow,
    submission: Assignment,
    carried: Mapping[str, Item],
    counted: set[tuple[str, str]],
) -> list[dict[str, Any]]:
    """What one submission says of each of the HIT's items; `counted` grows with what counts."""
    said = []
    for item_id, (values, problem) in zip(
        row.item_ids, _values(stage, submission, len(row.item_ids)), strict=True
    ):
        who = (item_id, submission.worker_id)
        why_not = None
        if problem is not None:
            why_not = "unreadable"
        elif carried[item_id].state in FINISHED:
            why_not = "late"
        elif who in counted:
            why_not = "answered before"
        elif submission.status is AssignmentStatus.REJECTED:
            why_not = "rejected"
        else:
            counted.add(who)
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


def _values(
    stage: Stage, submission: Assignment, slots: int
) -> list[tuple[dict[str, Any] | None, str | None]]:
    """(values, problem) for each slot: one of the two."""
    try:
        parsed = reading.parse(submission.answer)
    except UnreadableAnswer as unreadable:
        return [(None, str(unreadable))] * slots
    return [
        (None, slot.problem) if slot.problem else (slot.values, None)
        for slot in reading.read(parsed, [stage.answer], slots)
    ]
