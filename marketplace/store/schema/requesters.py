"""Requesters, their access keys, and their money."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from marketplace.store.schema.types import Dollars, Id, Moment, Serial, metadata

requesters = Table(
    "requesters",
    metadata,
    Column("requester_id", Id, primary_key=True),
    Column("name", String(128), nullable=False, unique=True),
    Column("account", String(12), nullable=False, unique=True),
    Column("balance", Dollars, nullable=False),  # sum of the ledger's entries
    Column("liability", Dollars, nullable=False),  # sum of the HITs' liabilities
    Column("created_at", Moment, nullable=False),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("access_key_id", String(32), primary_key=True),
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("secret", Text, nullable=False),  # encrypted under the key file
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("kind", String(16), nullable=False),  # deposit, reward, fee, bonus, bonus_fee
    Column("amount", Dollars, nullable=False),  # deposits above zero, charges below
    Column("at", Moment, nullable=False),
    Column("hit_id", ForeignKey("hits.hit_id")),
    Column("assignment_id", Id),
    Index("ledger_by_requester", "requester_id", "kind"),
    Index("ledger_listed", "requester_id", "id"),
)
