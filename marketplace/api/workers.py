"""Blocking workers, and writing to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.api import limits, pages
from marketplace.engine import Engine, blocks, messages
from marketplace.errors import ParameterValidationError

Given = Mapping[str, Any]

MOST_NOTIFIED = 100


def create_worker_block(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    with engine.act() as tx:
        blocks.block(tx, requester_id, given["WorkerId"], given["Reason"])
    return {}


def delete_worker_block(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    with engine.act() as tx:
        blocks.unblock(tx, requester_id, given["WorkerId"])
    return {}


def list_worker_blocks(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    scope = ("ListWorkerBlocks", requester_id)
    key = pages.start(given, *scope)
    with engine.look() as tx:
        found = blocks.listing(
            tx, requester_id, after=key[0] if key else None, limit=pages.size(given)
        )
    elements = [{"WorkerId": row.worker_id, "Reason": row.reason} for row in found]
    return pages.page("WorkerBlocks", elements, [found[-1].id] if found else None, *scope)


def notify_workers(engine: Engine, requester_id: str, given: Given) -> dict[str, Any]:
    """Workers that cannot be reached are named in the result; for the rest it went well."""
    limits.check(given)
    worker_ids = given["WorkerIds"]
    if not 1 <= len(worker_ids) <= MOST_NOTIFIED:
        raise ParameterValidationError(
            f"There are {len(worker_ids)} WorkerIds. One call notifies from 1 to {MOST_NOTIFIED}."
        )
    with engine.act() as tx:
        failures = messages.notify(
            tx, requester_id, worker_ids, given["Subject"], given["MessageText"]
        )
    return {
        "NotifyWorkersFailureStatuses": [
            {
                "NotifyWorkersFailureCode": "HardFailure",
                "NotifyWorkersFailureMessage": reason,
                "WorkerId": worker_id,
            }
            for worker_id, reason in failures.items()
        ]
    }


OPERATIONS = {
    "CreateWorkerBlock": create_worker_block,
    "DeleteWorkerBlock": delete_worker_block,
    "ListWorkerBlocks": list_worker_blocks,
    "NotifyWorkers": notify_workers,
}
