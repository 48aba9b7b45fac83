"""Writing answers as a browser would post them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from marketplace.crowd.forms.model import Answer, Box, Form, FormField, Kind
from marketplace.engine.answers import Chosen, from_fields, question_form_answers

TASK_ANSWERS = "taskAnswers"
BUTTONS = ("radio", "checkbox")  # HTML's own, inside a crowd-form
NO_IMAGE = {"height": 0, "width": 0}


def posted(form: Form, answers: Mapping[str, Answer]) -> list[tuple[str, str]]:
    """Names and values as a plain form or a crowd-form posts them."""
    if form.style == "crowd":
        values = [_task_answers(form, answers)]
        return [(TASK_ANSWERS, json.dumps(values, ensure_ascii=False, sort_keys=True))]
    given = [
        (field.name, value) for field in form.fields for value in chosen(answers.get(field.name))
    ]
    return [*form.hidden.items(), *given]


def answer_xml(
    form: Form, answers: Mapping[str, Answer], *, prologue: Literal["ascii", "utf8"]
) -> str:
    """QuestionFormAnswers as the marketplace makes them of what the form posts."""
    if form.style != "questionform":
        return question_form_answers(from_fields(posted(form, answers)), prologue=prologue)
    given = {
        field.name: Chosen(selections=tuple(chosen(answers.get(field.name))))
        if field.options
        else "".join(chosen(answers.get(field.name)))
        for field in form.fields
    }
    return question_form_answers(given, prologue=prologue)


def chosen(answer: Answer | None) -> Sequence[str]:
    """The options in an answer to a choice or to several."""
    if answer is None:
        return ()
    return (answer,) if isinstance(answer, str) else [str(one) for one in answer]


def _task_answers(form: Form, answers: Mapping[str, Answer]) -> dict[str, Any]:
    values: dict[str, Any] = {**form.hidden}
    for field in form.fields:
        answer = answers.get(field.name)
        if answer is not None:
            values.update(_crowd_value(field, answer))
    return values


def _crowd_value(field: FormField, answer: Answer) -> dict[str, Any]:
    """What an element adds to the object of a crowd-form's answers."""
    picked = chosen(answer)
    if field.shape == "crowd-radio-group" and field.values:
        pairs = zip(field.options, field.values, strict=True)
        return {name: {value: name in picked} for name, value in pairs}
    if field.shape in ("crowd-radio-group", "crowd-checkbox") or field.format in BUTTONS:
        return {field.name: {option: option in picked for option in field.options}}
    if field.shape in ("crowd-classifier", "crowd-image-classifier"):
        return {field.name: {"label": answer}}
    if field.shape == "crowd-classifier-multi-select":
        return {field.name: {"labels": list(picked)}}
    if field.kind is Kind.BOXES:
        boxes = [box._asdict() for box in answer if isinstance(box, Box)]
        return {field.name: {"boundingBoxes": boxes, "inputImageProperties": NO_IMAGE}}
    if field.shape == "crowd-slider":
        number = float(picked[-1])
        return {field.name: int(number) if number.is_integer() else number}
    if field.kind is Kind.SEVERAL:
        return {field.name: list(picked)}
    return {field.name: picked[-1] if picked else ""}
