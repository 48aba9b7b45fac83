"""Finds or creates what a notification passes through; a second run changes nothing.

SQS: MTurk sends to the queue. SNS: MTurk publishes to the topic, which sends to the queue. MTurk
reports no missing permission, it just sends nothing; so policies are set here and never by hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from deployments.provision.policies import (
    mturk_may_publish,
    mturk_may_send,
    ours_in,
    topic_may_send,
    with_ours,
)
from hitline.errors import Gone, MTurkError
from hitline.mturk.client import Transport
from hitline.mturk.translation import translated

VISIBILITY_TIMEOUT = 60
"""Seconds after which a received message that was not deleted is delivered again."""

RETENTION = 14 * 24 * 3600
"""Seconds that SQS keeps a message; its maximum, so that nothing is lost while intake is down."""

MOST_RECEIVES = 100
"""Deliveries before a message is a dead letter.

The intake stores and deletes even what it cannot read, so a message comes again only while the
database is away: for about an hour and a half before the dead-letter queue takes over.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What queues and topic are called in the account. Standard ones: MTurk cannot use FIFO."""

    queue: str = "hitline-notifications"
    dead_letters: str = "hitline-notifications-dead"
    topic: str = "hitline-notifications"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotificationPath:
    """Where MTurk sends (`destination`: queue URL or topic ARN) and where the intake reads."""

    transport: Transport
    destination: str
    queue_url: str


@dataclass(kw_only=True)
class Changes:
    """What provisioning changes, in words. With `dry`, nothing is changed, only said.

    `kept` says what is otherwise than we would make it, and stays so.
    """

    dry: bool = False
    said: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def make(self, what: str, change: Callable[[], Any]) -> None:
        """Say `what`, and do it."""
        self.said.append(what)
        if not self.dry:
            change()


def provision_path(
    transport: Transport,
    names: Names,
    *,
    sqs: Any,
    sns: Any,
    account: str | None = None,
    raw: bool = False,
    changes: Changes | None = None,
) -> NotificationPath:
    """Make or mend the way for `transport` and say where it begins and ends.

    `sqs` and `sns` are boto3 clients (`sns` is used for transport SNS only). `account` is the AWS
    account linked to the requester, by default the queue's own. With `raw`, SNS delivers MTurk's
    document without its envelope. `changes` collects what had to be changed. With dry ones, parts
    that are not there yet are called by their names in what is returned. Raises an `MTurkError`
    where AWS refuses.
    """
    changes = changes or Changes()
    queue = _queue(sqs, names.queue, changes)
    account = account or _account_of(queue.arn)
    if transport == "SQS":
        destination, statement = queue.url, mturk_may_send(queue.arn, account)
    else:
        destination = _topic(sns, names.topic, account, changes)
        statement = topic_may_send(queue.arn, destination)
    wanted = {
        "VisibilityTimeout": str(VISIBILITY_TIMEOUT),
        "MessageRetentionPeriod": str(RETENTION),
        "RedrivePolicy": _redrive(sqs, queue, names.dead_letters, changes),
        "Policy": with_ours(queue.attributes.get("Policy"), [statement]),
    }
    _set_queue(sqs, queue, wanted, changes)
    if transport == "SNS":
        _subscription(sns, destination, queue.arn, raw, changes)
    return NotificationPath(transport=transport, destination=destination, queue_url=queue.url)


@dataclass(frozen=True, kw_only=True)
class _Queue:
    """A queue as it was found; one that is only thought of has its name for an address."""

    name: str
    url: str
    arn: str
    attributes: dict[str, str]
    is_new: bool = False


def _queue(sqs: Any, name: str, changes: Changes) -> _Queue:
    """The queue. Found by name first: creating it with other attributes would be refused."""
    try:
        return _found_queue(sqs, name)
    except Gone:
        pass

    def create() -> None:
        with translated("CreateQueue"):
            sqs.create_queue(QueueName=name)

    changes.make(f"create the queue {name}", create)
    if changes.dry:
        return _Queue(name=name, url=name, arn=f"::::account:{name}", attributes={}, is_new=True)
    return replace(_found_queue(sqs, name), is_new=True)


def _redrive(sqs: Any, queue: _Queue, name: str, changes: Changes) -> str:
    """Where what nobody can deal with goes: a queue of ours, made if need be, unless the queue has
    one of somebody else's already. The intake asks the queue for it."""
    found = queue.attributes.get("RedrivePolicy")
    theirs = _name_of(json.loads(found)["deadLetterTargetArn"]) if found else name
    if found and theirs != name and _is_there(sqs, theirs):
        changes.kept.append(f"the queue {queue.name} keeps its dead letters in {_shown(found)}")
        return found
    dead = _queue(sqs, name, changes)
    _set_queue(sqs, dead, {"MessageRetentionPeriod": str(RETENTION)}, changes)
    return json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": MOST_RECEIVES})


