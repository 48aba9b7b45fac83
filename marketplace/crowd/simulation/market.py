"""The marketplace as simulated workers see it: what is open, what it pays, what they do there."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from marketplace.crowd import listing
from marketplace.crowd.forms import Answer, form_of
from marketplace.crowd.forms.filling import answer_xml
from marketplace.crowd.listing import Group
from marketplace.crowd.simulation.people import Person
from marketplace.crowd.simulation.truth import Truth, digest_of
from marketplace.crowd.simulation.work import Held, Task, hourly_pay
from marketplace.engine import Engine, work
from marketplace.errors import CannotAccept, CannotWork

LOOK_EVERY = timedelta(seconds=0.4)
"""Wall time for which a look at the list of open HIT types serves."""
TASKS_KEPT = 5_000


class Market:
    """One engine, on which workers register themselves when they first accept."""

    def __init__(self, engine: Engine, truth: Truth) -> None:
        self._engine = engine
        self._truth = truth
        self._groups: list[Group] = []
        self._looked_at: datetime | None = None
        self._tasks: dict[str, Task | None] = {}
        self._registered: set[str] = set()

    def choose(self, person: Person, closed: Collection[str]) -> tuple[Group, Task] | None:
        """The open HIT that the worker likes best: pay an hour times taste, if it pays enough.

        Passed over are HIT types in `closed`, and HITs that they accepted before.
        """
        liked = []
        for group in self._open():
            sample = self._task(group.first)
            if group.hit_type_id in closed or sample is None or not sample.form.fields:
                continue
            pay = hourly_pay(person, sample.form, group.reward)
            if pay >= person.hourly:
                liked.append((pay * person.taste(group.title), group))
        for _, group in sorted(liked, key=lambda one: one[0], reverse=True):
            with self._engine.look() as tx:
                hit_id = listing.next_hit(tx.connection, group.hit_type_id, person.worker_id)
            task = None if hit_id is None else self._task(hit_id)
            if hit_id is not None and task is not None:
                return group._replace(first=hit_id), task
        return None

    def accept(self, person: Person, group: Group, task: Task) -> Held | None:
        """Accept the group's first HIT; None if the marketplace says no."""
        if person.worker_id not in self._registered:
            self._engine.register_worker(person.worker_id)
            self._registered.add(person.worker_id)
        try:
            assignment_id = self._engine.accept(group.first, person.worker_id)
        except CannotAccept:
            self._looked_at = None
            return None
        now = self._engine.clock.now()
        return Held(
            assignment_id=assignment_id,
            reward=group.reward,
            accepted_at=now,
            deadline=now + group.duration,
            task=task,
        )

    def is_open(self, group: Group) -> bool:
        """Whether the group's first HIT could be accepted, by somebody."""
        with self._engine.look() as tx:
            return listing.open_hit(tx.connection, tx.now, group.first) is not None

    def submit(self, person: Person, held: Held, answers: Mapping[str, Answer]) -> bool:
        """Hand the answers in; False if the time was up."""
        prologue = self._engine.settings.answer_prologue
        xml = answer_xml(held.task.form, answers, prologue=prologue)
        try:
            with self._engine.act() as tx:
                work.hand_in(tx, held.assignment_id, person.worker_id, xml)
        except CannotWork:
            return False
        return True

    def give_back(self, person: Person, held: Held) -> None:
        """Return a HIT, unless its time was up."""
        try:
            self._engine.give_back(held.assignment_id, person.worker_id)
        except CannotWork:
            return

    def in_hand(self, people: Mapping[str, Person]) -> dict[int, deque[Held]]:
        """What each of these workers, by their ids, holds, in order of acceptance."""
        with self._engine.look() as tx:
            found = listing.in_hand(tx.connection)
        held: dict[int, deque[Held]] = {}
        for one in found:
            person = people.get(one.worker_id)
            task = None if person is None else self._task(one.hit_id)
            if person is not None and task is not None:
                held.setdefault(person.number, deque()).append(
                    Held(
                        assignment_id=one.assignment_id,
                        reward=one.reward,
                        accepted_at=one.accepted_at,
                        deadline=one.deadline,
                        task=task,
                    )
                )
        return held

    def last_submission(self, person: Person) -> datetime | None:
        """When the worker last submitted anything."""
        with self._engine.look() as tx:
            return listing.last_submission(tx.connection, person.worker_id)

    def _open(self) -> list[Group]:
        wall = self._engine.clock.wall()
        if self._looked_at is None or wall - self._looked_at >= LOOK_EVERY:
            self._looked_at = wall
            with self._engine.look() as tx:
                self._groups = listing.open_groups(tx.connection)
        return self._groups

    def _task(self, hit_id: str) -> Task | None:
        """A HIT's question; None if it is one that nobody can read without a browser."""
        if hit_id not in self._tasks:
            if len(self._tasks) >= TASKS_KEPT:
                self._tasks.clear()
            with self._engine.look() as tx:
                question = listing.question(tx.connection, hit_id)
            form, digest = form_of(question), digest_of(question)
            facts = {} if form is None else self._truth.of(form, digest)
            self._tasks[hit_id] = (
                None if form is None else Task(digest=digest, form=form, facts=facts)
            )
        return self._tasks[hit_id]
