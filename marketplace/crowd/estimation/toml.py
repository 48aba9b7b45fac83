"""Writing TOML, which the standard library only reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def to_toml(content: Mapping[str, Any]) -> str:
    """A TOML file of strings, booleans, numbers, lists of them, tables and lists of tables."""
    return "\n".join(_lines(content, ())).strip() + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    inner = {name: value for name, value in table.items() if _is_table(value)}
    for name, value in table.items():
        if name not in inner:
            yield f"{_key(name)} = {_value(value)}"
    for name, value in inner.items():
        here = (*path, _key(name))
        for one in [value] if isinstance(value, Mapping) else value:
            brackets = ("[", "]") if isinstance(value, Mapping) else ("[[", "]]")
            plain = not isinstance(value, Mapping) or any(not _is_table(v) for v in one.values())
            if plain or not one:
                yield ""
                yield f"{brackets[0]}{'.'.join(here)}{brackets[1]}"
            yield from _lines(one, here)


def _is_table(value: Any) -> bool:
    if isinstance(value, Mapping):
        return True
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return is_list and bool(value) and all(isinstance(one, Mapping) for one in value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_value(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
