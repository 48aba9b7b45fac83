"""The part of `hitline status` that asks for a person's eye; what is in order takes no line."""

from __future__ import annotations

from collections.abc import Sequence

from deployments.cli.showing import count, say, show
from hitline.reporting.health import Group, Health, Pending


def tell_health(now: Health) -> None:
    """What came in, what waits, and what is wrong."""
    show(
        ["by", "event", "came", "last at"],
        [(one.way, one.type, one.count, one.last_at) for one in now.heard],
        title="Notifications",
    )
    show(
        ["no.", "alert", "stage", "what"],
        [(one.number, one.kind, one.stage or one.pipeline, one.text) for one in now.alerts],
        title="Not in order",
    )
    show(
        ["what was missed", "times"], list(now.repaired.items()), title="Put right since yesterday"
    )
    _tell_unread(now)
    _tell_groups("Held until a person says or pays more", now.held)
    _tell_groups("In trouble", now.troubled)
    _tell_pending("Waiting to be looked at", now.marks)
    _tell_pending("Calls without outcome", now.undone)
    for number, noun, what in (
        (now.foreign, "event", "of HITs that are none of ours, or gone"),
        (now.unexplained, "event", "of HITs that we have no row of; the sweep asks for them"),
        (now.leases.held, "item", "being worked on"),
        (now.leases.run_out, "item", "left behind by a run that died; the next one takes over"),
    ):
        if number:
            say(f"{count(number, noun)} {what}")


def _tell_unread(now: Health) -> None:
    if now.unparsed:
        show(
            ["received at", "message", "reason"],
            [(one.received_at, one.message_id, one.reason) for one in now.last_unparsed],
            title=f"{count(now.unparsed, 'notification')} could not be read; the last:",
        )
    if now.unreadable:
        show(
            ["submitted at", "stage", "item", "worker", "reason"],
            [
                (one.submitted_at, one.stage, one.key, one.worker_id, one.problem)
                for one in now.last_unreadable
            ],
            title=f"{count(now.unreadable, 'answer')} could not be read; the last:",
        )


def _tell_groups(title: str, groups: Sequence[Group]) -> None:
    show(
        ["stage", "items", "reason"],
        [(one.stage, one.items, one.reason) for one in groups],
        title=title,
    )


def _tell_pending(title: str, pending: Sequence[Pending]) -> None:
    show(
        ["stage", "what", "how many", "since"],
        [(one.stage, one.kind, one.count, one.since) for one in pending],
        title=title,
    )
