"""QuestionForms as forms of our own pages: shown, read back, and checked.

Fields are named `answer.N` and `answer.N.other` for the N-th question, from 1. A requester's
regular expressions are tried in the browser alone, as on MTurk: no pattern of a stranger's runs
here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from markupsafe import Markup

from marketplace.engine.answers import Chosen, question_form_answers
from marketplace.frames import formatted
from marketplace.frames.form_xml import read
from marketplace.frames.notices import TEMPLATES
from marketplace.frames.question_form import (
    FreeText,
    Question,
    QuestionForm,
    Selection,
    Text,
)
from marketplace.frames.rewriting import ASSETS

Posted = Mapping[str, Sequence[str]]
LONGEST_NUMBER = 50  # characters
ONE_LINE_STYLES = {"dropdown", "combobox"}


@dataclass(frozen=True, kw_only=True)
class FormResult:
    """What was posted: the answers as XML, or by field what is wrong with them."""

    answer_xml: str | None
    errors: dict[str, str]


def render_form(
    question_xml: str,
    *,
    action: str,
    form_token: str,
    posted: Posted | None = None,
    errors: Mapping[str, str] | None = None,
) -> Markup:
    """The form, filled with what was posted before; raises `InvalidQuestion`."""
    return render(
        read(question_xml), action=action, form_token=form_token, posted=posted, errors=errors
    )


def read_form(
    question_xml: str, posted: Posted, *, prologue: Literal["ascii", "utf8"] = "ascii"
) -> FormResult:
    """The posted answers, checked against the form; raises `InvalidQuestion`."""
    errors: dict[str, str] = {}
    answers: dict[str, str | Chosen] = {}
    for number, question in enumerate(read(question_xml).questions, start=1):
        field = f"answer.{number}"
        given = posted.get(field, ())
        if isinstance(question.answer, FreeText):
            text = given[0] if given else ""
            answers[question.identifier] = text
            fault = _fault_in_text(question.answer, text, required=question.required)
        else:
            chosen = _chosen(question.answer, given, posted.get(f"{field}.other", ()))
            answers[question.identifier] = chosen
            fault = _fault_in_choice(question.answer, given, chosen, required=question.required)
        if fault:
            errors[field] = fault
    if errors:
        return FormResult(answer_xml=None, errors=errors)
    return FormResult(answer_xml=question_form_answers(answers, prologue=prologue), errors={})


def render(
    form: QuestionForm,
    *,
    action: str | None,
    form_token: str,
    posted: Posted | None = None,
    errors: Mapping[str, str] | None = None,
) -> Markup:
    """As `render_form`; without an `action` it is a preview that cannot be filled."""
    template = TEMPLATES.get_template("question_form.html")
    return Markup(
        template.render(
            form=form,
            fields={q.identifier: f"answer.{n}" for n, q in enumerate(form.questions, start=1)},
            action=action,
            form_token=form_token,
            given=None if posted is None else posted,
            errors=errors or {},
            assets=ASSETS,
            formatted=formatted.shown,
            widget=widget,
            rules=rules,
            is_text=lambda question: isinstance(question.answer, FreeText),
            is_question=lambda part: isinstance(part, Question),
        )
    )


def widget(selection: Selection) -> str:
    """How a choice is shown: `select`, `list`, `radio` or `checkbox`.

    The style is a suggestion: options that are not plain text need boxes, and several are chosen
    with checkboxes wherever a list was not asked for.
    """
    plain = all(
        isinstance(option.content, Text) and option.content.kind == "Text"
        for option in selection.options
    )
    if selection.style == "list" and plain:
        return "list"
    if selection.most > 1:
        return "checkbox"
    return "select" if plain and selection.style in ONE_LINE_STYLES else "radio"


def rules(question: Question) -> str:
    """What an answer must keep to, in one line for the worker; empty where there is nothing."""
    answer = question.answer
    if isinstance(answer, Selection):
        least, most = _counts(answer)
        if most == 1:
            return ""
        return f"Choose {least} to {most}." if least != most else f"Choose {most}."
    said = []
    if answer.numeric:
        said.append(f"A number{_range(answer.min_value, answer.max_value)}.")
    if answer.min_length is not None or answer.max_length is not None:
        said.append(f"Length{_range(answer.min_length, answer.max_length)} characters.")
    return " ".join(said)


def _range(least: int | None, most: int | None) -> str:
    if least is not None and most is not None:
        return f" from {least} to {most}" if least != most else f" of {least}"
    if least is not None:
        return f" of {least} or more"
    return "" if most is None else f" of {most} or less"


def _fault_in_text(answer: FreeText, text: str, *, required: bool) -> str | None:
    # A minimum length makes an answer required (MTurk's documentation of Constraints).
    if not text.strip() and (required or answer.min_length):
        return "Please answer this question."
    if not text:
        return None
    # A line's end counts as one character, as it does in the browser.
    length = len(text.replace("\r\n", "\n"))
    if length < (answer.min_length or 0):
        return f"Please write at least {answer.min_length} characters; these are {length}."
    if answer.max_length is not None and length > answer.max_length:
        return f"Please write at most {answer.max_length} characters; these are {length}."
    return _fault_in_number(answer, text.strip()) if answer.numeric else None


def _fault_in_number(answer: FreeText, text: str) -> str | None:
    try:
        number = Decimal(text) if len(text) <= LONGEST_NUMBER and text.isascii() else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or "_" in text:
        return "Please write a number, such as 12 or 3.5."
    if answer.min_value is not None and number < answer.min_value:
        return f"Please write a number of {answer.min_value} or more."
    if answer.max_value is not None and number > answer.max_value:
        return f"Please write a number of {answer.max_value} or less."
    return None


def _chosen(selection: Selection, given: Sequence[str], other: Sequence[str]) -> Chosen:
    chosen = tuple(o.identifier for o in selection.options if o.identifier in given)
    text = other[0] if other and selection.other is not None else ""
    return Chosen(selections=chosen, other=text or None)


def _fault_in_choice(
    selection: Selection, given: Sequence[str], chosen: Chosen, *, required: bool
) -> str | None:
    if {value for value in given if value} - set(chosen.selections):
        return "Please choose among what is offered."
    if selection.other is not None and chosen.other:
        fault = _fault_in_text(selection.other, chosen.other, required=False)
        if fault:
            return fault
    number = len(chosen.selections) + bool(chosen.other)
    least, _ = _counts(selection)
    if number == 0:
        return "Please answer this question." if required else None
    if number < least:
        return f"Please choose at least {least}."
    if len(chosen.selections) > selection.most:
        return f"Please choose at most {selection.most}."
    return None


def _counts(selection: Selection) -> tuple[int, int]:
    """How few and how many can be chosen, within what there is."""
    there = len(selection.options)
    return min(selection.least, there), min(selection.most, there)
