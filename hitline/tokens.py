"""Names that follow from what they name: item ids, call tokens, and a HIT's annotation.

Whoever computes one again, after a crash or on another machine, gets the same.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_ID_LENGTH = 13  # 65 bits: ten of them and two names fit into an annotation's 255 characters
_OURS = re.compile(
    r"(?P<pipeline>[a-z][a-z0-9_-]{0,39})/(?P<stage>[a-z][a-z0-9_-]{0,39})"
    rf"/(?P<items>[a-z2-7]{{{_ID_LENGTH}}}(?:\+[a-z2-7]{{{_ID_LENGTH}}})*)"
    r"/(?P<generation>0|[1-9][0-9]{0,8})/(?P<sibling>0|[1-9][0-9]{0,8})"
)


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """What a HIT's RequesterAnnotation says: whose it is."""

    pipeline: str
    stage: str
    items: tuple[str, ...]
    generation: int
    sibling: int = 0

    def __str__(self) -> str:
        return (
            f"{self.pipeline}/{self.stage}/{'+'.join(self.items)}/{self.generation}/{self.sibling}"
        )

    @staticmethod
    def parse(text: str | None) -> Annotation | None:
        """The annotation in `text`, or None if somebody else wrote it."""
        ours = _OURS.fullmatch(text or "")
        if ours is None:
            return None
        return Annotation(
            pipeline=ours["pipeline"],
            stage=ours["stage"],
            items=tuple(ours["items"].split("+")),
            generation=int(ours["generation"]),
            sibling=int(ours["sibling"]),
        )


def item_id(pipeline: str, stage: str, key: str) -> str:
    """The id of the item that bears `key` in a stage."""
    return _short("item", pipeline, stage, key)


def child_id(parent: str, stage: str, ordinal: int) -> str:
    """The id of a parent's child in a stage: chaining twice makes one child."""
    return _short("child", parent, stage, str(ordinal))


def copy_id(known: str, number: int) -> str:
    """The id of the copy of that number of a known item; nothing in it says that it is one."""
    return _short("copy", known, str(number))


def group_id(items: Iterable[str]) -> str:
    """A name for these items together, in whatever order they stand."""
    return _short("group", *sorted(items))


def call_token(kind: str, *about: object) -> str:
    """The UniqueRequestToken of a call: 64 hexadecimal digits of what the call is for."""
    return _digest(kind, *(str(part) for part in about)).hex()


def _digest(*parts: str) -> bytes:
    # The length of each part goes in, so that ("ab", "c") and ("a", "bc") differ.
    whole = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(whole.encode()).digest()


def _short(*parts: str) -> str:
    return base64.b32encode(_digest(*parts)).decode().lower()[:_ID_LENGTH]
