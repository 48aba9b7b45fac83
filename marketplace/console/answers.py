"""Answers as a table of names and values, whatever they were written by.

`crowd-form` answers with JSON in one field, other pages with a field for each answer; nested JSON
becomes names such as `box.left`. What cannot be read is shown as it came.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from marketplace.engine.hostile_xml import parsed

CROWD_FORM = "taskAnswers"
SHORT = 280  # characters that are shown at first
MOST_VALUES = 300
DEEPEST = 12


@dataclass(frozen=True, kw_only=True)
class Value:
    """One value of an answer; `kind` says what it is where it is no plain text."""

    name: str
    text: str
    kind: str = ""

    @property
    def is_long(self) -> bool:
        return len(self.text) > SHORT

    @property
    def beginning(self) -> str:
        return self.text[:SHORT]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """An answer that was read; `raw` is set where that was not possible, or not to the end."""

    values: list[Value]
    raw: str | None = None
    trouble: str | None = None


def read(answer: str | None) -> Reading:
    """The names and values in QuestionFormAnswers XML."""
    if not answer or not answer.strip():
        return Reading(values=[])
    try:
        root = parsed(answer)
        values: list[Value] = []
        for value in _values(root):
            if len(values) == MOST_VALUES:
                trouble = f"It has more than {MOST_VALUES} values."
                return Reading(values=values, raw=answer, trouble=trouble)
            values.append(value)
    except ValueError as error:
        return Reading(values=[], raw=answer, trouble=f"It cannot be read: {error}.")
    return Reading(values=values)


def _values(root: etree._Element) -> Iterator[Value]:
    for answer in root.iterfind("{*}Answer"):
        name = answer.findtext("{*}QuestionIdentifier") or ""
        chosen = [node.text or "" for node in answer.iterfind("{*}SelectionIdentifier")]
        free = answer.find("{*}FreeText")
        if free is not None:
            yield from _free_text(name, free.text or "")
        for selection in chosen:
            yield Value(name=name, text=selection, kind="chosen")
        other = answer.findtext("{*}OtherSelectionText")
        if other is not None:
            yield Value(name=name, text=other, kind="other")
        if free is None and not chosen and other is None:
            yield Value(name=name, text="", kind="nothing")


def _free_text(name: str, text: str) -> Iterator[Value]:
    """The text, or the parts of the JSON that a crowd-form sends."""
    content = _json(text)
    if not isinstance(content, dict | list) or not content:
        yield Value(name=name, text=text)
        return
    if name == CROWD_FORM:
        name = ""
        if isinstance(content, list) and len(content) == 1:
            content = content[0]
    yield from _flat(name, content, 0)


def _flat(name: str, content: Any, depth: int) -> Iterator[Value]:
    if isinstance(content, str):  # some parts are JSON within JSON
        inner = _json(content)
        content = inner if isinstance(inner, dict | list) else content
    pairs: Iterator[tuple[str, Any]] | None = None
    if isinstance(content, dict) and content:
        pairs = ((str(key), value) for key, value in content.items())
    elif isinstance(content, list) and content:
        pairs = ((str(number), value) for number, value in enumerate(content, start=1))
    if pairs is None or depth == DEEPEST:
        yield _leaf(name, content)
        return
    for key, value in pairs:
        yield from _flat(f"{name}.{key}" if name else key, value, depth + 1)


def _leaf(name: str, content: Any) -> Value:
    if isinstance(content, str):
        return Value(name=name, text=content)
    if isinstance(content, bool):
        return Value(name=name, text="yes" if content else "no", kind="checked")
    kind = "" if isinstance(content, int | float) else "JSON"
    return Value(name=name, text=json.dumps(content, ensure_ascii=False), kind=kind)


def _json(text: str) -> Any:
    """What the text means as JSON, None where it is none."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
