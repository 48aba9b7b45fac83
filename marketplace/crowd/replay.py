"""Replays the recorded crowd on the marketplace's open HITs.

At each HIT workers arrive one after another, with exponential gaps of business time, or when they
came in the recording. Who comes is said by `Supply`: the recorded workers in recorded order, as far
as the reward suffices them. Each works for the recorded time and submits. A recorded time longer
than the HIT's duration is not trimmed: the worker abandons the assignment, as they would have, and
does not come back.
"""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from marketplace.crowd import listing
from marketplace.crowd.errors import RecordingError
from marketplace.crowd.listing import Listed, PastWork
from marketplace.crowd.questions import Asked
from marketplace.crowd.recording import TIMES, Recording, has_times
from marketplace.crowd.script import Script
from marketplace.crowd.supply import Supply, Visit
from marketplace.engine import Engine
from marketplace.errors import CannotAccept, CannotWork

POLL_SECONDS = 0.1
DEEDS_A_ROUND = 50
"""Arrivals and submissions between two looks at the time."""
LOOK_EVERY = timedelta(seconds=0.4)
"""Wall time between two looks at the list of open HITs."""


@dataclass(kw_only=True)
class _Offer:
    """A HIT as the crowd knows it."""

    hit_id: str
    asked: tuple[Asked, ...]
    gaps: random.Random
    reward: Decimal = Decimal(0)
    duration: timedelta = timedelta()
    available: int = 0
    awaited: bool = False  # somebody's arrival is planned
    nobody_for: Decimal | None = None  # the reward for which nobody is left
    turned_away: set[str] = field(default_factory=set)

    def welcomes(self, worker: str) -> bool:
        return worker not in self.turned_away


@dataclass(frozen=True, kw_only=True)
class _Work:
    """An assignment in a worker's hands."""

    assignment_id: str
    visit: Visit
    in_time: bool


