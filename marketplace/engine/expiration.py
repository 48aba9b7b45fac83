"""Expiry: by the clock, by the requester, and the extension that is an increment inside.

UpdateExpirationForHIT takes a time, but what MTurk checks is the increment over the current
expiration, and it remembers the target under a token of its own (both seen in its error texts).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.engine import hits, tokens
from marketplace.engine.events import EventType, emit
from marketplace.engine.model import Hit
from marketplace.engine.states import HitStatus
from marketplace.engine.transaction import Transaction
from marketplace.engine.upkeep import ALIVE
from marketplace.errors import ParameterValidationError

SHORTEST_INCREMENT = 60
LONGEST_INCREMENT = 31_536_000


def update(tx: Transaction, requester_id: str, hit_id: str, expire_at: datetime) -> None:
    """Expire now if `expire_at` is not in the future, else prolong the HIT's life until then."""
    hit = hits.find(tx, requester_id, hit_id)
    if hit.status is HitStatus.DISPOSED:
        raise hits.invalid_state(hit, *ALIVE)
    if expire_at > tx.now:
        hits.refuse_if_new(tx, hit)
        _prolong(tx, hit, expire_at.replace(microsecond=0))
    elif not hit.expired:
        hit = expire(tx, hit, tx.now.replace(microsecond=0))
        if tx.settings.drop_events_after_forced_expiry:
            hits.change(tx, hit, muted=True)


def expire(tx: Transaction, hit: Hit, moment: datetime) -> Hit:
    """Take the HIT off the market; held assignments go on.

    HITExpired tells of a HIT that still lacks submissions, and comes before HITReviewable.
    """
    if hit.done < hit.max_assignments:
        emit(tx, EventType.HIT_EXPIRED, hit)
    return hits.change(
        tx, hit, expired=True, expires_at=moment, active_at=max(moment, hit.active_at)
    )


def increment(current: datetime, target: datetime, *, now: datetime) -> int:
    """Seconds by which `target` prolongs: over the expiration, or over now once that has passed."""
    return int((target - max(current, now)) / timedelta(seconds=1))


def java_date(moment: datetime) -> str:
    """A UTC time as Java prints it, a part of the token that MTurk makes."""
    return moment.strftime("%a %b %d %H:%M:%S UTC %Y")


def _prolong(tx: Transaction, hit: Hit, target: datetime) -> None:
    operation = "UpdateExpirationForHIT"
    token = f"{hit.hit_id}{java_date(target)}"
    tokens.refuse_reuse(tx, hit.requester_id, operation, token)
    seconds = increment(hit.expires_at, target, now=tx.now)
    if not SHORTEST_INCREMENT <= seconds <= LONGEST_INCREMENT:
        raise ParameterValidationError(
            f"The value {seconds} is invalid for ExpirationIncrementInSeconds. "
            f"Valid values range from {SHORTEST_INCREMENT} to {LONGEST_INCREMENT}."
        )
    hits.change(
        tx,
        hit,
        expired=False,
        muted=False,
        expires_at=target,
        active_at=max(tx.now, hit.active_at),
    )
    tokens.remember(tx, hit.requester_id, operation, token, hit.hit_id)
