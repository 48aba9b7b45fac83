"""How a worker answers: the truth, as their skill and attention let them see it.

Attention is 1 for who is fresh at an easy item. Fatigue and the item's difficulty lower it: a
choice is guessed with the probability 1 - attention, noise grows as 1 / attention, and the share
of right words shrinks with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

from marketplace.crowd.forms import Answer, Box, Form, FormField, Kind
from marketplace.crowd.forms.filling import chosen
from marketplace.crowd.simulation.ability import Numbers, Words
from marketplace.crowd.simulation.people import Person
from marketplace.crowd.simulation.truth import Fact, number_range
from marketplace.crowd.simulation.vocabulary import WORDS

LEAST_ATTENTION = 0.05


def answers(
    person: Person, form: Form, facts: Mapping[str, Fact], *, digest: str, hours: float
) -> dict[str, Answer]:
    """What the worker puts into the form after so many hours of a session.

    The same worker gives the same question the same answers, whenever and wherever it is posted,
    but for what fatigue changes.
    """
    tired = math.exp(-person.script.fatigue.attention_per_hour * hours)
    given: dict[str, Answer] = {}
    for field in form.fields:
        if field.name in person.script.skip or field.set in person.script.skip:
            continue
        fact = facts[field.name]
        attention = max(tired * (1 - fact.difficulty), LEAST_ATTENTION)
        what = (digest, field.name) if field.key is None else (field.set, field.key)
        chance = person.chance("answer", *what)
        given[field.name] = answer(person, field, fact.answer, attention, chance)
    return given


def answer(
    person: Person, field: FormField, truth: Answer, attention: float, chance: Random
) -> Answer:
    """The worker's answer to one field, valid for its form."""
    if person.group.answers != "by skill":
        return _spam(person, field, truth, chance)
    if field.kind is Kind.CHOICE:
        return _choice(person, field, str(truth), attention, chance)
    if field.kind is Kind.SEVERAL:
        return _several(person, field, chosen(truth), attention, chance)
    if field.kind is Kind.NUMBER:
        return _number(person, field, float(str(truth)), attention, chance)
    if field.kind is Kind.BOXES:
        boxes = [box for box in truth if isinstance(box, Box)]
        return _boxes(person, field, boxes, attention, chance)
    return _text(person, field, str(truth), attention, chance)


def _spam(person: Person, field: FormField, truth: Answer, chance: Random) -> Answer:
    first = person.group.answers == "always the first"
    if field.kind is Kind.CHOICE:
        return _guess(field, chance) if not first else (*field.options, "")[0]
    if field.kind is Kind.SEVERAL:
        marked = [one for one in field.options if chance.random() < 0.5]
        return _allowed(field, field.options[:1] if first else marked, chance)
    if field.kind is Kind.NUMBER:
        low, high = number_range(field)
        return write_number(field, low if first else chance.uniform(low, high))
    if field.kind is Kind.BOXES:
        return ()
    words = len(str(truth).split()) if first else chance.randint(1, 4)
    return _fitting(field, " ".join(WORDS[:1] if first else chance.choices(WORDS, k=words)))


def _guess(field: FormField, chance: Random) -> str:
    return chance.choice(field.options) if field.options else ""


def _choice(person: Person, field: FormField, truth: str, attention: float, chance: Random) -> str:
    if chance.random() >= attention:
        return _guess(field, chance)
    matrices = person.group.confusion
    confusion = matrices.get(field.set) or matrices.get(field.name)
    if confusion is not None and truth in confusion.rows:
        row = person.row(field.set, confusion, truth)
        weights = [row.get(option, 0.0) for option in field.options]
        if any(weights):
            return chance.choices(field.options, weights)[0]
    if chance.random() < person.accuracy(field.set):
        return truth
    others = [option for option in field.options if option != truth]
    return chance.choice(others) if others else truth


