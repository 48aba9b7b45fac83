"""Admission: which new items may be asked, so that no cap leaves what is open half answered.

An item is let in while every cap has room for what it and all that is open are expected to cost
until they are finished, with a margin, and with what follows from them in later stages. Estimates
are floats in dollars; the caps themselves are kept in exact cents (`hitline/acting/budgeting.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

PRIOR = 3.0
"""A stage's finished items weigh as much as this when nothing is finished: so many imagined items,
spread evenly from the fewest answers to the most, each leading to one in every stage linked."""

MARGIN = 3.0
"""Standard deviations by which the room must exceed the expected cost."""

WHOLE = ""
"""The stage of a room that all stages share."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one stage asks and has shown: `costs` of finished items, `goes_on` to stage by item.

    An item takes `start` to `most` answers at `each` dollars, fees in, as its policy has it.
    """

    start: int
    most: int
    each: float
    costs: Sequence[float] = ()
    goes_on: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Need:
    """Money still to be spent: expected, its variance, and the most that it can come to."""

    mean: float = 0.0
    variance: float = 0.0
    worst: float = 0.0

    def __add__(self, other: Need) -> Need:
        return Need(
            mean=self.mean + other.mean,
            variance=self.variance + other.variance,
            worst=self.worst + other.worst,
        )

    def of(self, count: float) -> Need:
        """Of `count` such items, expected; below one it is the chance that there is one."""
        chance = max(count * (1 - count), 0.0)
        return Need(
            mean=count * self.mean,
            variance=count * self.variance + chance * self.mean**2,
            worst=math.ceil(count) * self.worst,
        )

    @property
    def room(self) -> float:
        """What must be free for it."""
        return min(self.mean + MARGIN * math.sqrt(self.variance), max(self.worst, self.mean))


@dataclass(frozen=True, kw_only=True)
class Room:
    """Dollars that a cap has left, for one stage or all (WHOLE); a daily cap `renews`."""

    stage: str
    left: float
    renews: bool = False

    def covers(self, stage: str) -> bool:
        return self.stage in (WHOLE, stage)


@dataclass(frozen=True, kw_only=True)
class Open:
    """An unfinished item that was let in, and what is reserved and spent on it so far."""

    stage: str
    committed: float = 0.0


def to_finish(record: Record, committed: float = 0.0) -> Need:
    """What an item of the stage needs beyond `committed`, by those that came to cost as much.

    Finished items count once each, and imagined ones PRIOR together: the first to finish are the
    cheap ones, so few of them are not believed alone.
    """
    steps = range(record.start, record.most + 1)
    known = [(cost, 1.0) for cost in record.costs]
    known += [(answers * record.each, PRIOR / len(steps)) for answers in steps]
    left = [(cost - committed, weight) for cost, weight in known if cost >= committed - 1e-9]
    if not left:
        # Dearer than any before it: one more answer, and who knows.
        return Need(mean=record.each, worst=record.each)
    weights = sum(weight for _, weight in left)
    mean = sum(cost * weight for cost, weight in left) / weights
    variance = sum(weight * (cost - mean) ** 2 for cost, weight in left) / weights
    return Need(mean=mean, variance=variance, worst=max(cost for cost, _ in left))


def share(followers: float, finished: int) -> float:
    """How many items of the next stage one leads to, from how many of them came of the finished."""
    return (followers + PRIOR) / (finished + PRIOR)


class Outlook:
    """What items of each stage need, with what follows from them, at the time of its making."""

    def __init__(self, records: Mapping[str, Record], rounds: int = 0) -> None:
        """`rounds`: how often items may go through loops, in all."""
        self._records = records
        self._fresh = {stage: to_finish(record) for stage, record in records.items()}
        self._follow = _following(records, len(records) + rounds)

    def needs(self, stage: str, committed: float | None = None) -> dict[str, Need]:
        """By stage, what one item of `stage` still needs; a new one, if nothing is committed."""
        fresh = self._fresh[stage]
        own = fresh if committed is None else to_finish(self._records[stage], committed)
        needs = {stage: own}
        for later, count in self._follow[stage].items():
            needs[later] = needs.get(later, Need()) + self._fresh[later].of(count)
        return needs

    def price(self, stage: str, room: Room) -> float:
        """What must be free in `room` before a new item of `stage` is let in, if none is open."""
        return _total(room, {}, self.needs(stage))


def _following(records: Mapping[str, Record], steps: int) -> dict[str, dict[str, float]]:
    """How many items of each later stage one item leads to, directly and through others."""
    follow: dict[str, dict[str, float]] = {stage: {} for stage in records}
    for _ in range(steps):
        before, follow = follow, {stage: {} for stage in records}
        for stage, record in records.items():
            for target, count in record.goes_on.items():
                follow[stage][target] = follow[stage].get(target, 0.0) + count
                for later, further in before[target].items():
                    follow[stage][later] = follow[stage].get(later, 0.0) + count * further
    return follow


def admit(
    outlook: Outlook,
    rooms: Sequence[Room],
    out: Iterable[Open],
    candidates: Sequence[str],
    *,
    learned: bool,
) -> list[int | None]:
    """For each candidate, by its stage and in order: which room has no place for it, or None.

    Where nothing was ever finished (not `learned`), one item goes out to learn from. Under a cap
    that renews, one goes out whenever nothing else is: what it lacks today it has tomorrow.
    """
    needed: dict[str, Need] = {}
    open_ = 0
    for item in out:
        _add(needed, outlook.needs(item.stage, item.committed))
        open_ += 1
    refused: list[int | None] = []
    for stage in candidates:
        more = outlook.needs(stage)
        first = open_ == 0
        lacking = next(
            (
                number
                for number, room in enumerate(rooms)
                if not (first and (room.renews or not learned))
                and any(room.covers(touched) for touched in more)
                and _total(room, needed, more) > room.left + 1e-9
            ),
            None,
        )
        refused.append(lacking)
        if lacking is None:
            _add(needed, more)
            open_ += 1
    return refused


def _add(needed: dict[str, Need], more: Mapping[str, Need]) -> None:
    for stage, need in more.items():
        needed[stage] = needed.get(stage, Need()) + need


def _total(room: Room, needed: Mapping[str, Need], more: Mapping[str, Need]) -> float:
    """What must be free in `room` for all that is needed and what is about to be, together."""
    parts = [
        need for needs in (needed, more) for stage, need in needs.items() if room.covers(stage)
    ]
    return sum(parts, Need()).room
