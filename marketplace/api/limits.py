"""Limits that MTurk's documentation states and the service's model does not know.

Numbers out of range were seen answered with the text below (UpdateExpirationForHIT's increment);
lengths follow the text that was seen for other values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marketplace.engine import messages
from marketplace.errors import ParameterValidationError, RequestError

YEAR = 31_536_000
RANGES = {
    "AssignmentDurationInSeconds": (30, YEAR),
    "LifetimeInSeconds": (30, YEAR),
    "AutoApprovalDelayInSeconds": (0, 2_592_000),
    "MaxAssignments": (1, 1_000_000_000),
    "NumberOfAdditionalAssignments": (1, 1_000_000_000),
    "TestDurationInSeconds": (1, YEAR),
    "RetryDelayInSeconds": (0, 2_147_483_647),
}
LENGTHS = {
    "Name": (1, 200),
    "Title": (1, 128),
    "Description": (1, 2000),
    "Keywords": (0, 1000),
    "RequesterAnnotation": (0, 255),
    "RequesterFeedback": (0, 1024),
    "Subject": (1, messages.LONGEST_SUBJECT),
    "MessageText": (1, messages.LONGEST_BODY),
}
ASCII_ONLY = ("RequesterAnnotation",)
PRINTABLE_ONLY = ("RequesterFeedback",)
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
NOTHING, CENT = Decimal(0), Decimal("0.01")
LARGEST_AMOUNT = Decimal(1_000_000)


def check(given: Mapping[str, Any]) -> None:
    """Refuse the first member that is out of its documented range."""
    for name, (least, most) in RANGES.items():
        if name in given and not least <= given[name] <= most:
            raise ParameterValidationError(
                f"The value {given[name]} is invalid for {name}. "
                f"Valid values range from {least} to {most}."
            )
    for name, (least, most) in LENGTHS.items():
        if name in given and not least <= len(given[name]) <= most:
            raise invalid(name, given[name])
    for name in ASCII_ONLY:
        if name in given and not given[name].isascii():
            raise invalid(name, given[name])
    for name in PRINTABLE_ONLY:
        if CONTROL.search(given.get(name, "")):
            raise RequestError(
                f"The parameter {name} contains control characters.",
                code="AWS.MechanicalTurk.InvalidParameterValue",
            )


def amount(name: str, text: str, *, least: Decimal = NOTHING) -> Decimal:
    """Dollars from a value that has the model's form."""
    value = Decimal(text)
    if not least <= value <= LARGEST_AMOUNT:
        raise invalid(name, text)
    return value.quantize(CENT)


def invalid(name: str, value: object) -> ParameterValidationError:
    """The text that MTurk was seen to answer a senseless WorkerId with."""
    return ParameterValidationError(f'The value "{value}" is not valid for the parameter {name}.')
