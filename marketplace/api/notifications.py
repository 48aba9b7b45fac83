"""Who is told of the events of a HIT type."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from marketplace.api import limits
from marketplace.engine import Engine, events, hit_types
from marketplace.errors import ParameterValidationError, RequestError
from marketplace.notify.messages import send_now
from marketplace.notify.transports import Undelivered

Given = Mapping[str, Any]

log = logging.getLogger(__name__)

VERSIONS = ("2014-08-15", "2006-05-05")  # both were in use
DESTINATIONS = {
    "SQS": re.compile(r"https?://[^/\s]+/[^\s]+"),
    "SNS": re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}"),
    "Email": re.compile(r"[^@\s]+@[^@\s]+"),
}


def update_notification_settings(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    """The destination is checked for its form only: a queue that refuses MTurk shows as silence."""
    spec, active = given.get("Notification"), given.get("Active")
    if spec is None and active is None:
        raise ParameterValidationError(
            "At least one of the parameters Notification and Active must be given."
        )
    if spec is not None:
        _check(spec)
    with engine.act() as tx:
        hit_type = hit_types.find(tx, requester_id, given["HITTypeId"])
        if spec is None:
            events.set_active(tx, hit_type.hit_type_id, bool(active))
        else:
            events.subscribe(
                tx, hit_type.hit_type_id, active=active, event_types=spec["EventTypes"], **_to(spec)
            )
    return {}


def send_test_event_notification(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    """Send the event at once, whether or not the specification subscribes to it."""
    spec = given["Notification"]
    _check(spec)
    with engine.look() as tx:
        event = events.made_up(tx, requester_id, given["TestEventType"], **_to(spec))
    try:
        sent = send_now(event, engine.settings, engine.clock.wall())
    except Undelivered as error:
        log.warning("A test event to %s failed: %s", spec["Destination"], error)
        raise _unusable(
            f'The destination "{spec["Destination"]}" cannot be reached over {spec["Transport"]}.'
        ) from error
    with engine.act() as tx:
        events.record(tx, sent)
    return {}


def _check(spec: Given) -> None:
    if spec["Version"] not in VERSIONS:
        raise limits.invalid("Version", spec["Version"])
    destination, transport = spec["Destination"], spec["Transport"]
    # FIFO queues need a group id, which MTurk has no field for.
    if not DESTINATIONS[transport].fullmatch(destination) or destination.endswith(".fifo"):
        raise _unusable(
            f'The destination "{destination}" is not valid for the transport {transport}.'
        )


def _unusable(message: str) -> RequestError:
    return RequestError(message, code="AWS.MechanicalTurk.InvalidTransportEndpoint")


def _to(spec: Given) -> dict[str, str]:
    return {
        "destination": spec["Destination"],
        "transport": spec["Transport"],
        "version": spec["Version"],
    }


OPERATIONS = {
    "UpdateNotificationSettings": update_notification_settings,
    "SendTestEventNotification": send_test_event_notification,
}
