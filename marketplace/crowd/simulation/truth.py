"""What is true of an item, and how hard it is to see."""

from __future__ import annotations

import csv
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from marketplace.crowd.errors import ScriptError
from marketplace.crowd.forms import Answer, Box, Form, FormField, Kind
from marketplace.crowd.forms.html_fields import number
from marketplace.crowd.simulation.script import Simulation, TruthFile
from marketplace.crowd.simulation.vocabulary import WORDS

log = logging.getLogger(__name__)

Row = Mapping[str, str]
RANGE = (0.0, 100.0)  # of numbers for which a form states none
WORDS_DRAWN = (6, 14)
IMAGE = (640, 480)  # pixels: a form does not say how large its image is


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What is true of one field of a HIT."""

    answer: Answer
    difficulty: float


class Truth:
    """Reads the truth of items from a file, and draws it where there is none.

    What is drawn depends on the seed and on what the question says, so all workers are measured
    against the same truth, and a question that is posted again has the truth it had.
    """

    def __init__(self, script: Simulation) -> None:
        self._script = script
        self._rows = {} if script.truth is None else _read(script.truth)
        self._odd: set[tuple[str, str]] = set()

    def of(self, form: Form, digest: str) -> dict[str, Fact]:
        """What is true of each field of a form; `digest` is of its question."""
        item = self._item_in(form)
        found = {}
        for field in form.fields:
            key = field.key or item
            row = self._rows.get(key or "", {})
            answer = self._given(field, row)
            if answer is None:
                what = (digest, field.name) if field.key is None else (field.set, field.key)
                answer = self._drawn(field, self._script.chance("truth", *what))
            found[field.name] = Fact(answer=answer, difficulty=self._difficulty(row))
        return found

    def _item_in(self, form: Form) -> str | None:
        """The key that stands in the question; the first in the alphabet if several do."""
        if self._script.truth is None or self._script.truth.find == "marker":
            return None
        return min((mark for mark in form.marks if mark in self._rows), default=None)

    def _difficulty(self, row: Row) -> float:
        column = self._script.truth and self._script.truth.difficulty
        return float(row.get(column) or 0) if column else 0.0

    def _given(self, field: FormField, row: Row) -> Answer | None:
        file = self._script.truth
        if file is None or not row:
            return None
        name = next((one for one in (field.set, field.name) if one in file.columns), field.set)
        text = row.get(file.columns.get(name, name), "")
        if not text:
            return None
        values = file.values.get(field.set) or file.values.get(field.name) or {}
        answer = read_answer(field, values.get(text, text))
        if answer is None and (field.name, text) not in self._odd:
            self._odd.add((field.name, text))
            log.warning("%r is no answer to the field %s; its truth is drawn", text, field.name)
        return answer

    def _drawn(self, field: FormField, chance: Random) -> Answer:
        priors = self._script.priors.get(field.set) or self._script.priors.get(field.name) or {}
        weights = [priors.get(option, 0 if priors else 1) for option in field.options]
        if field.kind is Kind.CHOICE and field.options:
            return chance.choices(field.options, weights if any(weights) else None)[0]
        if field.kind is Kind.SEVERAL:
            return tuple(option for option in field.options if chance.random() < 0.4)
        if field.kind is Kind.NUMBER:
            low, high = number_range(field)
            return repr(round(chance.uniform(low, high), 2))
        if field.kind is Kind.BOXES:
            return tuple(_box(field, chance) for _ in range(chance.randint(1, 3)))
        return " ".join(chance.choices(WORDS, k=chance.randint(*WORDS_DRAWN)))


def digest_of(question: str) -> str:
    """What a question is told from others by."""
    return hashlib.sha256(question.encode()).hexdigest()


def number_range(field: FormField) -> tuple[float, float]:
    """The least and the most that a number field takes, as far as it is known."""
    low = field.least if field.least is not None else min(RANGE[0], field.most or 0.0)
    high = field.most if field.most is not None else max(RANGE[1], low)
    return low, max(low, high)


def read_answer(field: FormField, text: str) -> Answer | None:
    """An answer written as in a file: options joined with `|`, boxes as JSON; None if it is none.

    Boxes are a list of objects with label, left, top, width and height in pixels.
    """
    match field.kind:
        case Kind.CHOICE:
            return text if text in field.options or not field.options else None
        case Kind.SEVERAL:
            several = tuple(one.strip() for one in text.split("|") if one.strip())
            return several if set(several) <= set(field.options) else None
        case Kind.NUMBER:
            return text if number(text) is not None else None
        case Kind.BOXES:
            try:
                return tuple(_read_box(one) for one in json.loads(text))
            except (ValueError, TypeError, KeyError):
                return None
        case _:
            return text


def _read_box(one: Mapping[str, Any]) -> Box:
    edges = (float(one[name]) for name in ("left", "top", "width", "height"))
    return Box(str(one["label"]), *edges)


def _box(field: FormField, chance: Random) -> Box:
    width, height = chance.randint(40, 200), chance.randint(40, 200)
    left, top = chance.randint(0, IMAGE[0] - width), chance.randint(0, IMAGE[1] - height)
    return Box(chance.choice(field.options or ("",)), left, top, width, height)


def _read(file: TruthFile) -> dict[str, Row]:
    try:
        with file.file.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            for name in filter(None, (file.key, file.difficulty)):
                if name not in (reader.fieldnames or ()):
                    raise ScriptError(f"truth: {file.file} has no column {name!r}.")
            rows: dict[str, Row] = {row[file.key]: row for row in reader}
    except OSError as error:
        raise ScriptError(f"truth.file: cannot read {file.file}: {error.strerror}.") from error
    for line, row in enumerate(rows.values(), 2):
        _check_difficulty(file, row, line)
    return rows


def _check_difficulty(file: TruthFile, row: Row, line: int) -> None:
    text = row.get(file.difficulty or "") or "0"
    try:
        fits = 0 <= float(text) <= 1
    except ValueError:
        fits = False
    if not fits:
        raise ScriptError(
            f"truth.difficulty: {file.file}, line {line}: {text!r} is no number from 0 to 1."
        )
