"""Long lists of ids, a piece at a time: a statement takes only so many parameters.

PostgreSQL takes 65,535, and SQLite as it comes 32,766.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

PIECE = 1000


def pieces(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in order, each once."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), PIECE):
        yield wanted[start : start + PIECE]
