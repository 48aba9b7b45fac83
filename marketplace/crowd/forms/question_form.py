"""The fields of a QuestionForm."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from marketplace.crowd.forms.model import Form, FormField, Kind
from marketplace.crowd.questions import root_of
from marketplace.frames.form_xml import form_of
from marketplace.frames.question import InvalidQuestion
from marketplace.frames.question_form import Question, Selection

LONGEST_MARK = 200


def question_form(question: str) -> Form | None:
    """The form of a QuestionForm, under either version of its schema; None if it is none."""
    root = root_of(question)
    if root is None or etree.QName(root).localname != "QuestionForm":
        return None
    try:
        questions = form_of(root).questions
    except InvalidQuestion:
        return None
    texts = (str(text).strip() for text in root.itertext())
    return Form(
        fields=tuple(_field(one) for one in questions),
        style="questionform",
        marks=frozenset(text for text in texts if 0 < len(text) <= LONGEST_MARK),
    )


def _field(question: Question) -> FormField:
    answer = question.answer
    field = FormField(
        name=question.identifier,
        set=question.identifier,
        kind=Kind.TEXT,
        required=question.required,
    )
    if isinstance(answer, Selection):
        several = answer.most > 1
        return replace(
            field,
            kind=Kind.SEVERAL if several else Kind.CHOICE,
            options=tuple(option.identifier for option in answer.options),
            least=float(answer.least) if several else None,
            most=float(answer.most) if several else None,
        )
    if answer.numeric:
        return replace(
            field, kind=Kind.NUMBER, least=_float(answer.min_value), most=_float(answer.max_value)
        )
    return replace(field, least=_float(answer.min_length), most=_float(answer.max_length))


def _float(value: int | None) -> float | None:
    return None if value is None else float(value)
