"""What a submission says, as the cells of one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from hitline import answers
from hitline.answers import CROWD_FORM
from hitline.errors import UnreadableAnswer
from hitline.fields import Given

SHORT = 4_000
"""Characters of a submission that may be kept: many of a choice are the same, and read once."""


def flattened(xml: str | None) -> Mapping[str, str]:
    """What was submitted, by name, as text; several selections with `|` between them.

    What a crowd-form sent stands under its own name as it came, and its fields beside it: texts
    under their names, an object's members as `field.member`. Raises UnreadableAnswer.
    """
    return _kept(xml) if len(xml or "") <= SHORT else _flattened(xml)


def _flattened(xml: str | None) -> Mapping[str, str]:
    as_it_came = answers.as_submitted(xml)
    cells = {name: _text(given) for name, given in as_it_came.items()}
    if CROWD_FORM not in as_it_came:
        return cells
    try:
        form = answers.parse(xml)
    except UnreadableAnswer:
        return cells
    for name, given in form.items():
        if isinstance(given.value, dict):
            for member, value in given.value.items():
                cells.setdefault(f"{name}.{member}", _plain(value))
        else:
            cells.setdefault(name, _text(given))
    return cells


_kept = lru_cache(maxsize=2_000)(_flattened)


def _text(given: Given) -> str:
    if given.value is not None:
        return _plain(given.value)
    parts = [given.text, *given.selections, given.other, given.upload]
    return "|".join(part for part in parts if part)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