def _is_there(sqs: Any, name: str) -> bool:
    """Whether there is a queue of that name; one that we may not ask for counts as being there."""
    try:
        with translated("GetQueueUrl"):
            sqs.get_queue_url(QueueName=name)
    except Gone:
        return False
    except MTurkError:
        return True
    return True


def _found_queue(sqs: Any, name: str) -> _Queue:
    with translated("GetQueueUrl"):
        url = str(sqs.get_queue_url(QueueName=name)["QueueUrl"])
    with translated("GetQueueAttributes"):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return _Queue(name=name, url=url, arn=found["QueueArn"], attributes=found)


def _set_queue(sqs: Any, queue: _Queue, wanted: dict[str, str], changes: Changes) -> None:
    changed = {
        name: value
        for name, value in wanted.items()
        if not _same(queue.attributes.get(name), value)
    }

    def set_attributes() -> None:
        with translated("SetQueueAttributes"):
            sqs.set_queue_attributes(QueueUrl=queue.url, Attributes=changed)

    if changed:
        was = {} if queue.is_new else queue.attributes
        named = ", ".join(_change(name, was.get(name), changed[name]) for name in sorted(changed))
        changes.make(f"set {named} of the queue {queue.name}", set_attributes)


def _change(name: str, was: str | None, wanted: str) -> str:
    """The attribute, and from what to what, where it was something."""
    return f"{name} ({_shown(was)} -> {_shown(wanted)})" if was else name


def _shown(value: str) -> str:
    """An attribute's value in few words; of a policy our statements, for the others stay."""
    match json.loads(value):
        case {"deadLetterTargetArn": str(arn), "maxReceiveCount": count}:
            return f"{_name_of(arn)} after {count} deliveries"
        case {"Statement": _}:
            return ours_in(value)
        case seconds:
            return f"{seconds} s"


def _topic(sns: Any, name: str, account: str, changes: Changes) -> str:
    """The topic's ARN, MTurk admitted."""
    arn, is_new = _found_topic(sns, name), False
    if arn is None:

        def create() -> None:
            with translated("CreateTopic"):
                sns.create_topic(Name=name)

        changes.make(f"create the topic {name}", create)
        arn, is_new = _found_topic(sns, name), True
    if arn is None:
        changes.said.append(f"set Policy of the topic {name}")
        return name
    with translated("GetTopicAttributes"):
        found = sns.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy")
    wanted = with_ours(found, [mturk_may_publish(arn, account)])

    def set_policy() -> None:
        with translated("SetTopicAttributes"):
            sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=wanted)

    if not _same(found, wanted):
        change = _change("Policy", None if is_new else found, wanted)
        changes.make(f"set {change} of the topic {name}", set_policy)
    return arn


def _found_topic(sns: Any, name: str) -> str | None:
    with translated("ListTopics"):
        pages = sns.get_paginator("list_topics").paginate()
        arns = [str(topic["TopicArn"]) for page in pages for topic in page["Topics"]]
    return next((arn for arn in arns if _name_of(arn) == name), None)


def _subscription(sns: Any, topic_arn: str, queue_arn: str, raw: bool, changes: Changes) -> None:
    """Subscribe the queue to the topic, with or without SNS's envelope."""
    found = _found_subscription(sns, topic_arn, queue_arn) if ":" in topic_arn else None

    def subscribe_queue() -> None:
        with translated("Subscribe"):
            sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn)

    if found is None:
        changes.make("subscribe the queue to the topic", subscribe_queue)
        found = None if changes.dry else _found_subscription(sns, topic_arn, queue_arn)
    if found is None:
        return
    arn = found
    with translated("GetSubscriptionAttributes"):
        attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    wanted = str(raw).lower()

    def set_delivery() -> None:
        with translated("SetSubscriptionAttributes"):
            sns.set_subscription_attributes(
                SubscriptionArn=arn,
                AttributeName="RawMessageDelivery",
                AttributeValue=wanted,
            )

    if attributes.get("RawMessageDelivery", "false") != wanted:
        changes.make(f"deliver {'without' if raw else 'in'} SNS's envelope", set_delivery)


def _found_subscription(sns: Any, topic_arn: str, queue_arn: str) -> str | None:
    with translated("ListSubscriptionsByTopic"):
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
        found = [
            str(one["SubscriptionArn"])
            for page in pages
            for one in page["Subscriptions"]
            if one["Protocol"] == "sqs" and one["Endpoint"] == queue_arn
        ]
    return found[0] if found else None


def _same(found: str | None, wanted: str) -> bool:
    """Whether two attribute values say the same, be they numbers or JSON documents."""
    return found is not None and json.loads(found) == json.loads(wanted)


def _account_of(arn: str) -> str:
    return arn.split(":")[4]


def _name_of(arn: str) -> str:
    return arn.rpartition(":")[2]
