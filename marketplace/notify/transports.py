"""SQS and SNS, as the service that sends to them sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

MESSAGES_A_CALL = 10
"""The most that SendMessageBatch and PublishBatch take …"""
BYTES_A_CALL = 256_000
"""… and what all of them together may weigh: Amazon says 262,144 bytes."""


class Undelivered(Exception):
    """The destination took no message; the text is what its service, or the network, said."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A document on its way."""

    body: str
    document_id: str
    subject: str
    """Of an SNS message; SQS has none."""

    @property
    def weight(self) -> int:
        """In bytes; a body is ASCII."""
        return len(self.body) + len(self.subject)


def calls(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """The messages in as many parts as calls are needed."""
    start = weight = 0
    for end, message in enumerate(messages):
        if end > start and (
            end - start == MESSAGES_A_CALL or weight + message.weight > BYTES_A_CALL
        ):
            yield messages[start:end]
            start, weight = end, 0
        weight += message.weight
    if start < len(messages):
        yield messages[start:]


class Transport(Protocol):
    """Takes messages to one kind of destination."""

    def send(self, destination: str, messages: Sequence[Message]) -> list[bool]:
        """Send what one call takes; says of each whether it was accepted.

        Raises Undelivered where the whole call failed.
        """
        ...


class Sqs:
    """Queues, by their URL; the message's body is the document, without an envelope."""

    def __init__(self, endpoint: str | None) -> None:
        self._client = _client("sqs", endpoint)

    def send(self, destination: str, messages: Sequence[Message]) -> list[bool]:
        entries = [
            {"Id": str(number), "MessageBody": message.body}
            for number, message in enumerate(messages)
        ]
        try:
            answer = self._client.send_message_batch(QueueUrl=destination, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            raise Undelivered(str(error)) from error
        return _accepted(answer, len(messages))


class Sns:
    """Topics, by their ARN."""

    def __init__(self, endpoint: str | None) -> None:
        self._client = _client("sns", endpoint)

    def send(self, destination: str, messages: Sequence[Message]) -> list[bool]:
        entries = [
            {"Id": str(number), "Message": message.body, "Subject": message.subject}
            for number, message in enumerate(messages)
        ]
        try:
            answer = self._client.publish_batch(
                TopicArn=destination, PublishBatchRequestEntries=entries
            )
        except (BotoCoreError, ClientError) as error:
            raise Undelivered(str(error)) from error
        return _accepted(answer, len(messages))


def _accepted(answer: Mapping[str, Any], count: int) -> list[bool]:
    accepted = {entry["Id"] for entry in answer.get("Successful", ())}
    return [str(number) in accepted for number in range(count)]


def _client(service: Literal["sqs", "sns"], endpoint: str | None) -> Any:
    """A client with the identity that boto3 finds, else with one that stand-ins of AWS take."""
    core = botocore.session.get_session()
    if endpoint is not None:  # not Amazon's: no use in waiting for a machine's own role
        core.get_component("credential_provider").remove("iam-role")
    session = boto3.Session(botocore_session=core)
    if session.get_credentials() is None:
        core.set_credentials("marketplace", "marketplace")
    return session.client(
        service,
        region_name=session.region_name or "us-east-1",
        endpoint_url=endpoint,
        # The outbox tries again; a dead destination must not hold up the others for long.
        config=Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1}),
    )
