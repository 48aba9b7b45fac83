"""Closing: judge what is due, mark finished HITs Reviewing, dispose of them after the grace."""

from __future__ import annotations

from dataclasses import dataclass

from hitline.acting import judging, paying, reopening
from hitline.acting.changing import end_early
from hitline.errors import Gone, WrongState
from hitline.model import AssignmentStatus, Door, HitStatus, ItemState
from hitline.policies import Policy
from hitline.store import bonuses, hits, items, judgements, leases
from hitline.store.hits import HitRow
from hitline.store.leases import Leased
from hitline.wiring import Hitline


@dataclass(frozen=True, kw_only=True)
class Closed:
    """What closing an item's HITs came to."""

    approved: int = 0
    rejected: int = 0
    reviewing: int = 0
    disposed: int = 0

    def __add__(self, other: Closed) -> Closed:
        return Closed(
            approved=self.approved + other.approved,
            rejected=self.rejected + other.rejected,
            reviewing=self.reviewing + other.reviewing,
            disposed=self.disposed + other.disposed,
        )


def close(hitline: Hitline, item_id: str) -> Closed:
    """Do what is due for every HIT of an item; what is not due yet is left to the sweep."""
    with hitline.store.reading() as connection:
        item = items.load(connection, [item_id])[0]
        rows = hits.of_items(connection, [item_id])
        policy = items.policies(connection, item.pipeline, item.stage)[item.version]
    done = Closed()
    for row in rows:
        if row.disposed_at is None:
            done += _close(hitline, row, policy)
    return done


def reconsider(hitline: Hitline, leased: Leased) -> bool:
    """Look anew at a label that stands on answers which were rejected; whether its lease was given
    up for that."""
    with hitline.store.reading() as connection:
        item = items.load(connection, [leased.item_id])[0]
        if item.state is not ItemState.SETTLED or not judgements.any_rejected(connection, item.id):
            return False
    with hitline.store.writing() as connection:
        leases.release(connection, [item.id], leased.owner)
    reopening.reconsider(hitline, item.pipeline, item.stage, "an answer was rejected", [item.id])
    return True


def _close(hitline: Hitline, row: HitRow, policy: Policy) -> Closed:
    now = hitline.clock.now()
    with hitline.store.reading() as connection:
        finished = hits.unfinished_items(connection, row.hit_id) == 0
        at_once = finished and policy.pay.on == "settlement" and not policy.pay.delay
        due = hits.owed(connection, row.hit_id, None if at_once else now)
    if finished and not at_once:
        due = _due_once_finished(hitline, row, policy)
    judged = [judging.judge(hitline, row, policy, who) for who in due]
    done = Closed(
        approved=judged.count(AssignmentStatus.APPROVED),
        rejected=judged.count(AssignmentStatus.REJECTED),
    )
    if not finished:
        return done
    reviewing = row.closed_at is None and _mark_reviewing(hitline, row)
    over = row.closed_at is not None and now - row.closed_at >= policy.kept_for
    return done + Closed(reviewing=int(reviewing), disposed=int(over and _dispose(hitline, row)))


def _due_once_finished(hitline: Hitline, row: HitRow, policy: Policy) -> list[tuple[str, str]]:
    """What is due by now of a finished HIT; when the rest will be is noted for the sweep."""
    now = hitline.clock.now()
    with hitline.store.writing() as connection:
        finished_at = judgements.finished_at(connection, row.hit_id) or now
        for who, submitted_at in judgements.unjudged(connection, row.hit_id):
            judge_by = policy.pay.judge_by(submitted_at, finished_at)
            judgements.bring_forward(connection, *who, judge_by)
        return hits.owed(connection, row.hit_id, now)


def _mark_reviewing(hitline: Hitline, row: HitRow) -> bool:
    """Take a finished HIT off the list of those to look at, once nobody works on it any more."""
    if row.status is HitStatus.DISPOSED:
        _write_off(hitline, row)
        return False
    if row.submitted < row.max_assignments:
        # Its items need no more answers, so nobody else may begin one.
        if row.status is not HitStatus.REVIEWABLE and not _ends(hitline, row):
            return False
        if _has_more(hitline, row):
            return False
    with hitline.store.reading() as connection:
        if judgements.unjudged(connection, row.hit_id):
            return False  # the sweep comes back when they are due
    try:
        hitline.requester.mark_reviewing(row.hit_id)
    except (Gone, WrongState):
        shown_status = _status(hitline, row)
        if shown_status not in (HitStatus.REVIEWING, HitStatus.DISPOSED):
            return False
    _write_off(hitline, row)
    return True


def _ends(hitline: Hitline, row: HitRow) -> bool:
    shown = end_early(hitline, row.hit_id)
    return shown is not None and shown.status in (HitStatus.REVIEWABLE, HitStatus.REVIEWING)


def _has_more(hitline: Hitline, row: HitRow) -> bool:
    """Whether answers came that were not read yet; reading them brings the item back here.

    Their events may have been lost, so the item is marked to be looked at.
    """
    try:
        more = len(hitline.requester.assignments(row.hit_id)) > row.submitted
    except Gone:
        return False
    if more:
        wall = hitline.clock.wall()
        with hitline.store.writing() as connection:
            ids, cause = row.item_ids, "answers that were not read"
            leases.mark(hitline.store, connection, ids, Door.AGGREGATE, cause, wall)
    return more


def _status(hitline: Hitline, row: HitRow) -> HitStatus:
    try:
        return hitline.requester.get_hit(row.hit_id).status
    except Gone:
        return HitStatus.DISPOSED


def _write_off(hitline: Hitline, row: HitRow) -> None:
    """The HIT is closed: what it still reserves will never be spent."""
    now = hitline.clock.now()
    with hitline.store.writing() as connection:
        status = HitStatus.REVIEWING if row.status is not HitStatus.DISPOSED else row.status
        hits.change(connection, row.hit_id, closed_at=now, status=status, pending=0)
        paying.closed(hitline, connection, row)


def _dispose(hitline: Hitline, row: HitRow) -> bool:
    """Not while a bonus for it is under way: of what is disposed of, none is shown or taken."""
    with hitline.store.reading() as connection:
        if bonuses.under_way(connection, row.hit_id):
            return False
    try:
        hitline.requester.dispose(row.hit_id)
    except Gone:
        pass
    except WrongState:
        if _status(hitline, row) is not HitStatus.DISPOSED:
            raise
    with hitline.store.writing() as connection:
        hits.change(
            connection, row.hit_id, disposed_at=hitline.clock.now(), status=HitStatus.DISPOSED
        )
    return True
