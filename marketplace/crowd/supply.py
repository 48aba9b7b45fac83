"""Which recorded answers are left, and who comes to a HIT with which of them. No I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from marketplace.crowd.questions import Asked
from marketplace.crowd.recording import Recorded, Recording
from marketplace.crowd.script import Script


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A recorded worker at a HIT, with an answer to each of its questions."""

    worker: str
    parts: tuple[tuple[Asked, Recorded], ...]
    working_time: timedelta
    """The recorded one; with several questions the longest of theirs."""
    after: timedelta
    """The worker's arrival, since the recording's first; zero where no times were recorded."""


class Supply:
    """The recorded answers that were not given yet.

    A person answers a task of a set at most once, also across HITs, and each recorded answer is
    given once. In a HIT with several questions anyone may come who recorded an answer to one of
    them; where they recorded none (or it is gone), they give the question's next unused answer.
    So a HIT fills as long as each of its questions has answers left.
    """

    def __init__(self, script: Script, recording: Recording) -> None:
        self._script = script
        self._recording = recording
        self._given: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self._answered: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._wages: dict[str, Decimal | None] = {}
        times = [one.accepted_at for answers in recording.values() for one in answers]
        self._start = min((time for time in times if time is not None), default=None)

    def choose(
        self,
        asked: Sequence[Asked],
        reward: Decimal,
        is_free: Callable[[str], bool] = lambda worker: True,
    ) -> Visit | None:
        """The next to come, in recorded order; None if nobody would for this reward.

        Passed over are those who want a higher reward, and those who are not free now.
        """
        left = [self._left(question) for question in asked]
        if not asked or not all(left):
            return None
        for worker in self._recorded_workers(asked):
            if not self._wants(worker, reward) or not is_free(worker):
                continue
            if any(worker in self._answered[question.set, question.task] for question in asked):
                continue
            return self._visit(worker, asked, left)
        return None

    def visit_of(self, worker: str, asked: Sequence[Asked]) -> Visit | None:
        """The visit of a worker who was seen at the HIT already; None if no answer is left."""
        left = [self._left(question) for question in asked]
        return self._visit(worker, asked, left) if asked and all(left) else None

    def take(self, visit: Visit) -> None:
        """The visit's answers are given now."""
        for question, answer in visit.parts:
            self._given[question.set, question.task].add(answer.order)
            self._answered[question.set, question.task].add(visit.worker)

    def put_back(self, visit: Visit) -> None:
        """The visit came to nothing; its answers may be given another time."""
        for question, answer in visit.parts:
            self._given[question.set, question.task].discard(answer.order)
            self._answered[question.set, question.task].discard(visit.worker)

    def fields(self, visit: Visit) -> dict[str, str]:
        """The form's fields as the visitor fills them in."""
        return {
            question.field: self._script.value(question.set, answer.label) or ""
            for question, answer in visit.parts
        }

    def is_asked(self, question: Asked) -> bool:
        """Whether anybody recorded an answer to it."""
        return next(self._taking_part(question), None) is not None

    def _taking_part(self, question: Asked) -> Iterator[Recorded]:
        answers = self._recording.get(question.task, ())
        return (one for one in answers if self._script.value(question.set, one.label) is not None)

    def _left(self, question: Asked) -> list[Recorded]:
        given = self._given[question.set, question.task]
        return [answer for answer in self._taking_part(question) if answer.order not in given]

    def _recorded_workers(self, asked: Sequence[Asked]) -> list[str]:
        answers = (answer for question in asked for answer in self._taking_part(question))
        ordered = sorted(answers, key=self._place)
        return list(dict.fromkeys(answer.worker for answer in ordered))

    def _wants(self, worker: str, reward: Decimal) -> bool:
        if worker not in self._wages:
            self._wages[worker] = self._script.reservation_wage(worker)
        wage = self._wages[worker]
        return wage is not None and wage <= reward

    def _place(self, answer: Recorded) -> tuple[timedelta, int]:
        return self._after(answer), answer.order

    def _after(self, answer: Recorded) -> timedelta:
        """When the answer's worker came, where the script wants arrivals as recorded."""
        if self._script.arrivals == "drawn" or not self._start or not answer.accepted_at:
            return timedelta()
        return answer.accepted_at - self._start

    def _visit(
        self, worker: str, asked: Sequence[Asked], left: Sequence[Sequence[Recorded]]
    ) -> Visit:
        def answer(unused: Sequence[Recorded]) -> Recorded:
            return next((one for one in unused if one.worker == worker), unused[0])

        parts = tuple(
            (question, answer(unused)) for question, unused in zip(asked, left, strict=True)
        )
        own = [one for _, one in parts if one.worker == worker] or [one for _, one in parts]
        return Visit(
            worker=worker,
            parts=parts,
            working_time=max(self._working_time(one) for _, one in parts),
            after=min(self._after(one) for one in own),
        )

    def _working_time(self, answer: Recorded) -> timedelta:
        if answer.working_time is not None:
            return answer.working_time
        return self._script.working_time(answer.worker, answer.task)
