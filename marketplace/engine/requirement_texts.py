"""Why a worker may not accept a HIT, in sentences for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.engine.system_qualifications import (
    ADULT,
    APPROVED_COUNT,
    APPROVED_PERCENT,
    LOCALE,
    MASTERS,
)
from marketplace.engine.worker_records import Place, Value

PHRASES = {
    "LessThan": "less than {}",
    "LessThanOrEqualTo": "at most {}",
    "GreaterThan": "more than {}",
    "GreaterThanOrEqualTo": "at least {}",
    "EqualTo": "exactly {}",
    "NotEqualTo": "anything but {}",
    "In": "{}",
    "NotIn": "anything but {}",
}


def sentence(requirement: Mapping[str, Any], name: str, value: Value | None) -> str:
    """What is asked for, and what the worker has instead; `value` is the worker's."""
    type_id, comparator = requirement["QualificationTypeId"], requirement["Comparator"]
    if type_id == LOCALE:
        return _of_place(requirement, comparator, value)
    if type_id == ADULT:
        return "This work is for people who agreed to see content for adults."
    if type_id in MASTERS.values() and comparator == "Exists":
        return "This work is for Masters."
    if comparator == "Exists":
        return f"You need the qualification “{name}”."
    if comparator == "DoesNotExist":
        return f"This work is for people without the qualification “{name}”."
    wanted = PHRASES[comparator].format(_either(requirement["IntegerValues"]))
    if type_id == APPROVED_COUNT:
        return f"Your approved assignments must number {wanted}; they number {value}."
    if type_id == APPROVED_PERCENT:
        return f"Your approval rate in per cent must be {wanted}; it is {value}."
    has = "you do not have it" if value is None else f"yours is {value}"
    return f"You need the qualification “{name}” with a value of {wanted}; {has}."


def _of_place(requirement: Mapping[str, Any], comparator: str, value: Value | None) -> str:
    if comparator == "Exists":
        return "This work is for people whose country is known."
    if comparator == "DoesNotExist":
        return "This work is for people whose country is not known."
    places = _either([Place.from_locale(locale) for locale in requirement["LocaleValues"]])
    where = f"in {places}" if comparator in ("EqualTo", "In") else f"outside {places}"
    has = "your country is not known" if value is None else f"yours is {value}"
    return f"You must live {where}; {has}."


def _either(values: Sequence[object]) -> str:
    *rest, last = [str(value) for value in values]
    return f"{', '.join(rest)} or {last}" if rest else last
