"""Pruning: what is only history goes after a while, so that old work costs new work nothing.

Items, HITs, submissions, answers, verdicts and money stay: they are what was asked, said and paid.
"""

from __future__ import annotations

from dataclasses import dataclass

from hitline.store import alerts, inbox
from hitline.wiring import Hitline


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """How many rows went."""

    events: int
    unparsed: int
    alerts: int


def prune(hitline: Hitline) -> Pruned:
    """Remove events, unread messages and past alerts older than the settings keep them.

    A few thousand rows a transaction, so that nobody waits long for the database.
    """
    before = hitline.clock.wall() - hitline.keep_events
    events = 0
    while True:
        with hitline.store.writing() as connection:
            gone = inbox.forget(connection, before)
        events += gone
        if not gone:
            break
    with hitline.store.writing() as connection:
        return Pruned(
            events=events,
            unparsed=inbox.forget_unparsed(connection, before),
            alerts=alerts.forget(connection, before),
        )
