"""What a requester does with a posted HIT: extend, retype, mark, delete."""

from __future__ import annotations

from marketplace.engine import account, hit_types, hits, tokens
from marketplace.engine.events import EventType, emit
from marketplace.engine.fees import LARGE_HIT_FROM
from marketplace.engine.model import Hit
from marketplace.engine.states import HitStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import RequestError

COMPLETE = (HitStatus.REVIEWING, HitStatus.REVIEWABLE)
ALIVE = (
    HitStatus.ASSIGNABLE,
    HitStatus.UNASSIGNABLE,
    HitStatus.REVIEWING,
    HitStatus.REVIEWABLE,
)


def add_assignments(
    tx: Transaction, requester_id: str, hit_id: str, number: int, token: str | None
) -> None:
    """Ask for `number` more assignments; an expired HIT stays expired."""
    operation = "CreateAdditionalAssignmentsForHIT"
    hit = hits.find(tx, requester_id, hit_id)
    if token is not None:
        tokens.refuse_reuse(tx, requester_id, operation, token)
    if hit.status is HitStatus.DISPOSED:
        raise hits.invalid_state(hit, *ALIVE)
    hits.refuse_if_new(tx, hit)
    extend(tx, hit, number)
    if token is not None:
        tokens.remember(tx, requester_id, operation, token, hit_id)


def extend(tx: Transaction, hit: Hit, number: int) -> None:
    """Add assignments to a HIT, if its size and its requester's money allow it."""
    maximum = hit.max_assignments + number
    if (
        tx.settings.wall_of_nine == "on"
        and hit.max_assignments < LARGE_HIT_FROM
        and maximum >= LARGE_HIT_FROM
    ):
        raise RequestError(
            f"The HIT {hit.hit_id} was created with fewer than {LARGE_HIT_FROM} assignments and "
            f"cannot be extended to {maximum}.",
            code="AWS.MechanicalTurk.InvalidMaximumAssignmentsIncrease",
        )
    # Nothing is held for the slots of an expired HIT, but they must be payable all the same.
    account.require(tx, hit.requester_id, hit.cost * number)
    emit(tx, EventType.HIT_EXTENDED, hit)
    hits.change(tx, hit, max_assignments=maximum, active_at=max(tx.now, hit.active_at))


def change_type(tx: Transaction, requester_id: str, hit_id: str, hit_type_id: str) -> None:
    """Move a HIT that nobody ever accepted to another HIT type, with all its attributes."""
    hit = hits.find(tx, requester_id, hit_id)
    hit_type = hit_types.find(tx, requester_id, hit_type_id)
    if hit.status is HitStatus.DISPOSED:
        raise hits.invalid_state(hit, *ALIVE)
    hits.refuse_if_new(tx, hit)
    if hit.ever_accepted:
        raise RequestError(
            f"The HITType of HIT {hit_id} cannot be changed: an assignment of it was accepted.",
            code="AWS.MechanicalTurk.InvalidHITState",
        )
    hits.change(tx, hit, type=hit_type)


def mark(tx: Transaction, requester_id: str, hit_id: str, *, revert: bool) -> None:
    """Reviewable to Reviewing, or back; every other state is refused, so it is no toggle."""
    hit = hits.find(tx, requester_id, hit_id)
    needed = HitStatus.REVIEWING if revert else HitStatus.REVIEWABLE
    if hit.status is not needed:
        raise hits.invalid_state(hit, needed)
    hits.change(tx, hit, reviewing=not revert)


def delete(tx: Transaction, requester_id: str, hit_id: str) -> None:
    """Dispose of a complete HIT whose submissions were all approved or rejected.

    With unjudged submissions MTurk's refusal names a state that it allows; so does this one.
    """
    hit = hits.find(tx, requester_id, hit_id)
    if hit.status not in COMPLETE or hit.submitted:
        raise hits.invalid_state(hit, *COMPLETE)
    dispose(tx, hit)


def dispose(tx: Transaction, hit: Hit) -> None:
    """Make a HIT Disposed."""
    emit(tx, EventType.HIT_DISPOSED, hit)
    hits.change(tx, hit, disposed=True)
