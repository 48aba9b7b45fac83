"""The audit's rule: what of a HIT's money stands otherwise in our ledger than at the endpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from hitline.model import Assignment, AssignmentStatus, BonusPayment, Hit, HitStatus
from hitline.money import NOTHING, Fees

_OVER = (HitStatus.REVIEWABLE, HitStatus.REVIEWING, HitStatus.DISPOSED)


@dataclass(frozen=True, kw_only=True)
class Book:
    """A HIT's money in our ledger, in dollars with fees.

    `settled` is by assignment and worker, `bonuses` are (reward, fee) pairs by assignment.
    """

    hit_id: str
    pipeline: str
    closed: bool = False
    disposed: bool = False
    settled: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    bonuses: Mapping[str, Sequence[tuple[Decimal, Decimal]]] = field(default_factory=dict)
    reserved: Decimal = NOTHING

    @property
    def paid(self) -> Decimal:
        bonuses = (reward + fee for paid in self.bonuses.values() for reward, fee in paid)
        return sum(self.settled.values(), NOTHING) + sum(bonuses, NOTHING)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A HIT as the endpoint shows it, with its submissions and bonuses."""

    hit: Hit
    assignments: Sequence[Assignment] = ()
    bonuses: Sequence[BonusPayment] = ()

    def cost(self, fees: Fees) -> Decimal:
        """What one approved assignment of it costs."""
        return self.hit.reward + fees.assignment_fee(self.hit.reward, self.hit.max_assignments)

    def paid(self, fees: Fees) -> Decimal:
        """What the endpoint has charged for it."""
        approved = sum(one.status is AssignmentStatus.APPROVED for one in self.assignments)
        bonuses = (one.amount + fees.bonus_fee(one.amount) for one in self.bonuses)
        return self.cost(fees) * approved + sum(bonuses, NOTHING)

    def may_cost(self, fees: Fees, now: datetime) -> Decimal:
        """What it may still come to cost: places that are open or held, and what is unjudged."""
        over = self.hit.status in _OVER
        places = 0 if over else self.hit.pending
        if not over and now < self.hit.expires_at:
            places += self.hit.available
        unjudged = sum(one.status is AssignmentStatus.SUBMITTED for one in self.assignments)
        return self.cost(fees) * (places + unjudged)


@dataclass(frozen=True, kw_only=True, order=True)
class Difference:
    """Where the two do not agree, in one sentence."""

    hit_id: str
    said: str


def differences(book: Book, shown: Shown | None, fees: Fees, now: datetime) -> list[Difference]:
    """All that stands otherwise; `shown` is None for a HIT that the endpoint does not have."""
    said: list[str] = []
    if shown is None:
        if not book.disposed:
            said.append("is out by our ledger, and the endpoint has no such HIT")
    else:
        said += _of_assignments(book, shown, fees)
        said += _of_bonuses(book, shown, fees)
        said += _of_reserves(book, shown, fees, now)
    if (book.closed or book.disposed) and book.reserved > 0 and not _unjudged(shown):
        said.append(f"is closed, and {book.reserved} are still reserved for it")
    if book.reserved < 0:
        said.append(f"was settled with {-book.reserved} more than was reserved for it")
    return [Difference(hit_id=book.hit_id, said=one) for one in said]


def _unjudged(shown: Shown | None) -> bool:
    return shown is not None and any(
        one.status is AssignmentStatus.SUBMITTED for one in shown.assignments
    )


def _of_assignments(book: Book, shown: Shown, fees: Fees) -> list[str]:
    said = []
    cost = shown.cost(fees)
    status = {(one.assignment_id, one.worker_id): one.status for one in shown.assignments}
    for who in sorted(book.settled.keys() | status.keys()):
        settled, approved = book.settled.get(who), status.get(who) is AssignmentStatus.APPROVED
        named = f"assignment {who[0]} of worker {who[1]}"
        if approved and settled is None:
            said.append(f"{named} is approved there ({cost}) and not settled here")
        elif settled is not None and not approved:
            there = f"is {status[who]} there" if who in status else "is unknown there"
            said.append(f"{named} is settled here ({settled}) and {there}")
        elif settled is not None and settled != cost:
            said.append(f"{named} is settled here with {settled}, and costs {cost} there")
    return said


def _of_bonuses(book: Book, shown: Shown, fees: Fees) -> list[str]:
    said = []
    there: dict[str, Counter[tuple[Decimal, Decimal]]] = {}
    for bonus in shown.bonuses:
        paid = (bonus.amount, fees.bonus_fee(bonus.amount))
        there.setdefault(bonus.assignment_id, Counter())[paid] += 1
    for assignment_id in sorted(book.bonuses.keys() | there.keys()):
        ours = Counter(book.bonuses.get(assignment_id, ()))
        theirs = there.get(assignment_id, Counter())
        for (amount, fee), times in sorted((theirs - ours).items()):
            about = f"{amount} and its fee of {fee} for assignment {assignment_id}"
            said += [f"a bonus of {about} was paid there and is unknown here"] * times
        for (amount, fee), times in sorted((ours - theirs).items()):
            about = f"{amount} and its fee of {fee} for assignment {assignment_id}"
            said += [f"a bonus of {about} is settled here and unknown there"] * times
    return said


def _of_reserves(book: Book, shown: Shown, fees: Fees, now: datetime) -> list[str]:
    """More than is needed is only not released yet; less could be spent beyond a cap."""
    needed = shown.may_cost(fees, now)
    reserved = max(book.reserved, NOTHING)
    if reserved >= needed:
        return []
    return [f"may still cost {needed} there, and {reserved} are reserved here"]
