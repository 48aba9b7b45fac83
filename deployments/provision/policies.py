"""Who may send to our queue and topic, as AWS policy documents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

MTURK = "mturk-requester.amazonaws.com"
"""The service that sends a requester's notifications (MTurk's API reference, "SQS transport")."""

OURS = "Hitline"
"""What the Sid of our statements begins with; statements of others are left alone."""

Statement = dict[str, Any]


def mturk_may_send(queue_arn: str, account: str) -> Statement:
    """MTurk may send to the queue, over TLS, in the name of `account`'s requester only."""
    return _mturk_may("SendsToQueue", "sqs:SendMessage", queue_arn, account)


def mturk_may_publish(topic_arn: str, account: str) -> Statement:
    """MTurk may publish to the topic, over TLS, in the name of `account`'s requester only."""
    return _mturk_may("PublishesToTopic", "sns:Publish", topic_arn, account)


def topic_may_send(queue_arn: str, topic_arn: str) -> Statement:
    """SNS may deliver to the queue what was published to the topic, and nothing else."""
    return {
        "Sid": f"{OURS}TopicSendsToQueue",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }


def with_ours(policy: str | None, statements: Iterable[Statement]) -> str:
    """`policy` (JSON, or none yet) with our former statements replaced by `statements`."""
    document: dict[str, Any] = json.loads(policy) if policy else {"Version": "2012-10-17"}
    others = [there for there in _statements(document) if not _is_ours(there)]
    return json.dumps({**document, "Statement": [*others, *statements]})


def ours_in(policy: str) -> str:
    """What our statements in `policy` allow and for whom, as text; `none` where there is none."""
    ours = [there for there in _statements(json.loads(policy)) if _is_ours(there)]
    return (
        "; ".join(f"{one['Sid']} if {json.dumps(one.get('Condition'))}" for one in ours) or "none"
    )


def _statements(document: dict[str, Any]) -> list[Statement]:
    # AWS lets a policy write its only statement without a list.
    found = document.get("Statement", [])
    return [found] if isinstance(found, dict) else found


def _is_ours(statement: Statement) -> bool:
    return str(statement.get("Sid", "")).startswith(OURS)


def _mturk_may(sid: str, action: str, resource: str, account: str) -> Statement:
    return {
        "Sid": f"{OURS}MTurk{sid}",
        "Effect": "Allow",
        "Principal": {"Service": MTURK},
        "Action": action,
        "Resource": resource,
        "Condition": {
            "Bool": {"aws:SecureTransport": "true"},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }
