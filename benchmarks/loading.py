"""Filling a database by bulk inserts, as the engine would have left it.

Every HIT is settled by the engine's own rule, so its status, liability and due time are right, and
the requester's account agrees with the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from marketplace.engine import Engine, hit_types, ids
from marketplace.engine.account import Entry
from marketplace.engine.answers import question_form_answers
from marketplace.engine.fees import assignment_fee
from marketplace.engine.hits import settle
from marketplace.engine.model import Hit, HitType, TypeAttributes
from marketplace.engine.states import AssignmentStatus
from marketplace.engine.transaction import Transaction
from marketplace.store import schema

TYPES = 20
WORKERS = 500
ANSWERS = 5  # assignments of a HIT
ROWS_A_STATEMENT = 5_000
REWARD = Decimal("0.05")
MONTH = 30 * 86_400
ANSWER = question_form_answers({"position": "yes", "why": "It says so. " * 8}, prologue="ascii")

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Position</title></head>
<body><form action="/mturk/externalSubmit" method="post">
<input type="hidden" name="assignmentId" value=""><h1>Headline {number}</h1>
<p>{text}</p>
<label><input type="radio" name="position" value="yes" required> Yes</label>
<label><input type="radio" name="position" value="no"> No</label>
<textarea name="why"></textarea><button>Submit</button></form></body></html>"""
XMLNS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2011-11-11/"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Ids of what was loaded."""

    types: Sequence[str]
    groups: Sequence[str]
    hits: Sequence[str]
    submitted: Sequence[str]
    """Assignments that wait for a review."""


def question(number: int) -> str:
    """An HTMLQuestion of about 1.5 KB."""
    page = PAGE.format(number=number, text="What the headline is about, in some words. " * 20)
    return (
        f'<HTMLQuestion xmlns="{XMLNS}HTMLQuestion.xsd"><HTMLContent><![CDATA[{page}]]>'
        "</HTMLContent><FrameHeight>0</FrameHeight></HTMLQuestion>"
    )


def load(engine: Engine, count: int, *, worked_on: bool = True) -> Loaded:
    """Store HITs of `TYPES` types; worked on, each has `ANSWERS` assignments.

    Of ten HITs seven are approved, two wait for review and one is open for more. Otherwise all are
    open, for `ANSWERS` each.
    """
    with engine.act() as tx:
        requester_id = tx.connection.scalars(select(schema.requesters.c.requester_id)).one()
        types = [_type(tx, requester_id, number) for number in range(TYPES)]
        if worked_on:
            _workers(tx)
        now = tx.now.replace(microsecond=0)
        posted = [
            _hit(tx, types[number % TYPES], number, now, worked_on=worked_on)
            for number in range(count)
        ]
        _insert(tx.connection, schema.hits, (hit.columns() for hit in posted))
        done = [row for hit in posted for row in _assignments(hit, now)]
        _insert(tx.connection, schema.assignments, iter(done))
        _account(tx, requester_id, posted, done)
    if not engine.store.on_sqlite:  # PostgreSQL does so by itself, a little later
        with engine.store.write() as connection:
            connection.exec_driver_sql("ANALYZE")
    return Loaded(
        types=[one.hit_type_id for one in types],
        groups=[one.group_id for one in types],
        hits=[hit.hit_id for hit in posted],
        submitted=[
            row["assignment_id"]
            for row in done
            if row["status"] == AssignmentStatus.SUBMITTED.value
        ],
    )


def _type(tx: Transaction, requester_id: str, number: int) -> HitType:
    attributes = TypeAttributes(
        title=f"Does this headline take a position? ({number})",
        description="Say whether it is for or against a claim.",
        keywords="headlines, choice",
        reward=REWARD,
        duration=3600,
        auto_approval_delay=MONTH,
        requirements=[],
    )
    return hit_types.register(tx, requester_id, attributes)


def _workers(tx: Transaction) -> None:
    rows = ({"worker_id": worker(number), "created_at": tx.now} for number in range(WORKERS))
    _insert(tx.connection, schema.workers, rows)


def worker(number: int) -> str:
    """The id of one of `WORKERS`."""
    return f"AWORKER{number:07d}"


def _hit(tx: Transaction, hit_type: HitType, number: int, now: datetime, *, worked_on: bool) -> Hit:
    place = number % 10
    draft = Hit(
        hit_id=ids.entity_id(),
        requester_id=hit_type.requester_id,
        type=hit_type,
        question=question(number),
        annotation=f"benchmark/{number}",
        layout_id=None,
        max_assignments=ANSWERS if not worked_on or place < 9 else ANSWERS + 3,
        created_at=now - timedelta(days=1),
        expires_at=now + timedelta(seconds=MONTH),
        active_at=now - timedelta(hours=1),
        approved=ANSWERS if worked_on and place < 7 else 0,
        submitted=ANSWERS if worked_on and place >= 7 else 0,
        ever_accepted=worked_on,
    )
    fee = assignment_fee(
        draft.reward,
        max_assignments=draft.max_assignments,
        masters=False,
        schedule=tx.settings.fees,
    )
    return settle(tx, replace(draft, fee=fee))


def _assignments(hit: Hit, now: datetime) -> Iterator[dict[str, Any]]:
    """The rows behind the HIT's counts, of different workers."""
    first = int(hit.annotation.rpartition("/")[2]) if hit.annotation else 0
    approved, submitted_at = bool(hit.approved), now - timedelta(hours=2)
    for number in range(hit.done):
        yield {
            "assignment_id": ids.entity_id(),
            "hit_id": hit.hit_id,
            "worker_id": worker((first * 7 + number) % WORKERS),
            "status": (AssignmentStatus.APPROVED if approved else AssignmentStatus.SUBMITTED).value,
            "accepted_at": submitted_at - timedelta(minutes=1),
            "deadline": submitted_at + timedelta(minutes=59),
            "submitted_at": submitted_at,
            "auto_approval_at": submitted_at + timedelta(seconds=MONTH),
            "approved_at": now - timedelta(hours=1) if approved else None,
            "answer": ANSWER,
            "due_at": None if approved else submitted_at + timedelta(seconds=MONTH),
        }


def _account(
    tx: Transaction, requester_id: str, posted: Sequence[Hit], done: Sequence[dict[str, Any]]
) -> None:
    """Charges for what was approved, and the liability of all HITs."""
    fees = {hit.hit_id: hit.fee for hit in posted}
    paid = [row for row in done if row["status"] == AssignmentStatus.APPROVED.value]
    entries = [
        {
            "requester_id": requester_id,
            "kind": kind.value,
            "amount": -amount,
            "at": row["approved_at"],
            "hit_id": row["hit_id"],
            "assignment_id": row["assignment_id"],
        }
        for row in paid
        for kind, amount in ((Entry.REWARD, REWARD), (Entry.FEE, fees[row["hit_id"]]))
    ]
    _insert(tx.connection, schema.ledger, iter(entries))
    requesters = schema.requesters
    charged = sum((entry["amount"] for entry in entries), Decimal("0.00"))
    liability = sum((hit.liability for hit in posted), Decimal("0.00"))
    tx.connection.execute(
        update(requesters)
        .where(requesters.c.requester_id == requester_id)
        .values(
            balance=requesters.c.balance + charged, liability=requesters.c.liability + liability
        )
    )


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    while part := list(islice(rows, ROWS_A_STATEMENT)):
        connection.execute(insert(table), part)
