"""Notification events: those that came, and feeding them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import Parameter

from deployments.cli.opening import open_database
from deployments.cli.showing import count, say, show
from deployments.receiving import Delivery, receive
from hitline.errors import HitlineError, UnreadableNotification
from hitline.model import EventType
from hitline.notifications import read
from hitline.reporting.inbox import last_events, last_unparsed
from hitline.settings import Settings, read_settings
from hitline.store import Store, inbox

AT_ONCE = 500
"""Events that are fed again in one transaction, so that nobody waits long for the database."""


def events(
    *,
    unparsed: Annotated[
        bool, Parameter(negative="", help="Those that could not be read, with the reason.")
    ] = False,
    last: Annotated[int, Parameter(help="So many of the newest.")] = 20,
) -> None:
    """Show the newest notification events, or those that could not be read.

    For example: hitline events --last 50
    """
    with open_database(read_settings()).reading() as connection:
        if unparsed:
            kept = last_unparsed(connection, last)
            show(
                ["received at", "message", "reason", "begins with"],
                [(one.received_at, one.message_id, one.reason, one.body[:120]) for one in kept],
            )
            found = len(kept)
        else:
            heard = last_events(connection, last)
            show(
                ["received at", "event", "happened at", "repeats", "of", "HIT", "assignment", ""],
                [
                    (
                        one.received_at,
                        one.type,
                        one.at,
                        one.repeats,
                        one.stage,
                        one.hit_id,
                        one.assignment_id,
                        one.problem,
                    )
                    for one in heard
                ],
            )
            found = len(heard)
    if not found:
        say("none")


def replay(
    *,
    type_: Annotated[
        EventType | None, Parameter(name="--type", help="Only events of this type.")
    ] = None,
    hit: Annotated[str | None, Parameter(help="Only events of this HIT.")] = None,
    since: Annotated[
        datetime | None, Parameter(help="Only what came from this time on (UTC).")
    ] = None,
    unparsed: Annotated[
        bool, Parameter(negative="", help="Read again what could not be read.")
    ] = False,
) -> None:
    """Feed stored events again: their items are looked at once more, as if they had just come.

    It does no harm, for what is true is read from the endpoint. With --unparsed, messages that
    could not be read are read by this version. For example: hitline events replay --hit 3ABC
    """
    settings = read_settings()
    store, wall = open_database(settings), settings.clock.wall()
    after = None if since is None else since.replace(tzinfo=since.tzinfo or UTC)
    if not unparsed:
        with store.reading() as connection:
            asked = inbox.stored(connection, kind=type_, hit_id=hit, since=after)
        if asked:
            marked = count(_fed_again(store, asked, wall), "item")
            say(f"{count(len(asked), 'event')} fed again; the intake rings for {marked}")
        else:
            say(f"no event matches{_unless_forgotten(settings, after, wall)}")
        return
    if type_ is not None or hit is not None:
        raise HitlineError("--unparsed goes with --since only: nobody knows what is in them")
    with store.reading() as connection:
        kept = inbox.unread(connection, after)
    readable = [
        Delivery(message_id=message_id, body=body) for message_id, body in kept if _reads(body)
    ]
    for delivery in readable:
        receive(store, [delivery], "replay", wall)
        with store.writing() as connection:
            inbox.read_at_last(connection, delivery.message_id)
    say(f"{len(readable)} of {count(len(kept), 'message')} could be read now")


def _fed_again(store: Store, asked: Sequence[tuple[str, EventType]], wall: datetime) -> int:
    """Mark the items of these events, a few hundred at a time; how many items that were."""
    once = list(dict.fromkeys(asked))
    marked: set[str] = set()
    for start in range(0, len(once), AT_ONCE):
        with store.writing() as connection:
            for hit_id, kind in once[start : start + AT_ONCE]:
                marked.update(inbox.mark_items_of(store, connection, hit_id, kind, wall))
    return len(marked)


def _unless_forgotten(settings: Settings, since: datetime | None, wall: datetime) -> str:
    """What to add where those that were asked for may have been removed."""
    if since is not None and since >= wall - timedelta(days=settings.keep_days):
        return ""
    return f"; those older than {count(settings.keep_days, 'day')} are gone (HITLINE_KEEP_DAYS)"


def _reads(body: str) -> bool:
    """Whether the whole of a message can be read."""
    try:
        return not read(body).problems
    except UnreadableNotification:
        return False
