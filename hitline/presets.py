"""Rules by name, as one types them: thorough, fixed:5, adaptive:confidence=.95,lead=2,most=9."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping

from hitline.errors import InvalidDefinition
from hitline.policies import (
    THOROUGH,
    THRIFTY,
    Adaptive,
    Agree,
    Fixed,
    Rule,
    StandardError,
    VoteLead,
)

NAMED: Mapping[str, Rule] = {"thorough": THOROUGH, "thrifty": THRIFTY}
FORMS = (
    "thorough, thrifty, fixed:K, votes:lead=2,most=9, adaptive:confidence=.95,lead=2,most=9, "
    "text:equal=2,within=.1,most=9 or number:error=5,most=9"
)

_Read = Callable[[str], float | str]
_Fields = Mapping[str, tuple[str, _Read]]
"""What is typed, the rule's name for it, and how it is read."""

_WHOLE: _Fields = {name: (name, int) for name in ("start", "most")}
_KINDS: Mapping[str, tuple[type[Rule], _Fields]] = {
    "votes": (VoteLead, {"lead": ("lead", int), **_WHOLE}),
    "adaptive": (
        Adaptive,
        {
            "confidence": ("confidence", float),
            "average": ("average", int),
            "lead": ("lead", int),
            **_WHOLE,
        },
    ),
    "text": (
        Agree,
        {
            "equal": ("equal", int),
            "within": ("within", float),
            "merge": ("merge", str),
            **_WHOLE,
        },
    ),
    "number": (StandardError, {"error": ("at_most", float), "of": ("of", str), **_WHOLE}),
}


def redundancy(text: str) -> Rule:
    """The rule that `text` names. Raises InvalidDefinition naming the field that is wrong."""
    kind, colon, rest = text.partition(":")
    if not colon and kind in NAMED:
        return NAMED[kind]
    if kind == "fixed":
        return Fixed(answers=int(_value("answers", rest, int)))
    if kind not in _KINDS:
        raise InvalidDefinition("policy", f"{reprlib.repr(text)} is none; write {FORMS}")
    made, fields = _KINDS[kind]
    values = _values(kind, rest, fields)
    if made is StandardError and "at_most" not in values:
        raise InvalidDefinition("policy.error", "is missing; which error of a number will do?")
    return made(**values)  # type: ignore[arg-type]


def _values(kind: str, text: str, fields: _Fields) -> dict[str, float | str]:
    """From `a=1,b=2`; what is not said keeps its default."""
    values: dict[str, float | str] = {}
    for part in text.split(",") if text else ():
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in fields:
            raise InvalidDefinition(
                f"policy.{name}" if name else "policy",
                f"{kind} has no such field; it has {', '.join(sorted(fields))}",
            )
        meant, read = fields[name]
        if meant in values:
            raise InvalidDefinition(f"policy.{name}", "it is given twice")
        values[meant] = _value(name, value, read)
    return values


def _value(name: str, text: str, read: _Read) -> float | str:
    try:
        return read(text)
    except ValueError:
        whole = " whole" if read is int else ""
        raise InvalidDefinition(
            f"policy.{name}", f"{reprlib.repr(text)} is no{whole} number"
        ) from None
