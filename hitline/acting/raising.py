"""Raising a reward: an expired HIT is offered again, dearer, without being posted anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from hitline.acting import offering
from hitline.acting.changing import Change, forget, keep, live_until, look_at, reserve, withdraw
from hitline.acting.paying import assignment_cost
from hitline.acting.posting import STOPPED, Outcome, hold
from hitline.errors import MTurkError, NotAuthorized, OutOfFunds, Retryable, WrongState
from hitline.facts import Control
from hitline.model import Hit, Item
from hitline.policies import Policy
from hitline.store import hits, intents, items, ledger
from hitline.store.intents import Intent
from hitline.store.ledger import NOTHING
from hitline.tokens import call_token
from hitline.verdicts import Repost
from hitline.wiring import Hitline


def raise_in_place(
    hitline: Hitline, together: Sequence[Item], order: Repost, policy: Policy
) -> Outcome | None:
    """Offer an expired HIT again at a higher reward; None if somebody took it once.

    MTurk changes the type of a HIT only while no assignment of it was ever accepted, and does not
    show those accepted and returned: it is tried, and a refusal is an answer.
    """
    change = _raise(hitline, together, order, policy)
    short = reserve(hitline, change)
    if short == STOPPED:
        return Outcome(said=STOPPED, again=True)
    if short is not None:
        return hold(hitline, change.items, short, for_money=True)
    try:
        hitline.requester.change_type(change.hit_id, change.detail["to_type"])
        _reopen(hitline, change.hit_id, policy, change.detail["from_type"])
    except (Retryable, NotAuthorized):
        raise  # the call may have taken effect; the next run looks
    except WrongState:
        forget(hitline, change, "somebody took it once")
        return None
    except MTurkError as refused:
        return withdraw(hitline, change, refused)
    # It is open and dearer: no failure from here on gives its money back.
    shown = hitline.requester.get_hit(change.hit_id)
    with hitline.store.writing() as connection:
        hits.refresh(connection, shown)
        items.opened(connection, [item.id for item in together])
        intents.done(connection, change.token, "raised", hitline.clock.wall())
    return Outcome(said=change.cause, hit_id=change.hit_id)


def _raise(hitline: Hitline, together: Sequence[Item], order: Repost, policy: Policy) -> Change:
    hit, item, reward = order.hit, together[0], policy.rewards[order.rung]
    with hitline.store.reading() as connection:
        (row,) = hits.load(connection, [hit.hit_id])
        reserved = ledger.reserved_by(connection, hit.hit_id)
    stage = hitline.pipeline(item.pipeline).stage(item.stage)
    to_type = offering.type_for(hitline, stage, together, policy, order.rung)
    dearer = assignment_cost(hitline, reward, hit.max_assignments).times(hit.max_assignments)
    return Change(
        kind="raise",
        token=call_token("raise", hit.hit_id, order.rung),
        items=tuple(together),
        hit_id=hit.hit_id,
        detail={
            "from_type": row.hit_type_id,
            "to_type": to_type,
            "expired_at": hit.expires_at.isoformat(),
        },
        cost=(dearer - reserved).at_least(NOTHING),
        cause=f"raised to {reward}",
    )


def _reopen(hitline: Hitline, hit_id: str, policy: Policy, before: str) -> None:
    """Open a HIT of a new type again; one that cannot be opened gets its type `before` back.

    A type says at which rung a HIT was offered, so none is left on a HIT that was not.
    """
    until = hitline.clock.now() + policy.lifetime
    try:
        live_until(hitline, hit_id, until.replace(microsecond=0) + timedelta(seconds=1))
    except (Retryable, NotAuthorized):
        raise
    except MTurkError:
        hitline.requester.change_type(hit_id, before)
        raise


def finish(hitline: Hitline, intent: Intent) -> None:
    """See what became of a raise that was begun and has no outcome, and finish it.

    A HIT that got its new type and was not opened again was never offered at the new reward.
    """
    assert intent.hit_id is not None
    hit = look_at(hitline, intent.hit_id)
    if hit is not None and _is_half_raised(intent, hit):
        hit = _go_on(hitline, intent, hit)
    keep(hitline, intent, hit, hit is not None and hit.hit_type_id == intent.detail["to_type"])


def _is_half_raised(intent: Intent, hit: Hit) -> bool:
    expired_at = datetime.fromisoformat(intent.detail["expired_at"])
    return hit.hit_type_id == intent.detail["to_type"] and hit.expires_at <= expired_at


def _go_on(hitline: Hitline, intent: Intent, hit: Hit) -> Hit:
    """Open it; or, if the stage asks nothing any more or cannot pay, give it its old type back."""
    before = intent.detail["from_type"]
    with hitline.store.reading() as connection:
        item = items.load(connection, intent.item_ids)[0]
        policy = items.policies(connection, item.pipeline, item.stage)[item.version]
        control = items.control(connection, item.pipeline, item.stage)
    try:
        if control is Control.RUNNING:
            _reopen(hitline, hit.hit_id, policy, before)
        else:
            hitline.requester.change_type(hit.hit_id, before)
    except OutOfFunds:
        pass  # it has its old type again, and the next decision says that the money is missing
    return hitline.requester.get_hit(hit.hit_id)
