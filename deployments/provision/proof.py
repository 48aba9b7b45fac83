"""Proof that the way is open: a Ping, sent by the endpoint, is looked for at the other end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from deployments.provision.path import NotificationPath
from hitline.errors import HitlineError
from hitline.model import EventType
from hitline.mturk.client import Requester
from hitline.mturk.translation import translated

STORED = "a Ping came through and was stored"
PATIENCE = 30.0
"""Seconds for which a Ping is waited for; MTurk's own takes a few."""
EVERY = 0.5
AN_INTAKES_TURN = 5.0
"""Seconds within which an intake, if one runs, takes what is in the queue."""


def ping(
    requester: Requester,
    path: NotificationPath,
    *,
    sqs: Any,
    stored: Callable[[], datetime | None],
    patience: float = PATIENCE,
) -> str:
    """Have the endpoint send a Ping along `path`; where it arrived, in a sentence.

    `stored` says when a Ping was last stored, if ever. Without an intake that reads the queue, the
    Ping is found lying there. Raises HitlineError if it came neither way.
    """
    before, lying = stored(), _waiting(sqs, path.queue_url)
    requester.send_test_event(path.destination, path.transport, EventType.PING)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if stored() != before:
            return STORED
        if _waiting(sqs, path.queue_url) > lying:
            if _read_by_somebody(stored, before):
                return STORED
            return "a Ping came through to the queue; no intake has read it yet"
        time.sleep(EVERY)
    raise HitlineError(
        f"a Ping was sent to {path.destination} and did not arrive in {patience:.0f} s: is the "
        "endpoint's account the one that the queue's policy names (HITLINE_SOURCE_ACCOUNT), and "
        "can the endpoint reach the queue?"
    )


def _read_by_somebody(stored: Callable[[], datetime | None], before: datetime | None) -> bool:
    """Whether an intake takes it within a few seconds."""
    until = time.monotonic() + AN_INTAKES_TURN
    while time.monotonic() < until:
        if stored() != before:
            return True
        time.sleep(EVERY)
    return False


def _waiting(sqs: Any, queue_url: str) -> int:
    """Messages in the queue, seen by a reader or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    with translated("GetQueueAttributes"):
        found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)
