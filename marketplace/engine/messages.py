"""Messages between requesters and workers.

MTurk sent them as email; here they lie in inboxes on the site and in the console.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, func, insert, select, update

from marketplace.engine import hits
from marketplace.engine.states import AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.errors import CannotSend
from marketplace.store.schema import assignments, messages, requesters
from marketplace.store.schema import hits as hits_table

LONGEST_SUBJECT = 200  # characters, says the model of NotifyWorkers
LONGEST_BODY = 4096
MOST_TO_ONE_REQUESTER = 20  # from one worker in a day
DAY = timedelta(days=1)
NO_WORK = "Cannot send a notification to a worker who has not done any work for you"

JUDGED = (AssignmentStatus.APPROVED.value, AssignmentStatus.REJECTED.value)
HAS_WORKED = select(
    exists().where(
        assignments.c.worker_id == bindparam("worker"),
        assignments.c.status.in_(JUDGED),
        hits_table.c.hit_id == assignments.c.hit_id,
        hits_table.c.requester_id == bindparam("requester"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message; `requester` is the requester's name, `hit_id` what a worker asks about."""

    id: int
    requester_id: str
    requester: str
    worker_id: str
    from_worker: bool
    subject: str
    body: str
    hit_id: str | None
    at: datetime
    read_at: datetime | None


def notify(
    tx: Transaction, requester_id: str, worker_ids: Iterable[str], subject: str, body: str
) -> dict[str, str]:
    """Send one message to several workers; by id, why it could not be sent.

    It goes only to workers whose work this requester approved or rejected before.
    """
    failures = {}
    for worker_id in dict.fromkeys(worker_ids):
        if _has_worked(tx, requester_id, worker_id):
            _keep(tx, requester_id, worker_id, subject, body, from_worker=False)
        else:
            failures[worker_id] = NO_WORK
    return failures


def send_to_worker(
    tx: Transaction, requester_id: str, worker_id: str, subject: str, body: str
) -> None:
    """Send to a worker who has worked for the requester, or who wrote to them first.

    Raises `CannotSend` otherwise, and for a subject or body that is empty or too long.
    """
    _check(subject, body)
    wrote = _from_worker(requester_id, worker_id)
    if not _has_worked(tx, requester_id, worker_id) and not tx.connection.scalar(
        select(wrote.exists())
    ):
        raise CannotSend(f"{worker_id} has neither done work for you nor written to you.")
    _keep(tx, requester_id, worker_id, subject, body, from_worker=False)


def tell_worker(
    tx: Transaction, requester_id: str, worker_id: str, subject: str, body: str
) -> None:
    """Let a worker know what the requester did about them, such as granting a qualification."""
    _keep(tx, requester_id, worker_id, subject, body, from_worker=False)


def send_to_requester(
    tx: Transaction,
    worker_id: str,
    requester_id: str,
    subject: str,
    body: str,
    hit_id: str | None = None,
) -> None:
    """Send from a worker, perhaps about one of the requester's HITs.

    Raises `CannotSend` where the HIT is another's, after `MOST_TO_ONE_REQUESTER` in a day, and for
    a subject or body that is empty or too long.
    """
    _check(subject, body)
    if hit_id is not None:
        hit = hits.lookup(tx, hit_id)
        if hit is None or hit.requester_id != requester_id:
            raise CannotSend(f"The requester has no HIT {hit_id}.")
    today = _from_worker(requester_id, worker_id).where(messages.c.at > tx.now - DAY)
    if (tx.connection.scalar(today.with_only_columns(func.count())) or 0) >= MOST_TO_ONE_REQUESTER:
        raise CannotSend(
            f"You sent {MOST_TO_ONE_REQUESTER} messages to this requester within a day, the most "
            "allowed: write again tomorrow."
        )
    _keep(tx, requester_id, worker_id, subject, body, from_worker=True, hit_id=hit_id)


