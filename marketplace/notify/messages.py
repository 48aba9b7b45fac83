"""A document as the message that carries it, and the one message that is sent on request."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal

from marketplace.notify import outbox
from marketplace.notify.documents import Document, group, render
from marketplace.notify.transports import Message, Sns, Sqs, Transport, Undelivered
from marketplace.settings import Settings


def message(
    document: Document, wall: datetime, *, fields: Literal["documented", "full"]
) -> Message:
    """The message of a document; sent twice, it is the same."""
    number = fields == "full"
    return Message(
        document_id=document.id,
        body=render(document),
        subject=plain_subject(document.id) if number else dated_subject(wall),
    )


def dated_subject(wall: datetime) -> str:
    """MTurk's Subject of an SNS message: the time of sending in epoch milliseconds (2019)."""
    return str(int(wall.timestamp() * 1000))


def plain_subject(document_id: str) -> str:
    """As it was seen in 2025: a number of eight digits, of unknown meaning."""
    return str(10_000_000 + zlib.crc32(document_id.encode()) % 90_000_000)


def send_now(row: Mapping[str, Any], settings: Settings, wall: datetime) -> dict[str, Any]:
    """Send an event of the outbox at once, before it is kept; returns it as one that was sent.

    Raises Undelivered where its destination did not take it. A mail is recorded only.
    """
    event = outbox.event_in({"id": 0, "details": None, "copy_of": None, **row})
    (document,) = group([event])
    is_mail = row["transport"] == "Email"
    if not is_mail:
        to_send = message(document, wall, fields=settings.event_fields)
        transport = _transport(row["transport"], settings.sqs_endpoint, settings.sns_endpoint)
        if transport.send(row["destination"], [to_send]) != [True]:
            raise Undelivered("it refused the message")
    return {**row, "document_id": document.id, "sent_at": wall, "sent_count": int(not is_mail)}


@cache
def _transport(name: str, sqs_endpoint: str | None, sns_endpoint: str | None) -> Transport:
    return Sqs(sqs_endpoint) if name == "SQS" else Sns(sns_endpoint)
