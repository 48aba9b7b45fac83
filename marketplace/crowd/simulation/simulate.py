"""Runs a simulated crowd on the marketplace, by the same rules as people on its site."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from marketplace.crowd.simulation.answering import answers
from marketplace.crowd.simulation.market import Market
from marketplace.crowd.simulation.people import Person, population
from marketplace.crowd.simulation.script import Simulation
from marketplace.crowd.simulation.sessions import Session, Timetable
from marketplace.crowd.simulation.truth import Truth
from marketplace.crowd.simulation.work import Fate, Held, plan
from marketplace.engine import Engine

POLL_SECONDS = 0.1
DEEDS_A_ROUND = 50
"""What workers do between two looks at the time."""
LOOK_AGAIN = timedelta(minutes=1)
"""Business time until a worker who found nothing looks again."""
HOUR = timedelta(hours=1)


@dataclass(kw_only=True)
class _Shift:
    """A worker who is there."""

    person: Person
    since: datetime
    until: datetime
    held: deque[Held] = field(default_factory=deque)
    closed: set[str] = field(default_factory=set)  # HIT types that turned them away

    def hours(self, at: datetime) -> float:
        return max((at - self.since) / HOUR, 0.0)


class Simulated:
    """A simulated crowd on one engine; a new one goes on where a killed one stopped."""

    def __init__(self, script: Simulation, engine: Engine) -> None:
        self._script = script
        self._engine = engine
        self._people = population(script)
        self._timetable = Timetable(script, self._people)
        self._market = Market(engine, Truth(script))
        self._there: set[int] = set()
        self._planned: datetime | None = None  # sessions up to here are begun
        self._events: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbers = itertools.count()  # of what is planned for the same moment

    def run(self, stop: threading.Event) -> None:
        """Take up what was left, then work until `stop` is set."""
        self.resume()
        while not stop.is_set():
            if self.act() < DEEDS_A_ROUND:
                stop.wait(POLL_SECONDS)

    def resume(self) -> None:
        """Learn from the database what is held; whoever would be there now, is."""
        now = self._engine.clock.now()
        self._planned = now
        sessions = {session.worker: session for session in self._timetable.under_way(now)}
        held = self._market.in_hand({person.worker_id: person for person in self._people})
        for number in sorted({*sessions, *held}):
            session = sessions.get(number) or Session(worker=number, start=now, end=now)
            left = held.get(number, deque())
            start = min([session.start, *(one.accepted_at for one in left)])
            shift = _Shift(person=self._people[number], since=start, until=session.end, held=left)
            self._there.add(number)
            if left:
                last = self._market.last_submission(shift.person) or start
                self._begin(shift, max(left[0].accepted_at, last))
            else:
                self._at(now, partial(self._go_on, shift))

    def act(self) -> int:
        """Do what is due by now, up to `DEEDS_A_ROUND`; returns how much it was."""
        now = self._engine.clock.now()
        if self._planned is None or now > self._planned:
            for session in self._timetable.starting(self._planned or now, now):
                self._at(session.start, partial(self._arrive, session))
            self._planned = now
        for done in range(DEEDS_A_ROUND):
            if not self._events or self._events[0][0] > now:
                return done
            at, _, deed = heapq.heappop(self._events)
            deed(at)
        return DEEDS_A_ROUND

    def _at(self, moment: datetime, deed: Callable[[datetime], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), deed))

    def _arrive(self, session: Session, at: datetime) -> None:
        if session.worker in self._there:
            return  # still there
        self._there.add(session.worker)
        shift = _Shift(person=self._people[session.worker], since=at, until=session.end)
        self._go_on(shift, at)

    def _go_on(self, shift: _Shift, at: datetime) -> None:
        """Take the next HIT in hand, or look for more, or go."""
        if at >= shift.until:
            self._leave(shift)
        elif shift.held or self._take(shift):
            self._begin(shift, max(at, shift.held[0].accepted_at))
        else:
            self._at(at + LOOK_AGAIN, partial(self._go_on, shift))

    def _take(self, shift: _Shift) -> bool:
        """Accept the HITs that the worker likes best; whether there was one."""
        while len(shift.held) < self._script.held_at_most:
            found = self._market.choose(shift.person, shift.closed)
            if found is None:
                break
            offer, task = found
            held = self._market.accept(shift.person, offer, task)
            if held is not None:
                shift.held.append(held)
            elif self._market.is_open(offer):
                shift.closed.add(offer.hit_type_id)
        return bool(shift.held)

    def _begin(self, shift: _Shift, at: datetime) -> None:
        held = shift.held[0]
        fate, end = plan(shift.person, held, begun=at, hours=shift.hours(at))
        if fate is Fate.ABANDON:
            self._there.discard(shift.person.number)  # all they hold is left to its deadline
        elif end > held.deadline:
            self._at(held.deadline, partial(self._drop, shift))
        elif fate is Fate.RETURN:
            self._at(end, partial(self._give_back, shift))
        else:
            self._at(end, partial(self._submit, shift))

    def _submit(self, shift: _Shift, at: datetime) -> None:
        held, person = shift.held.popleft(), shift.person
        given = answers(
            person,
            held.task.form,
            held.task.facts,
            digest=held.task.digest,
            hours=shift.hours(at),
        )
        self._market.submit(person, held, given)
        self._rest(shift, at)

    def _give_back(self, shift: _Shift, at: datetime) -> None:
        self._market.give_back(shift.person, shift.held.popleft())
        self._rest(shift, at)

    def _drop(self, shift: _Shift, at: datetime) -> None:
        """The time was up; the marketplace sees that by itself."""
        shift.held.popleft()
        self._rest(shift, at)

    def _rest(self, shift: _Shift, at: datetime) -> None:
        pause = timedelta(seconds=self._script.pace.pause_seconds)
        self._at(at + pause, partial(self._go_on, shift))

    def _leave(self, shift: _Shift) -> None:
        for held in shift.held:
            self._market.give_back(shift.person, held)
        self._there.discard(shift.person.number)
