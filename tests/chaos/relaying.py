"""A run of the pipeline `relay` over a cluster: asked, waited for, done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import func, select

from deployments.chaos.books import Books
from deployments.stack import Stack
from hitline.acting.launching import launch, prepare
from hitline.errors import HitlineError
from hitline.itemsfile import ItemRow
from hitline.model import FINISHED
from hitline.store.outstanding import nothing_left
from hitline.store.schema import items
from hitline.wiring import Hitline
from tests.chaos.cluster import PIPELINES


def ask(hitline: Hitline, destination: str, keys: Sequence[str]) -> None:
    """Put these items into the pipeline; `destination` is the queue of its notifications."""
    relay = hitline.pipeline("relay")
    source = PIPELINES / "relay" / "pipeline.py"
    prepare(hitline, relay, source, transport="SQS", destination=destination)
    rows = [
        ItemRow(key=key, input={"text": key, "asked": "sight"}, gold={}, line=line)
        for line, key in enumerate(keys, 2)
    ]
    launch(hitline, relay, rows)


def wait(stack: Stack, deadline: float, until: Callable[[], bool], *, every: float = 0.25) -> None:
    """Look after the parts until the condition holds; fails at the deadline, in monotonic time."""
    while not until():
        assert time.monotonic() < deadline, "nothing more happens"
        pause = time.monotonic() + every
        stack.watch(lambda pause=pause: time.monotonic() > pause)  # type: ignore[misc]


def answers(books: Books) -> int:
    """How many submissions there are."""
    return len(books.submissions("Submitted", "Approved", "Rejected"))


def is_done(hitline: Hitline) -> bool:
    """Whether every item has its end, and nothing is owed."""
    unfinished = select(func.count()).where(
        items.c.state.not_in([str(state) for state in FINISHED])
    )
    with suppress(HitlineError), hitline.store.reading() as connection:
        return not connection.scalar(unfinished) and nothing_left(connection)
    return False