def inbox_of_worker(
    tx: Transaction, worker_id: str, *, before: int | None = None, limit: int = 20
) -> list[Message]:
    """What the worker was sent, newest first, from below the message `before`."""
    return _inbox(tx, _to_worker(worker_id), before, limit)


def inbox_of_requester(
    tx: Transaction, requester_id: str, *, before: int | None = None, limit: int = 20
) -> list[Message]:
    """What the requester was sent, newest first, from below the message `before`."""
    return _inbox(tx, _to_requester(requester_id), before, limit)


def unread_by_worker(tx: Transaction, worker_id: str) -> int:
    return _unread(tx, _to_worker(worker_id))


def unread_by_requester(tx: Transaction, requester_id: str) -> int:
    return _unread(tx, _to_requester(requester_id))


def open_as_worker(tx: Transaction, worker_id: str, message_id: int) -> Message | None:
    """A message in the worker's inbox, which from now on counts as read."""
    return _open(tx, _to_worker(worker_id), message_id)


def open_as_requester(tx: Transaction, requester_id: str, message_id: int) -> Message | None:
    """A message in the requester's inbox, which from now on counts as read."""
    return _open(tx, _to_requester(requester_id), message_id)


def _has_worked(tx: Transaction, requester_id: str, worker_id: str) -> bool:
    return bool(tx.connection.scalar(HAS_WORKED, {"worker": worker_id, "requester": requester_id}))


def _check(subject: str, body: str) -> None:
    for name, text, most in (("subject", subject, LONGEST_SUBJECT), ("text", body, LONGEST_BODY)):
        if not 1 <= len(text.strip()) <= len(text) <= most:
            raise CannotSend(f"The {name} needs from 1 to {most} characters.")


def _keep(
    tx: Transaction,
    requester_id: str,
    worker_id: str,
    subject: str,
    body: str,
    *,
    from_worker: bool,
    hit_id: str | None = None,
) -> None:
    tx.connection.execute(
        insert(messages).values(
            requester_id=requester_id,
            worker_id=worker_id,
            from_worker=from_worker,
            subject=subject,
            body=body,
            hit_id=hit_id,
            at=tx.now,
        )
    )


def _to_worker(worker_id: str) -> Select[Any]:
    return _received(False).where(messages.c.worker_id == worker_id)


def _to_requester(requester_id: str) -> Select[Any]:
    return _received(True).where(messages.c.requester_id == requester_id)


def _from_worker(requester_id: str, worker_id: str) -> Select[Any]:
    return select(messages.c.id).where(
        messages.c.worker_id == worker_id,
        messages.c.from_worker.is_(True),
        messages.c.requester_id == requester_id,
    )


def _received(from_worker: bool) -> Select[Any]:
    return (
        select(messages, requesters.c.name.label("requester"))
        .join(requesters, requesters.c.requester_id == messages.c.requester_id)
        .where(messages.c.from_worker.is_(from_worker))
    )


def _inbox(tx: Transaction, query: Select[Any], before: int | None, limit: int) -> list[Message]:
    if before is not None:
        query = query.where(messages.c.id < before)
    return [
        _message(row)
        for row in tx.connection.execute(query.order_by(messages.c.id.desc()).limit(limit))
    ]


def _unread(tx: Transaction, query: Select[Any]) -> int:
    unread = query.where(messages.c.read_at.is_(None)).with_only_columns(func.count())
    return tx.connection.scalar(unread) or 0


def _open(tx: Transaction, query: Select[Any], message_id: int) -> Message | None:
    row = tx.connection.execute(query.where(messages.c.id == message_id)).one_or_none()
    if row is None:
        return None
    if row.read_at is None:
        tx.connection.execute(
            update(messages).where(messages.c.id == message_id).values(read_at=tx.now)
        )
    return _message(row)


def _message(row: Row[Any]) -> Message:
    return Message(**row._mapping)