def _several(
    person: Person, field: FormField, truth: object, attention: float, chance: Random
) -> Answer:
    """Each option is marked or left as it should be with the worker's accuracy."""
    right = 0.5 + (person.accuracy(field.set) - 0.5) * attention
    true = set(truth) if isinstance(truth, (tuple, list)) else set()
    marked = [one for one in field.options if (one in true) == (chance.random() < right)]
    return _allowed(field, marked, chance)


def _allowed(field: FormField, marked: object, chance: Random) -> tuple[str, ...]:
    """As many options as the form takes, in its order."""
    picked = list(marked) if isinstance(marked, (list, tuple)) else []
    least = int(field.least or (1 if field.required else 0))
    left = [one for one in field.options if one not in picked]
    while len(picked) < least and left:
        picked.append(left.pop(chance.randrange(len(left))))
    most = int(field.most) if field.most is not None else len(picked)
    picked = picked[: max(most, least)]
    return tuple(one for one in field.options if one in picked)


def _number(
    person: Person, field: FormField, truth: float, attention: float, chance: Random
) -> str:
    low, high = number_range(field)
    errors = person.group.number.get(field.set) or person.group.number.get(field.name)
    errors = errors or Numbers(noise=(high - low) / 10)
    bias = errors.bias + person.bias(field.set, errors.bias_spread)
    return write_number(field, truth + bias + chance.gauss(0, errors.noise / attention))


def write_number(field: FormField, value: float) -> str:
    """The nearest number that the field takes; whole ones without a point, as HTML steps by 1."""
    if field.least is not None:
        value = max(value, field.least)
    if field.most is not None:
        value = min(value, field.most)
    step, start = field.step or 1.0, field.least or 0.0
    value = start + round((value - start) / step) * step
    if field.most is not None and value > field.most:
        value -= step
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _text(person: Person, field: FormField, truth: str, attention: float, chance: Random) -> str:
    wrong = 1 - (1 - person.error_rate()) * attention
    words = misheard(truth.split(), person.group.words, wrong, chance)
    return _fitting(field, " ".join(words))


def misheard(words: list[str], errors: Words, rate: float, chance: Random) -> list[str]:
    """A text with `rate` errors a word: substituted, deleted and inserted ones by their weights."""
    kinds = (errors.substitutions, errors.deletions, errors.insertions)
    heard = []
    for word in words:
        if chance.random() >= rate:
            heard.append(word)
            continue
        kind = chance.choices(("substitution", "deletion", "insertion"), kinds)[0]
        other = chance.choice([one for one in WORDS if one != word])
        if kind == "substitution":
            heard.append(other)
        elif kind == "insertion":
            heard += [word, other]
    return heard


def _fitting(field: FormField, text: str) -> str:
    """The text as the field's type, length and emptiness allow it."""
    samples = {
        "email": "worker@example.org",
        "url": "https://example.org/",
        "date": "2026-01-05",
        "time": "10:00",
        "month": "2026-01",
        "week": "2026-W02",
        "datetime-local": "2026-01-05T10:00",
        "color": "#336699",
        "tel": "5550100",
    }
    if field.format in samples:
        return samples[field.format]
    text = text or WORDS[0]
    while field.least is not None and len(text) < field.least:
        text += f" {text}"
    return text if field.most is None else text[: int(field.most)]


def _boxes(
    person: Person, field: FormField, truth: list[Box], attention: float, chance: Random
) -> tuple[Box, ...]:
    skill = person.group.boxes
    drawn = []
    for box in truth:
        if chance.random() < 1 - (1 - skill.missed) * attention:
            continue
        noise = [chance.gauss(0, skill.jitter / attention) for _ in range(4)]
        left = max(0, round(box.left + noise[0] * box.width))
        top = max(0, round(box.top + noise[1] * box.height))
        right = round(box.left + box.width * (1 + noise[2]))
        bottom = round(box.top + box.height * (1 + noise[3]))
        label = box.label if box.label in field.options else (*field.options, box.label)[0]
        drawn.append(Box(label, left, top, max(1, right - left), max(1, bottom - top)))
    return tuple(drawn)
