"""How submissions were judged: when, and what their workers were told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hitline.model import AssignmentStatus
from hitline.store.schema import intents, ledger
from hitline.tokens import call_token

Judged = tuple[datetime | None, datetime | None, str | None]
"""When a submission was approved, when rejected, what its worker was told."""

ENTRIES = ("settle", "release")
"""In the ledger: a submission was approved, it was rejected."""


def judged(connection: Connection, chunk: Sequence[Row[Any]]) -> dict[tuple[str, str], Judged]:
    """When each submission was approved or rejected, as the ledger has it, and what its worker was
    told; those that we did not judge are left out."""
    found: dict[tuple[str, str], Judged] = {}
    who = [
        (row.assignment_id, row.worker_id)
        for row in chunk
        if row.status != AssignmentStatus.SUBMITTED
    ]
    at = _by_token(
        connection,
        ledger.c.at,
        [f"{entry}:{one[0]}:{one[1]}" for one in who for entry in ENTRIES],
    )
    said = _by_token(
        connection,
        intents.c.detail,
        [call_token(kind, *one) for one in who for kind in ("reject", "override")],
    )
    for one in who:
        told = [
            detail.get("feedback")
            for kind in ("override", "reject")
            if (detail := said.get(call_token(kind, *one)))
        ]
        approved, rejected = (at.get(f"{entry}:{one[0]}:{one[1]}") for entry in ENTRIES)
        found[one] = (approved, rejected, next((text for text in told if text), None))
    return found


def _by_token(connection: Connection, column: Any, tokens: Sequence[str]) -> dict[str, Any]:
    token = column.table.c.token
    rows = connection.execute(select(token, column).where(token.in_(tokens)))
    return {row[0]: row[1] for row in rows}
