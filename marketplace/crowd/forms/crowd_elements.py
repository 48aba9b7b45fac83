"""The fields of a crowd-form: Amazon's crowd-html-elements."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator

from lxml import html

from marketplace.crowd.forms.html_fields import marker, number
from marketplace.crowd.forms.model import FormField, Kind

NUMBERS = ("crowd-slider",)
TEXTS = ("crowd-input", "crowd-text-area")
WIDGETS = {
    "crowd-classifier": Kind.CHOICE,
    "crowd-image-classifier": Kind.CHOICE,
    "crowd-classifier-multi-select": Kind.SEVERAL,
    "crowd-bounding-box": Kind.BOXES,
}
SLIDER = (0.0, 100.0)
ON = "on"  # the value of a button or box that states none, as in HTML


def crowd_fields(form: html.HtmlElement) -> Iterator[FormField]:
    """The fields of a crowd-form, in document order."""
    for element in form.iter():
        if not isinstance(element.tag, str) or element.get("disabled") is not None:
            continue
        name = element.get("name") or ""
        if element.tag in WIDGETS:
            # Amazon's script posts these under a name of its own where the page gives none.
            yield _widget(element, name or "annotatedResult")
        elif element.tag == "crowd-radio-group":
            yield from _radio_group(element)
        elif name and element.tag in (*TEXTS, *NUMBERS):
            yield _input(element, name)
    yield from _checkboxes(form)


def _widget(element: html.HtmlElement, name: str) -> FormField:
    set_, key = marker(element)
    labels = element.get("categories") or element.get("labels")
    return FormField(
        name=name,
        set=set_ or name,
        key=key,
        kind=WIDGETS[element.tag],
        options=_list(labels),
        required=True,
        shape=element.tag,
    )


def _input(element: html.HtmlElement, name: str) -> FormField:
    set_, key = marker(element)
    type_ = element.get("type", "text").lower()
    is_number = element.tag in NUMBERS or type_ == "number"
    default = SLIDER if element.tag in NUMBERS else (None, None)
    least, most = ("min", "max") if is_number else ("min-length", "max-length")
    return FormField(
        name=name,
        set=set_ or name,
        key=key,
        kind=Kind.NUMBER if is_number else Kind.TEXT,
        required=element.get("required") is not None,
        least=default[0] if number(element.get(least)) is None else number(element.get(least)),
        most=default[1] if number(element.get(most)) is None else number(element.get(most)),
        step=number(element.get("step")),
        format=type_,
        shape=element.tag,
    )


def _radio_group(element: html.HtmlElement) -> Iterator[FormField]:
    """The buttons of a group, of which one is chosen; each may bear a name of its own."""
    buttons = [one for one in element.iter("crowd-radio-button") if one.get("name")]
    if not buttons:
        return
    names = [one.get("name") for one in buttons]
    shared = len(set(names)) == 1
    values = [one.get("value", ON) for one in buttons]
    options = values if shared else names
    name = names[0] if shared else (element.get("name") or "/".join(dict.fromkeys(names)))
    set_, key = marker(buttons[0])
    yield FormField(
        name=name,
        set=set_ or name,
        key=key,
        kind=Kind.CHOICE,
        options=tuple(dict.fromkeys(options)),
        required=True,
        shape=element.tag,
        values=() if shared else tuple(values),
    )


def _checkboxes(form: html.HtmlElement) -> Iterator[FormField]:
    """Check boxes that share a name are one field."""
    boxes = [one for one in form.iter("crowd-checkbox") if one.get("name")]
    for name in dict.fromkeys(one.get("name") for one in boxes):
        same = [one for one in boxes if one.get("name") == name]
        set_, key = marker(same[0])
        yield FormField(
            name=name,
            set=set_ or name,
            key=key,
            kind=Kind.SEVERAL,
            options=tuple(dict.fromkeys(one.get("value", ON) for one in same)),
            required=same[0].get("required") is not None,
            shape="crowd-checkbox",
        )


def _list(text: str | None) -> tuple[str, ...]:
    """A list written as JSON, or with single quotes as most templates do."""
    for read in (json.loads, ast.literal_eval):
        try:
            found = read((text or "").strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, list):
            return tuple(_label(one) for one in found)
    return ()


def _label(one: object) -> str:
    # The boxes' labels may be objects with a label and a category.
    return str(one.get("label", one)) if isinstance(one, dict) else str(one)
