"""Event documents, as MTurk sends them to SQS queues and SNS topics. No I/O.

Fields and their meaning: MTurk's API reference, "Notification data structure" and the SQS and SNS
transport pages. SourceAccount is not documented there, but real messages carry it. Of an event's
fuller form one message of January 2025 is public, with its keys in the order of `FULL`.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

EVENTS_A_DOCUMENT = 10
DOCUMENT_BYTES = 200_000
"""The most that a document's events may take: SQS and SNS accept 262,144 bytes a call."""

DOCUMENTED = ("EventType", "EventTimestamp", "HITId", "AssignmentId", "HITTypeId")
FULL = (
    "HITGroupId",
    "EventType",
    "EventTimestamp",
    "HITId",
    "AssignmentId",
    "WorkerId",
    "Answer",
    "HITTypeId",
)


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a document goes, and what all of its events have in common."""

    transport: str
    """SQS, SNS or Email."""
    destination: str
    """Queue URL, topic ARN or mail address."""
    hit_type_id: str
    version: str
    """Of the notification's form, as asked for in UpdateNotificationSettings; it is echoed."""
    requester_id: str
    source_account: str
    """The requester's AWS account, 12 digits."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event in the outbox."""

    id: int
    address: Address
    event_type: str
    at: datetime
    """Business time, aware; sent in whole seconds."""
    hit_id: str
    assignment_id: str | None = None
    """Only of Assignment* events."""
    details: Mapping[str, str] = field(default_factory=dict)
    """Members beyond the documented ones."""
    is_copy: bool = False
    """Sent before in another document."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """Events that travel in one message."""

    id: str
    events: Sequence[Event]
    """Of one address, at least one."""

    @property
    def address(self) -> Address:
        return self.events[0].address


def group(events: Iterable[Event], *, most: int = EVENTS_A_DOCUMENT) -> list[Document]:
    """Events as documents: of one address, at most `most` and `DOCUMENT_BYTES`, in their order."""
    together: defaultdict[Address, list[Event]] = defaultdict(list)
    for event in events:
        together[event.address].append(event)
    return [
        Document(id=_document_id(part), events=part)
        for same in together.values()
        for part in _parts(same, most)
    ]


def render(document: Document) -> str:
    """The JSON of a document: compact, ASCII, with the keys in the order that was observed."""
    content = {
        "Events": [_members(event) for event in document.events],
        "EventDocId": document.id,
        "SourceAccount": document.address.source_account,
        "CustomerId": document.address.requester_id,
        "EventDocVersion": document.address.version,
    }
    return _json(content)


def _parts(events: Sequence[Event], most: int) -> Iterator[list[Event]]:
    part: list[Event] = []
    size = 0
    for event in events:
        length = len(_json(_members(event)))
        if part and (len(part) == most or size + length > DOCUMENT_BYTES):
            yield part
            part, size = [], 0
        part.append(event)
        size += length
    if part:
        yield part


def _document_id(events: Sequence[Event]) -> str:
    # The observed form is 40 lower-case hexadecimal digits. It follows from the events, so that a
    # restarted service never gives one out twice.
    content = "\n".join(f"{event.id} {event.at.isoformat()} {event.hit_id}" for event in events)
    return hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()


def _members(event: Event) -> dict[str, str]:
    members = {
        "EventType": event.event_type,
        "EventTimestamp": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "HITId": event.hit_id,
        "AssignmentId": event.assignment_id,
        "HITTypeId": event.address.hit_type_id,
        **event.details,
    }
    answer = members.get("Answer")
    if answer is not None and len(_json(answer)) > DOCUMENT_BYTES // 2:
        del members["Answer"]  # no message could carry it: GetAssignment has it
    order = FULL if event.details else DOCUMENTED
    return {name: value for name in order if (value := members.get(name)) is not None}


def _json(content: object) -> str:
    return json.dumps(content, separators=(",", ":"))
