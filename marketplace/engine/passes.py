"""Who may submit an assignment from a frame, where no session can speak for the worker.

A page in a frame of an origin of its own sends no session cookie. On MTurk the assignment's id
stood for the worker; but ids pass to the next worker after a return, so the one who returned would
still know it. A pass names one go of one worker, is sealed under the service's key file, and stands
in the address that the page submits to.
"""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from marketplace.engine import assignments
from marketplace.engine.model import Assignment
from marketplace.engine.transaction import Transaction
from marketplace.errors import KeyFileError
from marketplace.store import schema

PURPOSE = "frame"

_table = schema.assignments
BY_NUMBER = select(_table).where(_table.c.id == bindparam("number"))
HOLDERS = (
    select(func.count(_table.c.worker_id.distinct()))
    .select_from(_table)
    .where(_table.c.assignment_id == bindparam("assignment"))
)


def issue(tx: Transaction, assignment: Assignment) -> str:
    """A pass for this go at the HIT, fit to stand in an address."""
    return tx.secrets.seal(f"{PURPOSE} {assignment.id}").rstrip("=")


def admitted(tx: Transaction, given: str) -> Assignment | None:
    """The go that the pass was issued for, whatever became of it; None for no pass of ours."""
    if not given.isascii():
        return None
    try:
        purpose, _, number = tx.secrets.unseal(given + "=" * (-len(given) % 4)).partition(" ")
    except KeyFileError:
        return None
    if purpose != PURPOSE:
        return None
    row = tx.connection.execute(BY_NUMBER, {"number": int(number)}).one_or_none()
    return None if row is None else Assignment.from_row(row)


def sole_holder(tx: Transaction, assignment_id: str) -> Assignment | None:
    """The assignment, if no other worker ever held its id: then knowing the id is enough."""
    holders = tx.connection.scalar(HOLDERS, {"assignment": assignment_id}) or 0
    return assignments.lookup(tx, assignment_id) if holders == 1 else None
