"""Changing HITs that are out: more answers, an early end; and what all changes have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from hitline.acting import budgeting
from hitline.acting.paying import assignment_cost
from hitline.acting.posting import STOPPED, Outcome, hold
from hitline.errors import (
    AlreadyDone,
    Gone,
    MTurkError,
    NotAuthorized,
    NotYet,
    OutOfFunds,
    Retryable,
    WrongState,
)
from hitline.facts import Control
from hitline.model import Hit, HitStatus, Item
from hitline.policies import Policy
from hitline.store import hits, intents, items, ledger
from hitline.store.intents import Intent
from hitline.store.ledger import Amount
from hitline.tokens import call_token
from hitline.verdicts import Extend
from hitline.wiring import Hitline


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one HIT, and the money it may come to cost."""

    kind: str
    token: str
    items: tuple[Item, ...]
    hit_id: str
    detail: dict[str, Any]
    cost: Amount
    cause: str


def extend(hitline: Hitline, item: Item, order: Extend, policy: Policy) -> Outcome:
    """Ask more people on the same HIT: first time enough for them, then the assignments."""
    before, after = order.hit.max_assignments, order.hit.max_assignments + order.answers
    change = Change(
        kind="extend",
        token=call_token("extend", order.hit.hit_id, before, after),
        items=(item,),
        hit_id=order.hit.hit_id,
        detail={"after": after},
        cost=assignment_cost(hitline, order.hit.reward, after).times(order.answers),
        cause=f"{order.answers} more answers",
    )
    short = reserve(hitline, change)
    if short == STOPPED:
        return Outcome(said=STOPPED, again=True)
    if short is not None:
        return hold(hitline, change.items, short, for_money=True)
    try:
        if order.until is not None:
            # Counted from now: the decision may have waited for others of its chunk.
            fair = hitline.clock.now().replace(microsecond=0) + policy.lifetime
            until = max(order.until, fair + timedelta(seconds=1))
            live_until(hitline, order.hit.hit_id, until)
        _add(hitline, order, change.token)
    except (Retryable, NotAuthorized):
        raise  # the call may have taken effect; the next run looks
    except MTurkError as refused:
        return withdraw(hitline, change, refused)
    hit = hitline.requester.get_hit(order.hit.hit_id) if order.until is not None else None
    with hitline.store.writing() as connection:
        if hit is not None:
            hits.refresh(connection, hit)
        else:
            hits.change(
                connection,
                order.hit.hit_id,
                max_assignments=after,
                status=HitStatus.ASSIGNABLE,
                pending=0,
            )
        items.opened(connection, [item.id])
        intents.done(connection, change.token, "extended", hitline.clock.wall())
    return Outcome(said=f"{order.answers} more on the same HIT", hit_id=order.hit.hit_id)


def end_early(hitline: Hitline, hit_id: str) -> Hit | None:
    """Let nobody else accept the HIT; what is held may still be submitted. None if it is gone."""
    with hitline.store.writing() as connection:
        # Said before the call: an expiry of our own making never raises a reward.
        hits.change(connection, hit_id, ended_by_us=True)
    try:
        hitline.requester.expire(hit_id)
        hit = hitline.requester.get_hit(hit_id)
    except (Gone, WrongState):
        hit = None
    with hitline.store.writing() as connection:
        _store(connection, hit_id, hit)
    return hit


def finish(hitline: Hitline, intent: Intent) -> None:
    """See what became of an extension that was begun and has no outcome, and write it down.

    The facts then decide anew; the same change, decided again, bears the same token.
    """
    assert intent.hit_id is not None
    hit = look_at(hitline, intent.hit_id)
    keep(hitline, intent, hit, hit is not None and hit.max_assignments >= intent.detail["after"])


def look_at(hitline: Hitline, hit_id: str) -> Hit | None:
    """The HIT as the endpoint shows it; None if it is gone."""
    try:
        return hitline.requester.get_hit(hit_id)
    except Gone:
        return None


def keep(hitline: Hitline, intent: Intent, hit: Hit | None, happened: bool) -> None:
    """Store how a change that was begun ended, with the HIT as it is shown."""
    assert intent.hit_id is not None
    with hitline.store.writing() as connection:
        _store(connection, intent.hit_id, hit)
        if happened:
            items.opened(connection, intent.item_ids)
            intents.done(connection, intent.token, "found done", hitline.clock.wall())
        else:
            intents.done(connection, intent.token, "failed: not done", hitline.clock.wall())
            ledger.forget(connection, f"reserve:{intent.token}")


def reserve(hitline: Hitline, change: Change) -> str | None:
    """Write the intent and its money down; or say why there is not enough room for it."""
    wall, now, item = hitline.clock.wall(), hitline.clock.now(), change.items[0]
    with hitline.store.writing() as connection:
        if items.control(connection, item.pipeline, item.stage) is Control.STOPPED:
            return STOPPED  # since it was decided
        short = budgeting.reserve(
            hitline,
            connection,
            token=change.token,
            pipeline=item.pipeline,
            stage=item.stage,
            amount=change.cost,
            cause=change.cause,
            item_id=item.id if len(change.items) == 1 else None,
            hit_id=change.hit_id,
        )
        if short is not None:
            return short
        intents.begin(
            hitline.store,
            connection,
            Intent(
                token=change.token,
                kind=change.kind,
                pipeline=item.pipeline,
                stage=item.stage,
                item_ids=tuple(each.id for each in change.items),
                hit_id=change.hit_id,
                detail=dict(change.detail),
                created_at=now,
            ),
            wall,
        )
    return None


def live_until(hitline: Hitline, hit_id: str, until: datetime) -> None:
    """Move the expiry. It has no token of ours: the endpoint remembers the target itself."""
    try:
        hitline.requester.extend_expiry(hit_id, until)
    except AlreadyDone:
        return


def _add(hitline: Hitline, order: Extend, token: str) -> None:
    try:
        hitline.requester.add_assignments(order.hit.hit_id, order.answers, token)
    except AlreadyDone as done:
        # The first call took effect and its answer was lost. Verified, not believed.
        shown = hitline.requester.get_hit(order.hit.hit_id)
        if shown.max_assignments < order.hit.max_assignments + order.answers:
            raise NotYet(done.operation, f"{done.message}, and the HIT does not show it") from done


def withdraw(hitline: Hitline, change: Change, refused: MTurkError) -> Outcome:
    """The endpoint will not have it: nothing more is reserved, and we see where the HIT stands."""
    forget(hitline, change, str(refused))
    shown = look_at(hitline, change.hit_id)
    with hitline.store.writing() as connection:
        _store(connection, change.hit_id, shown)
    if isinstance(refused, Gone | WrongState):
        return Outcome(said=f"not possible any more: {refused}", again=True)
    short = isinstance(refused, OutOfFunds)
    return hold(
        hitline, change.items, "the account has not enough funds" if short else str(refused)
    )


def forget(hitline: Hitline, change: Change, why: str) -> None:
    with hitline.store.writing() as connection:
        intents.done(connection, change.token, f"failed: {why}", hitline.clock.wall())
        ledger.forget(connection, f"reserve:{change.token}")


def _store(connection: Connection, hit_id: str, shown: Hit | None) -> None:
    if shown is None:
        hits.change(connection, hit_id, status=HitStatus.DISPOSED)
    else:
        hits.refresh(connection, shown)
