"""SNS or SQS to Lambda: the function to give to AWS, `deployments.lambda_handler.handler`.

With HITLINE_DATABASE_URL it writes to the database. Where the function cannot reach that, give it
HITLINE_QUEUE_URL instead: it then forwards to the queue that the intake reads, and needs nothing
but what Lambda's Python brings. `make lambda` makes the archive. The bell is rung by the intake,
which runs in both cases. Settings are read here and not by hitline's, and modules imported where
they are used, so that forwarding needs nothing installed.

A failure is raised, so that Lambda tries again (SNS: three times, then the function's own
dead-letter queue) and nothing is lost in silence. What cannot be read is stored as it came.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hitline.store import Store

Bodies = list[tuple[str, str]]


def handler(event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
    """Store or forward every record of an invocation; how many there were, and of which kind.

    `event` is an SNS or SQS invocation with any number of records, or the console's test event.
    """
    bodies = _bodies(event, getattr(context, "aws_request_id", "test"))
    if os.environ.get("HITLINE_DATABASE_URL"):
        return {"records": len(bodies), **_stored(bodies)}
    if os.environ.get("HITLINE_QUEUE_URL"):
        return {"records": len(bodies), "forwarded": _forwarded(bodies)}
    raise RuntimeError(
        "set HITLINE_DATABASE_URL, or HITLINE_QUEUE_URL where the database cannot be reached"
    )


def _bodies(event: Mapping[str, Any], request: str) -> Bodies:
    """(message id, body) of each record; a record of another shape is taken as it is.

    The test event of MTurk's guide has the document in `Records[].Sns.Message`, the console's own
    may be the document itself.
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        return [(request, json.dumps(event))]
    return [_body(record, f"{request}-{number}") for number, record in enumerate(records)]


def _body(record: Any, otherwise: str) -> tuple[str, str]:
    match record:
        case {"Sns": {"Message": str(body), **rest}}:
            message_id = rest.get("MessageId")
        case {"body": str(body), **rest}:
            message_id = rest.get("messageId")
        case _:
            return otherwise, json.dumps(record)
    return (message_id if isinstance(message_id, str) and message_id else otherwise), body


def _stored(bodies: Bodies) -> dict[str, int]:
    from deployments.receiving import Delivery, receive
    from hitline.clock import RunningClock

    deliveries = [Delivery(message_id=message_id, body=body) for message_id, body in bodies]
    taken = receive(_store(), deliveries, "lambda", RunningClock().wall())
    return {"events": taken.events, "repeats": taken.repeats, "unparsed": taken.unparsed}


@cache
def _store() -> Store:
    """Opened once for all invocations that one instance serves."""
    from hitline.store import open_store

    return open_store(os.environ["HITLINE_DATABASE_URL"])


def _forwarded(bodies: Bodies) -> int:
    from hitline.mturk.queue import connect

    queue = connect(
        endpoint_url=os.environ.get("HITLINE_SQS_ENDPOINT"),
        queue_url=os.environ["HITLINE_QUEUE_URL"],
        region=os.environ.get("HITLINE_REGION", "us-east-1"),
    )
    for _, body in bodies:
        queue.send(body)
    return len(bodies)
