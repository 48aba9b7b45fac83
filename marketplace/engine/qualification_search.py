"""Finding qualification types by words, as forgivingly as MTurk did: clients look for exact names.

Case, order and the signs between words do not count.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Row, or_, select

from marketplace.engine.system_qualifications import SystemQualification
from marketplace.engine.transaction import Transaction
from marketplace.store import schema

_table = schema.qualification_types


def search(
    tx: Transaction,
    *,
    query: str | None,
    requester_id: str,
    owned: bool,
    requestable: bool,
    before: int | None,
    limit: int,
) -> list[Row[Any]]:
    """Rows of types whose name, description or keywords contain every word, newest first.

    Other requesters' types are seen while they are Active.
    """
    is_own, is_active = _table.c.requester_id == requester_id, _table.c.status == "Active"
    found = select(_table).where(_table.c.deleted_at.is_(None))
    found = found.where(is_own if owned else or_(is_own, is_active))
    if requestable:
        found = found.where(is_active)
    if tx.settings.index_lag:
        found = found.where(_table.c.created_at <= tx.indexed_until)
    for word in _words(query):
        found = found.where(_table.c.searchable.contains(word, autoescape=True))
    if before is not None:
        found = found.where(_table.c.id < before)
    return list(tx.connection.execute(found.order_by(_table.c.id.desc()).limit(limit)))


def matches(qualification: SystemQualification, query: str | None) -> bool:
    """Whether the search finds one of the system's own."""
    text = searchable(qualification.name, qualification.description, None)
    return all(word in text for word in _words(query))


def searchable(name: str, description: str, keywords: str | None) -> str:
    """What is searched of a type."""
    return "\n".join((name, description, keywords or "")).casefold()


def _words(query: str | None) -> list[str]:
    """Signs count only where there is nothing else."""
    folded = (query or "").casefold()
    return re.findall(r"[^\W_]+", folded) or folded.split()
