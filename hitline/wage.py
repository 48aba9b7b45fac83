"""An hourly wage: what a worker's time is worth, and by how much their rewards fall short of it.

The endpoint knows when an assignment was accepted and when it was submitted. Who accepts several
and does one after the other, or pauses with one in hand, seems to work longer than they do. So:

1. An assignment's own time runs from its acceptance, or from its worker's submission before it if
   that was later, to its submission.
2. A stage's typical time is the median of these over its newest submissions, whoever made them. A
   few that took overlong do not move it.
3. An assignment counts with the time from its acceptance to its submission, but with the last
   `GENEROUS` typical times of its stage at most.
4. What a worker had in hand at once counts once, at the higher wage where the stages' differ; and
   time that an earlier top-up covered does not count again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from statistics import median_low

from hitline.money import CENT, NOTHING, Fees, round_cents

GENEROUS = 3
"""So many typical times an assignment may take and still count in full."""

_HOUR = timedelta(hours=1) // timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Work:
    """A submission, and since when its worker had it in hand (None: the endpoint did not say)."""

    worker_id: str
    accepted_at: datetime | None
    submitted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Spell:
    """Time that counts as worked, at `wage` dollars an hour."""

    start: datetime
    end: datetime
    wage: Decimal


@dataclass(frozen=True, kw_only=True)
class Day:
    """What a worker's time was worth in dollars, and what the rewards for it came to."""

    worked: timedelta
    worth: Decimal
    rewards: Decimal

    @property
    def due(self) -> Decimal:
        """The top-up: never negative, for what rewards make above the wage is the worker's."""
        return max(self.worth - self.rewards, NOTHING)


def typical(works: Iterable[Work]) -> timedelta:
    """The typical time of a stage (rules 1 and 2), from its submissions; of none, zero."""
    before: dict[str, datetime] = {}
    own = []
    for work in sorted(works, key=lambda one: one.submitted_at):
        since = work.accepted_at or work.submitted_at
        since = max(since, before.get(work.worker_id, since))
        own.append(max(work.submitted_at - since, timedelta(0)))
        before[work.worker_id] = work.submitted_at
    return median_low(own) if own else timedelta(0)


def spell(work: Work, wage: Decimal, typical_time: timedelta) -> Spell:
    """The time that an assignment counts with (rule 3)."""
    start = max(work.accepted_at or work.submitted_at, work.submitted_at - GENEROUS * typical_time)
    return Spell(start=min(start, work.submitted_at), end=work.submitted_at, wage=wage)


def reckon(spells: Sequence[Spell], covered: Sequence[Spell], rewards: Decimal) -> Day:
    """What these spells are worth beyond those that were `covered` before (rule 4).

    Both are one worker's; `rewards` were earned in `spells`. Half a cent is rounded up.
    """
    time, worth = _sum([*spells, *covered])
    time_before, worth_before = _sum(covered)
    return Day(worked=time - time_before, worth=round_cents(worth - worth_before), rewards=rewards)


def _sum(spells: Sequence[Spell]) -> tuple[timedelta, Decimal]:
    """The time that the spells cover, and its worth: each moment at the highest wage in it."""
    starts = sorted(spells, key=lambda one: one.start)
    moments = sorted({moment for one in spells for moment in (one.start, one.end)})
    time, worth, at = timedelta(0), Decimal(0), 0
    running: list[Spell] = []
    for start, end in pairwise(moments):
        while at < len(starts) and starts[at].start <= start:
            running.append(starts[at])
            at += 1
        running = [one for one in running if one.end > start]
        if running:
            time += end - start
            wage = max(one.wage for one in running)
            worth += wage * ((end - start) // timedelta(microseconds=1)) / _HOUR
    return time, worth


def least(fees: Fees) -> Decimal:
    """The least bonus worth its fee: from here on the least fee is no more than the usual share."""
    if not fees.minimum:
        return CENT
    if not fees.base:
        return max(CENT, fees.minimum)
    return (fees.minimum / fees.base).quantize(CENT, rounding=ROUND_CEILING)


def expected(
    *,
    wage: Decimal,
    reward: Decimal,
    seconds: float,
    answers: float,
    worker_days: float,
    fees: Fees,
) -> tuple[Decimal, Decimal]:
    """(bonuses, fees on them) that a wage is expected to cost, in dollars and whole cents.

    For `answers` of `seconds` each at `reward`, given by workers on `worker_days` days in all (two
    workers on three days each: 6), each of whom works alike. Nothing where the rewards suffice.
    """
    if answers <= 0 or worker_days <= 0:
        return NOTHING, NOTHING
    days = Decimal(str(worker_days))
    each = Decimal(str(answers)) / days
    short = each * (wage * Decimal(str(seconds)) / 3600 - reward)
    if short <= 0:
        return NOTHING, NOTHING
    # Less than is sent at once adds up from day to day.
    sent = max(round_cents(short), least(fees))
    times = days * short / sent
    return round_cents(days * short), round_cents(times * fees.bonus_fee(sent))
