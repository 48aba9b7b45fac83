"""AWS JSON 1.1: which operation is called, and how results and refusals are written."""

from __future__ import annotations

import json
import uuid
from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any, NoReturn

from starlette.responses import Response

from marketplace.api.validation import TARGET_PREFIX
from marketplace.errors import FrameworkError, Refusal

CONTENT_TYPE = "application/x-amz-json-1.1"
DEEPEST = 32  # levels of a request's JSON; the deepest input, a review policy's, has seven


def operation_of(headers: Mapping[str, str]) -> str:
    """The operation that X-Amz-Target names."""
    prefix, _, operation = headers.get("x-amz-target", "").partition(".")
    if prefix != TARGET_PREFIX or not operation:
        raise unknown_operation()
    return operation


def name_of(headers: Mapping[str, str], known: Container[str]) -> str:
    """The operation for a count: "other" for what is none of those `known`."""
    name = headers.get("x-amz-target", "").rpartition(".")[2]
    return name if name in known else "other"


def unknown_operation() -> FrameworkError:
    return FrameworkError("UnknownOperationException", "")


def parameters_in(body: bytes) -> dict[str, Any]:
    """The request's members; a body that is no JSON object, or too deep a one, is refused."""
    try:
        parsed = json.loads(body or b"{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise FrameworkError("SerializationException", "") from error
    if not isinstance(parsed, dict) or _is_deep(parsed):
        raise FrameworkError("SerializationException", "")
    return parsed


def _is_deep(parsed: dict[str, Any]) -> bool:
    """Whether it is nested further than any operation's input, by far."""
    level: list[Any] = [parsed]
    for _ in range(DEEPEST):
        level = [
            member
            for outer in level
            for member in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(member, dict | list)
        ]
        if not level:
            return False
    return True


def result(members: Mapping[str, Any]) -> Response:
    return _response(200, members)


def refusal(error: Refusal, *, now: datetime, sandbox: bool) -> Response:
    """The family's form and status; MTurk's own refusals end in the time, ` s` in the sandbox."""
    if isinstance(error, FrameworkError):
        members = {"__type": error.type}
        if error.message:
            members["message"] = error.message
        return _response(error.status, members)
    stamp = f" ({int(now.timestamp() * 1000)}{' s' if sandbox else ''})" if error.stamped else ""
    members = {"__type": error.type, "Message": error.message + stamp}
    if error.code is not None:
        members["TurkErrorCode"] = error.code
    return _response(error.status, members)


def _response(status: int, members: Mapping[str, Any]) -> Response:
    body = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"x-amzn-RequestId": str(uuid.uuid4()), "Content-Type": CONTENT_TYPE}
    return Response(body, status_code=status, headers=headers)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
