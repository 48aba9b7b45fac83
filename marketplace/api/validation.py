"""Requests against botocore's model of the service.

botocore's own validation stops at required members, types and minimum lengths, so clients do send
the rest; AWS's framework refuses it with a ValidationException that lists every breach.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import (
    ListShape,
    OperationModel,
    ServiceModel,
    Shape,
    StringShape,
    StructureShape,
)

from marketplace.engine.blocks import INVALID_WORKER
from marketplace.errors import FrameworkError, ParameterValidationError

API_VERSION = "2017-01-17"
TARGET_PREFIX = "MTurkRequesterServiceV20170117"
INTEGER_BITS = {"integer": 31, "long": 63}
OWN_WORDS = {("DeleteWorkerBlock", "workerId"): INVALID_WORKER}


@cache
def service_model() -> ServiceModel:
    """Amazon's description of the 39 operations, as botocore ships it."""
    return ServiceModel(Loader().load_service_model("mturk", "service-2", API_VERSION), "mturk")


def operation_model(operation: str) -> OperationModel | None:
    """The operation's model, if there is such an operation."""
    model = service_model()
    return model.operation_model(operation) if operation in model.operation_names else None


def checked(operation: OperationModel, members: Mapping[str, Any]) -> dict[str, Any]:
    """The known members, null ones left out and times as aware datetimes.

    Raises SerializationException for a wrong type, ValidationException for a breached constraint.
    """
    if operation.input_shape is None:
        return {}
    breaches: list[str] = []
    values: dict[str, Any] = _structure(operation.input_shape, members, "", breaches)
    if breaches:
        _refuse_in_own_words(operation.name, breaches)
        plural = "s" if len(breaches) > 1 else ""
        raise FrameworkError(
            "ValidationException",
            f"{len(breaches)} validation error{plural} detected: {'; '.join(breaches)}",
        )
    return values


def _refuse_in_own_words(operation: str, breaches: list[str]) -> None:
    """What an operation's page says it answers itself."""
    for (name, member), message in OWN_WORDS.items():
        if name == operation and any(f" at '{member}' " in breach for breach in breaches):
            raise ParameterValidationError(message)


def _value(shape: Shape, value: Any, path: str, breaches: list[str]) -> Any:
    match shape.type_name:
        case "structure":
            return _structure(shape, value, path, breaches)
        case "list":
            return _list(shape, value, path, breaches)
        case "string":
            return _string(shape, value, path, breaches)
        case "integer" | "long":
            return _integer(shape, value, path, breaches)
        case "boolean":
            return _typed(value, bool)
        case "timestamp":
            return _timestamp(value)
    raise NotImplementedError(f"The model has a {shape.type_name} at {path}.")


def _structure(
    shape: StructureShape | Shape, value: Any, path: str, breaches: list[str]
) -> dict[str, Any]:
    assert isinstance(shape, StructureShape)
    _typed(value, dict)
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        at = f"{path}.{_lower_camel(name)}" if path else _lower_camel(name)
        if value.get(name) is not None:
            found[name] = _value(member, value[name], at, breaches)
        elif name in shape.required_members:
            breaches.append(_breach("null", at, "Member must not be null", quoted=False))
    return found


def _list(shape: Shape, value: Any, path: str, breaches: list[str]) -> list[Any]:
    assert isinstance(shape, ListShape)
    _typed(value, list)
    return [
        _value(shape.member, member, f"{path}.{number}.member", breaches)
        for number, member in enumerate(value, start=1)
    ]


def _string(shape: Shape, value: Any, path: str, breaches: list[str]) -> str:
    text: str = _typed(value, str)
    limits = shape.metadata
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise FrameworkError("SerializationException", "")
    if len(text) < limits.get("min", 0):
        rule = f"Member must have length greater than or equal to {limits['min']}"
        breaches.append(_breach(text, path, rule))
    if len(text) > limits.get("max", math.inf):
        rule = f"Member must have length less than or equal to {limits['max']}"
        breaches.append(_breach(text, path, rule))
    if "pattern" in limits and not re.fullmatch(limits["pattern"], text, re.ASCII):
        rule = f"Member must satisfy regular expression pattern: {limits['pattern']}"
        breaches.append(_breach(text, path, rule))
    if isinstance(shape, StringShape) and shape.enum and text not in shape.enum:
        rule = f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        breaches.append(_breach(text, path, rule))
    return text


def _integer(shape: Shape, value: Any, path: str, breaches: list[str]) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise FrameworkError("SerializationException", "")
    if not -(2 ** INTEGER_BITS[shape.type_name]) <= value < 2 ** INTEGER_BITS[shape.type_name]:
        raise FrameworkError("SerializationException", "")
    limits = shape.metadata
    if value < limits.get("min", -math.inf):
        rule = f"Member must have value greater than or equal to {limits['min']}"
        breaches.append(_breach(value, path, rule))
    if value > limits.get("max", math.inf):
        rule = f"Member must have value less than or equal to {limits['max']}"
        breaches.append(_breach(value, path, rule))
    return value


def _timestamp(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FrameworkError("SerializationException", "")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise FrameworkError("SerializationException", "") from error


def _typed(value: Any, expected: type) -> Any:
    if not isinstance(value, expected):
        raise FrameworkError("SerializationException", "")
    return value


def _breach(value: object, path: str, rule: str, *, quoted: bool = True) -> str:
    shown = f"'{value}'" if quoted else value
    return f"Value {shown} at '{path}' failed to satisfy constraint: {rule}"


def _lower_camel(name: str) -> str:
    return name[0].lower() + name[1:]
