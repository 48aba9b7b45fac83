"""Pictures, sound and film that templates show."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, UniqueConstraint

from marketplace.store.schema.requesters import requesters
from marketplace.store.schema.types import Moment, metadata

media = Table(
    "media",
    metadata,
    Column("token", String(64), primary_key=True),  # stands in the address, and cannot be guessed
    Column("requester_id", ForeignKey(requesters.c.requester_id), nullable=False),
    Column("name", String(255), nullable=False),  # path inside the folder that was added
    Column("content_type", String(128), nullable=False),
    Column("sha256", String(64), nullable=False),  # the file's name in the media folder
    Column("size", BigInteger, nullable=False),  # bytes
    Column("added_at", Moment, nullable=False),
    # A name may stand for several contents, each under an address of its own.
    UniqueConstraint("requester_id", "name", "sha256"),
    Index("media_by_content", "sha256"),
)
