"""The fields of a plain HTML form: radio buttons, check boxes, lists, inputs, text areas."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lxml import html

from marketplace.crowd.forms.model import FormField, Kind

NUMBERS = ("number", "range")
NOT_ASKED = ("hidden", "submit", "reset", "button", "image", "file", "password")
RANGE = (0.0, 100.0)  # of a slider that states none, as in HTML


def html_fields(inside: html.HtmlElement) -> Iterator[FormField]:
    """The fields below an element, in document order; disabled and nameless ones are not posted."""
    seen: set[str] = set()
    for element in inside.iter("input", "select", "textarea"):
        name = element.get("name") or ""
        kind = _kind(element)
        if not name or name in seen or kind is None or element.get("disabled") is not None:
            continue
        seen.add(name)
        yield _field(inside, element, name, kind)


def hidden_values(inside: html.HtmlElement) -> dict[str, str]:
    """What a form posts that nobody sees, but for the assignment's id."""
    hidden = (one for one in inside.iter("input") if one.get("type", "").lower() == "hidden")
    values = {one.get("name") or "": one.get("value") or "" for one in hidden}
    return {name: value for name, value in values.items() if name not in ("", "assignmentId")}


def marker(element: html.HtmlElement) -> tuple[str | None, str | None]:
    """The set and the task that the element or the nearest one around it declares.

    One that names another field (`data-crowd-field`) does not speak of this.
    """
    name = element.get("name")
    for around in (element, *element.iterancestors()):
        task = around.get("data-crowd-task")
        of = around.get("data-crowd-field")
        if task and (of is None or of == name):
            return around.get("data-crowd-set"), task
    return None, None


def number(text: str | None) -> float | None:
    """A finite number, else None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _kind(element: html.HtmlElement) -> Kind | None:
    if element.tag == "textarea":
        return Kind.TEXT
    if element.tag == "select":
        return Kind.SEVERAL if element.get("multiple") is not None else Kind.CHOICE
    type_ = element.get("type", "text").lower()
    if type_ in NOT_ASKED:
        return None
    if type_ in NUMBERS:
        return Kind.NUMBER
    return {"radio": Kind.CHOICE, "checkbox": Kind.SEVERAL}.get(type_, Kind.TEXT)


def _field(inside: html.HtmlElement, element: html.HtmlElement, name: str, kind: Kind) -> FormField:
    type_ = element.get("type", "text").lower()
    if element.tag == "select":
        options = tuple(
            one.get("value") if one.get("value") is not None else (one.text_content()).strip()
            for one in element.iter("option")
            if one.get("disabled") is None
        )
        options = tuple(option for option in options if option)  # an empty one is the prompt
        least, most = None, None
    elif type_ in ("radio", "checkbox"):
        same = (
            one
            for one in inside.iter("input")
            if one.get("name") == name
            and one.get("type", "").lower() == type_
            and one.get("disabled") is None
        )
        options = tuple(dict.fromkeys(one.get("value", "on") for one in same))
        least, most = None, None
    elif kind is Kind.NUMBER:
        default = RANGE if type_ == "range" else (None, None)
        options = ()
        least = number(element.get("min")) if element.get("min") else default[0]
        most = number(element.get("max")) if element.get("max") else default[1]
    else:
        options = ()
        least, most = number(element.get("minlength")), number(element.get("maxlength"))
    set_, key = marker(element)
    return FormField(
        name=name,
        set=set_ or name,
        key=key,
        kind=kind,
        options=options,
        required=element.get("required") is not None,
        least=least,
        most=most,
        step=number(element.get("step")),
        format=type_ if element.tag == "input" else "text",
    )