class Replay:
    """The recorded workers, on one engine; a new one goes on where a killed one stopped."""

    def __init__(self, script: Script, recording: Recording, engine: Engine) -> None:
        self._script = script
        self._engine = engine
        if script.arrivals == "recorded" and not has_times(recording):
            raise RecordingError(
                f'arrivals = "recorded" needs the columns {" and ".join(TIMES)} in '
                f"{script.answers}."
            )
        self._supply = Supply(script, recording)
        self._anchor: datetime | None = None  # when the recording begins
        workers = {answer.worker for answers in recording.values() for answer in answers}
        self._worker_ids = {worker: script.worker_id(worker) for worker in workers}
        self._held_at_most = min(script.held_at_most, engine.settings.held_limit)
        self._holding: Counter[str] = Counter()
        self._registered: set[str] = set()
        self._offers: dict[str, _Offer] = {}
        self._arrivals: list[tuple[datetime, int, _Offer]] = []
        self._submissions: list[tuple[datetime, int, _Work]] = []
        self._numbers = itertools.count()  # of what is planned for the same moment
        self._looked_at: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Take up what was left, then replay until `stop` is set."""
        self.resume()
        while not stop.is_set():
            wall = self._engine.clock.wall()
            if self._looked_at is None or wall - self._looked_at >= LOOK_EVERY:
                self._looked_at = wall
                self.look()
            if self.act() < DEEDS_A_ROUND:
                stop.wait(POLL_SECONDS)

    def resume(self) -> None:
        """Learn from the database what the crowd did before: answers given, assignments held.

        Which answers stood in for others in a HIT with several questions is worked out again.
        """
        people = {id: worker for worker, id in self._worker_ids.items()}
        with self._engine.store.read() as connection:
            past = [work for work in listing.past_work(connection) if work.worker_id in people]
            asked = listing.questions(connection, {work.hit_id for work in past})
        for work in past:
            visit = self._supply.visit_of(people[work.worker_id], asked[work.hit_id])
            if visit is not None:
                self._take_up(work, visit)

    def look(self) -> None:
        """Look at the open HITs, and plan the next arrival at each to which somebody would come."""
        now = self._engine.clock.now()
        with self._engine.store.read() as connection:
            listed = listing.open_hits(connection, now)
            new = [hit.hit_id for hit in listed if hit.hit_id not in self._offers]
            asked = listing.questions(connection, new)
            is_first = self._anchor is None and any(self._is_ours(one) for one in asked.values())
            if is_first and self._script.arrivals == "recorded":
                self._anchor = listing.first_created(connection, self._is_ours)
        for hit_id in new:
            self._offers[hit_id] = self._new_offer(hit_id, asked[hit_id])
        for hit in listed:
            self._update(hit, now)

    def act(self) -> int:
        """Do what is due by now, up to `DEEDS_A_ROUND`; returns how much it was.

        Submissions go first: on an overloaded machine workers then arrive later, instead of
        missing their deadlines.
        """
        now = self._engine.clock.now()
        for done in range(DEEDS_A_ROUND):
            if self._submissions and self._submissions[0][0] <= now:
                self._finish(heapq.heappop(self._submissions)[2])
            elif self._arrivals and self._arrivals[0][0] <= now:
                at, _, offer = heapq.heappop(self._arrivals)
                self._arrive(offer, at)
            else:
                return done
        return DEEDS_A_ROUND

    def _take_up(self, work: PastWork, visit: Visit) -> None:
        in_time = visit.working_time <= work.duration
        if work.is_abandoned and in_time:
            return  # the crowd was stopped at the time: the answer may still be given
        self._supply.take(visit)
        if work.is_held:
            self._begin(work.assignment_id, visit, work.accepted_at, work.duration)

    def _new_offer(self, hit_id: str, asked: tuple[Asked, ...]) -> _Offer:
        what = " ".join(f"{question.set}/{question.task}" for question in asked)
        return _Offer(hit_id=hit_id, asked=asked, gaps=self._script.gaps(what))

    def _update(self, hit: Listed, now: datetime) -> None:
        offer = self._offers[hit.hit_id]
        offer.reward, offer.duration, offer.available = hit.reward, hit.duration, hit.available
        if not offer.awaited:
            self._await_next(offer, now)

    def _await_next(self, offer: _Offer, after: datetime, *, in_vain: bool = False) -> None:
        """Plan the next arrival, if there is a free slot and anyone left who wants this reward."""
        if offer.available == 0 or offer.reward == offer.nobody_for:
            return
        visit = self._supply.choose(offer.asked, offer.reward, offer.welcomes)
        if visit is None:
            offer.nobody_for = offer.reward
            return
        offer.awaited = True
        recorded = None if in_vain else self._recorded_arrival(visit, after)
        at = recorded or after + self._script.delay(offer.gaps)
        heapq.heappush(self._arrivals, (at, next(self._numbers), offer))

    def _recorded_arrival(self, visit: Visit, after: datetime) -> datetime | None:
        """When the visitor comes as recorded; None if that is not wanted, or long past."""
        if self._anchor is None:
            return None
        at = self._anchor + visit.after
        return max(at, after) if after <= at + timedelta(seconds=self._script.pace) else None

    def _is_ours(self, asked: Sequence[Asked]) -> bool:
        return any(self._supply.is_asked(question) for question in asked)

    def _arrive(self, offer: _Offer, at: datetime) -> None:
        offer.awaited = False
        visit = self._supply.choose(
            offer.asked,
            offer.reward,
            lambda worker: offer.welcomes(worker) and self._holding[worker] < self._held_at_most,
        )
        is_due = visit is not None and (self._anchor is None or self._anchor + visit.after <= at)
        if visit is not None and is_due:
            self._accept(offer, visit)
        # Another one; or, while all who should be here are busy, one of them later.
        self._await_next(offer, at, in_vain=not is_due)

    def _accept(self, offer: _Offer, visit: Visit) -> None:
        worker_id = self._worker_ids[visit.worker]
        if worker_id not in self._registered:
            self._engine.register_worker(worker_id)
            self._registered.add(worker_id)
        try:
            assignment_id = self._engine.accept(offer.hit_id, worker_id)
        except CannotAccept:
            self._refused(offer, visit.worker)
            return
        offer.available -= 1
        self._supply.take(visit)
        self._begin(assignment_id, visit, self._engine.clock.now(), offer.duration)

    def _refused(self, offer: _Offer, worker: str) -> None:
        """Either the HIT is not open any more, or this worker may not do it."""
        with self._engine.store.read() as connection:
            still_open = listing.open_hit(connection, self._engine.clock.now(), offer.hit_id)
        if still_open is None:
            offer.available = 0  # until it is listed again
        else:
            offer.turned_away.add(worker)

    def _begin(
        self, assignment_id: str, visit: Visit, accepted_at: datetime, duration: timedelta
    ) -> None:
        self._holding[visit.worker] += 1
        in_time = visit.working_time <= duration
        until = accepted_at + min(visit.working_time, duration)
        work = _Work(assignment_id=assignment_id, visit=visit, in_time=in_time)
        heapq.heappush(self._submissions, (until, next(self._numbers), work))

    def _finish(self, work: _Work) -> None:
        worker = work.visit.worker
        self._holding[worker] -= 1
        if not work.in_time:
            return  # the marketplace sees the deadline pass
        answers = self._supply.fields(work.visit)
        try:
            self._engine.submit(work.assignment_id, self._worker_ids[worker], answers)
        except CannotWork:  # the deadline passed while the crowd was stopped
            self._supply.put_back(work.visit)
            for offer in self._offers.values():
                offer.nobody_for = None
