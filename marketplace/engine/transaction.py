"""What a rule works in: one transaction, at one moment, under the service's settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from marketplace.engine.secrets import Secrets
from marketplace.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """An open transaction; everything in it happens at `now`, business time."""

    connection: Connection
    now: datetime
    wall: datetime
    settings: Settings
    secrets: Secrets

    @property
    def indexed_until(self) -> datetime:
        """What was made after this moment is not in any list yet, but found by its id."""
        return self.now - timedelta(seconds=self.settings.index_lag)

    def at(self, moment: datetime) -> Transaction:
        """The same transaction, for what happened at an earlier moment and is noticed now."""
        return replace(self, now=moment)
