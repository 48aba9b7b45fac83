"""The queue on which MTurk's notifications arrive, over SQS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hitline.errors import Gone, Unavailable
from hitline.mturk.connection import Credentials, boto_client
from hitline.mturk.translation import translated

LARGEST_BATCH = 10
"""Messages in one call, by SQS's limit."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A received message. `receipt` belongs to this delivery of it alone.

    `sent_at` is the queue's own wall time; `receive_count` is 1 on the first delivery.
    """

    message_id: str
    receipt: str
    body: str
    sent_at: datetime
    receive_count: int


def connect(
    *,
    endpoint_url: str | None,
    queue_url: str,
    region: str = "us-east-1",
    credentials: Credentials | None = None,
) -> Queue:
    """The queue at `queue_url`; `endpoint_url` None means Amazon's own SQS."""
    sqs = boto_client("sqs", endpoint_url=endpoint_url, region=region, credentials=credentials)
    return Queue(sqs, queue_url)


class Queue:
    """A standard SQS queue: at least once, in no promised order."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self.url = url

    def receive(self, wait: int = 20, most: int = LARGEST_BATCH) -> list[Message]:
        """Up to `most` (1 to 10) messages, waiting up to `wait` (0 to 20) seconds for the first.

        They stay in the queue, unseen by others, until deleted or until the visibility timeout.
        """
        with self._reached("ReceiveMessage"):
            received = self._sqs.receive_message(
                QueueUrl=self.url,
                WaitTimeSeconds=wait,
                MaxNumberOfMessages=most,
                MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            )
        return [_message_from(record) for record in received.get("Messages", [])]

    def send(self, body: str, **attributes: str) -> None:
        """Put a message into the queue, with text attributes (their values cut to 1,000)."""
        with self._reached("SendMessage"):
            self._sqs.send_message(
                QueueUrl=self.url,
                MessageBody=body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value[:1000]}
                    for name, value in attributes.items()
                },
            )

    def dead_letters(self) -> Queue | None:
        """The queue that takes what nobody could deal with, as the redrive policy names it."""
        with self._reached("GetQueueAttributes"):
            found = self._sqs.get_queue_attributes(
                QueueUrl=self.url, AttributeNames=["RedrivePolicy"]
            )
        policy = found.get("Attributes", {}).get("RedrivePolicy")
        if not policy:
            return None
        name = json.loads(policy)["deadLetterTargetArn"].rpartition(":")[2]
        with self._reached("GetQueueUrl"):
            return Queue(self._sqs, self._sqs.get_queue_url(QueueName=name)["QueueUrl"])

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete what is safely stored.

        All batches are tried. `Unavailable` then names the messages that stayed: they will be
        delivered again, which does no harm.
        """
        stayed: list[str] = []
        for start in range(0, len(messages), LARGEST_BATCH):
            stayed += self._delete_batch(messages[start : start + LARGEST_BATCH])
        if stayed:
            named = "; ".join(stayed)
            raise Unavailable(
                "DeleteMessageBatch",
                f"{len(stayed)} of {len(messages)} messages were not deleted and will come again: "
                f"{named}",
            )

    def _delete_batch(self, batch: Sequence[Message]) -> list[str]:
        """Delete up to ten; the messages that failed, each with the queue's reason."""
        entries = [
            {"Id": str(place), "ReceiptHandle": message.receipt}
            for place, message in enumerate(batch)
        ]
        with self._reached("DeleteMessageBatch"):
            answer = self._sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)
        return [
            f"{batch[int(failure['Id'])].message_id} ({failure['Code']})"
            for failure in answer.get("Failed", [])
        ]

    @contextmanager
    def _reached(self, operation: str) -> Iterator[None]:
        try:
            with translated(operation):
                yield
        except Gone as gone:
            message = f"the queue {self.url} does not exist; provision the notification path again"
            raise Gone(operation, message, code=gone.code) from gone


def _message_from(record: dict[str, Any]) -> Message:
    attributes = record["Attributes"]
    return Message(
        message_id=record["MessageId"],
        receipt=record["ReceiptHandle"],
        body=record["Body"],
        sent_at=_EPOCH + timedelta(milliseconds=int(attributes["SentTimestamp"])),
        receive_count=int(attributes["ApproximateReceiveCount"]),
    )
