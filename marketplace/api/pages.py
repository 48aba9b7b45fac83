"""Pages of lists. MTurk gives a NextToken with every page that is not empty, also with the last.

A token keeps the key after which the next page starts, so a page costs the same wherever it lies.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.api import limits

PREFIX = "p1:"
DEFAULT_SIZE = 10

Key = list[Any]


def size(given: Mapping[str, Any]) -> int:
    return int(given.get("MaxResults", DEFAULT_SIZE))


def start(given: Mapping[str, Any], *scope: object) -> Key | None:
    """The key in NextToken; one that was made for another list, or changed, is refused."""
    text = given.get("NextToken")
    if text is None:
        return None
    try:
        mark, key = json.loads(base64.b64decode(text.removeprefix(PREFIX), validate=True))
    except (ValueError, TypeError, binascii.Error) as error:
        raise limits.invalid("NextToken", text) from error
    if not text.startswith(PREFIX) or mark != _mark(scope, key) or not isinstance(key, list):
        raise limits.invalid("NextToken", text)
    return key


def page(name: str, elements: Sequence[Any], last: Key | None, *scope: object) -> dict[str, Any]:
    """The result of a list operation; `last` is the key of its last element."""
    return {**token(last, *scope), "NumResults": len(elements), name: list(elements)}


def token(last: Key | None, *scope: object) -> dict[str, str]:
    """The member NextToken; after an empty page, nothing."""
    if last is None:
        return {}
    text = json.dumps([_mark(scope, last), last], separators=(",", ":"))
    return {"NextToken": PREFIX + base64.b64encode(text.encode()).decode()}


def _mark(scope: tuple[object, ...], key: object) -> str:
    return hashlib.sha256(repr((scope, key)).encode()).hexdigest()[:8]
