"""Answers as MTurk hands them out: QuestionFormAnswers XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from lxml import etree

NAMESPACE = (
    "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/"
    "2005-10-01/QuestionFormAnswers.xsd"
)
NO_ANSWERS = {"assignmentId", "hitId"}
# What XML 1.0 cannot carry, not even as a reference.
UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The answer to a multiple-choice question: identifiers, and what was typed beside them."""

    selections: tuple[str, ...] = ()
    other: str | None = None


def from_fields(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The answers in what a page posted: every field but assignmentId and hitId, in their order.

    Of a repeated name one value survives (MTurk's FAQ); which one is not documented, here the
    first.
    """
    answers: dict[str, str] = {}
    for name, value in fields:
        if name not in NO_ANSWERS:
            answers.setdefault(name, value)
    return answers


def question_form_answers(
    answers: Mapping[str, str | Chosen], *, prologue: Literal["ascii", "utf8"]
) -> str:
    """One Answer for each question, under either prologue that MTurk was seen to use.

    A text becomes FreeText, a choice as many SelectionIdentifiers as were chosen, none included.
    Under the ASCII prologue everything else is a numeric character reference. Characters that XML
    cannot carry are replaced by U+FFFD.
    """
    root = etree.Element("QuestionFormAnswers", {"xmlns": NAMESPACE})
    for name, value in answers.items():
        answer = etree.SubElement(root, "Answer")
        etree.SubElement(answer, "QuestionIdentifier").text = _speakable(name)
        _add(answer, value)
    if prologue == "utf8":
        text = etree.tostring(root, encoding="unicode", pretty_print=True)
        return f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n{text}'
    return f'<?xml version="1.0" encoding="ASCII"?>{etree.tostring(root).decode("ascii")}'


def _add(answer: etree._Element, value: str | Chosen) -> None:
    if isinstance(value, str):
        etree.SubElement(answer, "FreeText").text = _speakable(value) or None
        return
    for selection in value.selections:
        etree.SubElement(answer, "SelectionIdentifier").text = _speakable(selection)
    if value.other:
        etree.SubElement(answer, "OtherSelectionText").text = _speakable(value.other)


def _speakable(text: str) -> str:
    return UNSPEAKABLE.sub("\ufffd", text)
