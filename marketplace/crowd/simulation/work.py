"""What a worker makes of a HIT: how long it takes, whether it pays, and how it ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto

from marketplace.crowd.forms import Form, Kind
from marketplace.crowd.simulation.people import Person
from marketplace.crowd.simulation.truth import Fact
from marketplace.crowd.simulation.vocabulary import WORDS

WORDS_EXPECTED = 10  # of a text field, before one knows what there is to write
HOUR = timedelta(hours=1)


class Fate(Enum):
    """How work ends, if its time is not up before."""

    SUBMIT = auto()
    RETURN = auto()
    ABANDON = auto()


@dataclass(frozen=True, kw_only=True)
class Task:
    """A HIT's question, as workers see it."""

    digest: str
    form: Form
    facts: dict[str, Fact]

    @property
    def words(self) -> int:
        """To be written in all text fields."""
        return sum(
            len(str(self.facts[field.name].answer).split())
            for field in self.form.fields
            if field.kind is Kind.TEXT
        )


@dataclass(frozen=True, kw_only=True)
class Held:
    """An assignment in a worker's hands."""

    assignment_id: str
    reward: Decimal
    accepted_at: datetime
    deadline: datetime
    task: Task


def hourly_pay(person: Person, form: Form, reward: Decimal) -> float:
    """Dollars an hour that a HIT promises the worker, by their own usual pace."""
    texts = sum(field.kind is Kind.TEXT for field in form.fields)
    seconds = _usual_seconds(person, form, words=WORDS_EXPECTED * texts)
    return float(reward) / seconds * HOUR.total_seconds() if seconds else math.inf


def plan(person: Person, held: Held, *, begun: datetime, hours: float) -> tuple[Fate, datetime]:
    """How the worker's go at a HIT ends and when, drawn from the seed.

    `hours` is how long they have been at work. A return comes at any moment of the working time.
    The same question for the same reward goes the same way; posted again dearer, it may not.
    """
    chance = person.chance("work", held.task.digest, held.reward)
    leaving, pace = person.script.leaving, person.script.pace
    draw, share = chance.random(), chance.random()
    factor = math.exp(chance.gauss(0, pace.spread))
    slower = 1 + person.script.fatigue.slower_per_hour * hours
    seconds = _usual_seconds(person, held.task.form, words=held.task.words) * factor * slower
    if draw < leaving.abandons:
        return Fate.ABANDON, begun
    if draw < leaving.abandons + leaving.returns:
        return Fate.RETURN, begun + timedelta(seconds=seconds * share)
    return Fate.SUBMIT, begun + timedelta(seconds=seconds)


def _usual_seconds(person: Person, form: Form, *, words: int) -> float:
    pace = person.script.pace
    questions = sum(field.kind is not Kind.TEXT for field in form.fields)
    writing = min(words, 100 * len(WORDS)) * pace.seconds_per_word
    return (pace.seconds + questions * pace.seconds_per_question + writing) * person.slowness
