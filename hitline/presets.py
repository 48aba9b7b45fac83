"""Rules by name, as one types them: thorough, fixed:5, adaptive:confidence=.95,lead=2,most=9."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping

from hitline.errors import InvalidDefinition
from hitline.policies import THOROUGH, THRIFTY, Adaptive, Fixed, Redundancy, VoteLead

NAMED: Mapping[str, Redundancy] = {"thorough": THOROUGH, "thrifty": THRIFTY}
FORMS = "thorough, thrifty, fixed:K, votes:lead=2,most=9 or adaptive:confidence=.95,lead=2,most=9"

_Number = Callable[[str], float]
_WHOLE = {"start": int, "lead": int, "most": int}
_KINDS: Mapping[str, tuple[type[VoteLead | Adaptive], Mapping[str, _Number]]] = {
    "votes": (VoteLead, _WHOLE),
    "adaptive": (Adaptive, {"confidence": float, "average": int, **_WHOLE}),
}


def redundancy(text: str) -> Redundancy:
    """The rule that `text` names. Raises InvalidDefinition naming the field that is wrong."""
    kind, colon, rest = text.partition(":")
    if not colon and kind in NAMED:
        return NAMED[kind]
    if kind == "fixed":
        return Fixed(answers=int(_number("answers", rest, int)))
    if kind not in _KINDS:
        raise InvalidDefinition("policy", f"{reprlib.repr(text)} is none; write {FORMS}")
    made, fields = _KINDS[kind]
    return made(**_values(kind, rest, fields))  # type: ignore[arg-type]


def _values(kind: str, text: str, fields: Mapping[str, _Number]) -> dict[str, float]:
    """From `a=1,b=2`; what is not said keeps its default."""
    values: dict[str, float] = {}
    for part in text.split(",") if text else ():
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in fields:
            raise InvalidDefinition(
                f"policy.{name}" if name else "policy",
                f"{kind} has no such field; it has {', '.join(sorted(fields))}",
            )
        if name in values:
            raise InvalidDefinition(f"policy.{name}", "it is given twice")
        values[name] = _number(name, value, fields[name])
    return values


def _number(name: str, text: str, kind: _Number) -> float:
    try:
        return kind(text)
    except ValueError:
        whole = " whole" if kind is int else ""
        raise InvalidDefinition(
            f"policy.{name}", f"{reprlib.repr(text)} is no{whole} number"
        ) from None
