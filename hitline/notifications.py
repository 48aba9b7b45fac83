"""Reading MTurk's notifications, in every wrapping in which they arrive.

The document is the same everywhere; an SQS body is the document itself, SNS puts it as a string
into an envelope (Lambda puts either into records, which its handler takes apart). All fields but
an event's type and HIT may be missing, and newer fields (a worker's id, an answer) may come;
neither is relied on. A notification only wakes: what is true is read from the API.
"""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from hitline.errors import UnreadableNotification
from hitline.model import Event, EventType

MAX_BYTES = 262_144
"""The most that an SQS or SNS message held when MTurk defined its notifications."""

_ID = re.compile(r"[A-Z0-9]{1,64}")
_TOKEN = re.compile(r"[!-~]{1,1024}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One event document: what could be read of it, and what was wrong with the rest.

    `customer_id` is the requester's MTurk id, `source_account` their AWS account.
    """

    document_id: str | None
    customer_id: str | None
    source_account: str | None
    version: str | None
    events: tuple[Event, ...]
    problems: tuple[str, ...] = ()


class SubscriptionConfirmation(UnreadableNotification):
    """SNS asks whether this endpoint wants a topic's messages; no event is in it."""

    def __init__(self, topic_arn: str | None, subscribe_url: str | None) -> None:
        super().__init__(
            f"this is SNS's request to confirm the subscription to {topic_arn}, not an event: "
            "confirm it with ConfirmSubscription, or subscribe the queue, which needs no confirming"
        )
        self.topic_arn = topic_arn
        self.subscribe_url = subscribe_url


def read(body: str | bytes) -> Document:
    """The event document in an SQS message's body or an SNS message's, enveloped or raw.

    Raises UnreadableNotification where not one event can be read, and SubscriptionConfirmation.
    """
    text = _text(body)
    message = _object(text, "the message")
    if "Events" not in message and "Type" in message:
        text = _enveloped(message)
        message = _object(text, "the SNS envelope's Message")
    return _document(message, text)


def _text(body: str | bytes) -> str:
    size = len(body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body)
    if size > MAX_BYTES:
        raise UnreadableNotification(f"the message is {size:,} bytes, more than {MAX_BYTES:,}")
    try:
        return body.removeprefix("\ufeff") if isinstance(body, str) else body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableNotification("the message is not UTF-8 text") from None


def _object(text: str, what: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except RecursionError:
        raise UnreadableNotification(f"{what} is nested too deep") from None
    except ValueError:
        raise UnreadableNotification(f"{what} is not JSON: {reprlib.repr(text)}") from None
    if not isinstance(data, dict):
        raise UnreadableNotification(f"{what} is no JSON object: {reprlib.repr(text)}")
    return data


def _enveloped(envelope: Mapping[str, Any]) -> str:
    """The Message of an SNS envelope."""
    match envelope:
        case {"Type": "SubscriptionConfirmation"}:
            raise SubscriptionConfirmation(
                _token(envelope, "TopicArn"), _token(envelope, "SubscribeURL")
            )
        case {"Type": "Notification", "Message": str(message)}:
            return message
    raise UnreadableNotification(
        f"an SNS envelope of type {reprlib.repr(envelope['Type'])} carries no event document"
    )


def _document(message: Mapping[str, Any], text: str) -> Document:
    listed = message.get("Events")
    if not isinstance(listed, list) or not listed:
        raise UnreadableNotification(f"the message has no Events, but {reprlib.repr([*message])}")
    document_id = _token(message, "EventDocId")
    fallback = document_id or sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    events: list[Event] = []
    problems: list[str] = []
    for at, raw in enumerate(listed, 1):
        try:
            events.append(_event(raw, fallback))
        except UnreadableNotification as error:
            problems.append(f"event {at}: {error}")
    if not events:
        rest = len(problems) - 1
        raise UnreadableNotification(problems[0] + (f" (and {rest} more like it)" if rest else ""))
    return Document(
        document_id=document_id,
        customer_id=_token(message, "CustomerId"),
        source_account=_token(message, "SourceAccount"),
        version=_token(message, "EventDocVersion"),
        events=tuple(events),
        problems=tuple(problems),
    )


def _event(raw: Any, fallback: str) -> Event:
    """One event; `fallback` stands in its identity where its time is missing or unreadable."""
    if not isinstance(raw, dict):
        raise UnreadableNotification(f"it is no object: {reprlib.repr(raw)}")
    name = raw.get("EventType")
    try:
        kind = EventType(str(name))
    except ValueError:
        raise UnreadableNotification(
            f"EventType {reprlib.repr(name)} is none of {', '.join(EventType)}"
        ) from None
    hit_id = _id(raw, "HITId")
    if hit_id is None and kind is not EventType.PING:
        raise UnreadableNotification(f"{kind} without a HITId")
    assignment_id = _id(raw, "AssignmentId")
    at = _time(raw.get("EventTimestamp") or raw.get("EventTime"))
    told = (kind, hit_id or "", assignment_id or "", at.isoformat() if at else fallback)
    return Event(
        identity=sha256("\n".join(told).encode()).hexdigest(),
        type=kind,
        at=at,
        hit_id=hit_id,
        hit_type_id=_id(raw, "HITTypeId"),
        assignment_id=assignment_id,
    )


def _id(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise UnreadableNotification(
            f"{name} {reprlib.repr(value)} is not up to 64 capital letters and digits"
        )
    return value


def _token(raw: Mapping[str, Any], name: str) -> str | None:
    """A field that is only recorded: what is not printable ASCII counts as missing."""
    value = raw.get(name)
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else None


def _time(value: Any) -> datetime | None:
    """The event's time; one that cannot be read is no reason to lose the event."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
