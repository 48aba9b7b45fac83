"""Scoring a qualification test: the AnswerKey document (MTurk's API, AnswerKey)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from lxml import etree

from marketplace.engine import hostile_xml
from marketplace.errors import ParameterValidationError

NAMESPACE = (
    "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/AnswerKey.xsd"
)
# What an element may contain, as a pattern over its children's names; all others hold text alone.
CONTENT = {
    "AnswerKey": r"(Question )+(QualificationValueMapping )?",
    "Question": r"QuestionIdentifier (AnswerOption )+(DefaultScore )?",
    "AnswerOption": r"(SelectionIdentifier )+AnswerScore ",
    "QualificationValueMapping": r"(PercentageMapping |ScaleMapping |RangeMapping )",
    "PercentageMapping": r"MaximumSummedScore ",
    "ScaleMapping": r"SummedScoreMultiplier ",
    "RangeMapping": r"(SummedScoreRange )+OutOfRangeQualificationValue ",
    "SummedScoreRange": r"InclusiveLowerBound InclusiveUpperBound QualificationValue ",
}
INTEGER = re.compile(r"[+-]?[0-9]{1,10}")
DECIMAL = re.compile(r"[+-]?([0-9]{1,10}(\.[0-9]{0,20})?|\.[0-9]{1,20})")
LEAST, MOST = -(2**31), 2**31 - 1  # of a qualification's value

Answers = Mapping[str, frozenset[str]]
"""By question: the selections that a worker made."""


@dataclass(frozen=True, kw_only=True)
class KeyQuestion:
    """One question's scores: each for one set of selections, all of them and no others."""

    identifier: str
    options: tuple[tuple[frozenset[str], int], ...]
    default: int

    def score(self, selected: frozenset[str]) -> int:
        for wanted, score in self.options:
            if selected == wanted:
                return score
        return self.default


@dataclass(frozen=True, kw_only=True)
class AnswerKey:
    """The questions, and how the sum of their scores becomes the qualification's value."""

    questions: tuple[KeyQuestion, ...]
    mapping: Callable[[int], int]

    def value(self, answers: Answers) -> int:
        """A question without an answer gets its default score."""
        nothing: frozenset[str] = frozenset()
        total = sum(
            question.score(answers.get(question.identifier, nothing)) for question in self.questions
        )
        return min(max(self.mapping(total), LEAST), MOST)


def parse(document: str) -> AnswerKey:
    """The key in the document; one that breaks the schema is refused as MTurk refuses XML."""
    try:
        root = hostile_xml.parsed(document)
        if root.tag != f"{{{NAMESPACE}}}AnswerKey":
            raise ValueError(f"cannot find the declaration of element '{root.tag}'")
        _check(root)
        return AnswerKey(
            questions=tuple(_question(element) for element in _all(root, "Question")),
            mapping=_mapping(root),
        )
    except ValueError as error:
        raise ParameterValidationError(
            "There was an error parsing the XML question or answer data in your request.  Please "
            "make sure the data is well-formed and validates against the appropriate schema. "
            f"Details: {error}"
        ) from error


def selections(document: str) -> dict[str, frozenset[str]]:
    """What a QuestionFormAnswers document selects; other text counts as one more selection.

    Free text selects nothing. Raises `ValueError` where the document cannot be read.
    """
    found: dict[str, frozenset[str]] = {}
    for answer in hostile_xml.parsed(document).iterchildren("{*}Answer"):
        identifier = _text(answer, "{*}QuestionIdentifier")
        selected = {_words(element) for element in answer.iterchildren("{*}SelectionIdentifier")}
        other = _text(answer, "{*}OtherSelectionText")
        if other:
            selected.add(f"\N{NULL}{other}")  # no identifier in a key can be like it
        found[identifier] = found.get(identifier, frozenset()) | selected
    return found


def _check(element: etree._Element) -> None:
    """Refuse an element whose content, all the way down, is not the schema's."""
    name = etree.QName(element).localname
    children = list(element)
    pattern = CONTENT.get(name)
    if pattern is None:
        if children:
            raise ValueError(f"the element '{name}' holds text alone")
        return
    mixed = [element.text, *(child.tail for child in children)]
    if any(text and text.strip() for text in mixed):
        raise ValueError(f"the element '{name}' holds elements alone")
    names = [_local_name(child) for child in children]
    if not re.fullmatch(pattern, "".join(f"{child} " for child in names)):
        raise ValueError(f"invalid content was found in element '{name}': {' '.join(names)[:200]}")
    for child in children:
        _check(child)


def _local_name(element: etree._Element) -> str:
    if not isinstance(element.tag, str) or etree.QName(element).namespace != NAMESPACE:
        raise ValueError(f"cannot find the declaration of element '{element.tag}'")
    return etree.QName(element).localname


def _question(element: etree._Element) -> KeyQuestion:
    options = tuple(
        (
            frozenset(_words(selection) for selection in _all(option, "SelectionIdentifier")),
            _integer(option, "AnswerScore"),
        )
        for option in _all(element, "AnswerOption")
    )
    has_default = next(_all(element, "DefaultScore"), None) is not None
    return KeyQuestion(
        identifier=_text(element, f"{{{NAMESPACE}}}QuestionIdentifier"),
        options=options,
        default=_integer(element, "DefaultScore") if has_default else 0,
    )


def _mapping(root: etree._Element) -> Callable[[int], int]:
    """From the sum of the scores to the value: the sum itself, unless the key says otherwise."""
    outer = next(_all(root, "QualificationValueMapping"), None)
    if outer is None:
        return lambda total: total
    element = outer[0]
    match etree.QName(element).localname:
        case "PercentageMapping":
            maximum = _integer(element, "MaximumSummedScore")
            if maximum <= 0:
                raise ValueError("MaximumSummedScore must be above 0")
            return lambda total: _rounded(Fraction(100 * total, maximum))
        case "ScaleMapping":
            multiplier = _decimal(element, "SummedScoreMultiplier")
            return lambda total: _rounded(total * multiplier)
    outside = _integer(element, "OutOfRangeQualificationValue")
    ranges = [
        tuple(
            _integer(bounds, name)
            for name in ("InclusiveLowerBound", "InclusiveUpperBound", "QualificationValue")
        )
        for bounds in _all(element, "SummedScoreRange")
    ]
    return lambda total: next(
        (value for low, high, value in ranges if low <= total <= high), outside
    )


def _rounded(value: Fraction) -> int:
    """To the nearest integer, halves upwards."""
    return math.floor(value + Fraction(1, 2))


def _all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iterchildren(f"{{{NAMESPACE}}}{name}")


def _words(element: etree._Element) -> str:
    return (element.text or "").strip()


def _text(element: etree._Element, tag: str) -> str:
    found = next(element.iterchildren(tag), None)
    return "" if found is None else _words(found)


def _integer(element: etree._Element, name: str) -> int:
    text = _text(element, f"{{{NAMESPACE}}}{name}")
    if not INTEGER.fullmatch(text) or not LEAST <= int(text) <= MOST:
        raise ValueError(f"'{text}' is not a valid value for '{name}', an integer")
    return int(text)


def _decimal(element: etree._Element, name: str) -> Fraction:
    text = _text(element, f"{{{NAMESPACE}}}{name}")
    if not DECIMAL.fullmatch(text):
        raise ValueError(f"'{text}' is not a valid value for '{name}', a decimal")
    return Fraction(text)
