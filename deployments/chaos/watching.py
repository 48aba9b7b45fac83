"""How long what a killed run left behind takes to be put right, and whether caps hold meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from deployments.chaos.books import Books
from deployments.chaos.points import read_journal
from deployments.chaos.repairing import DEATH, Repair
from deployments.chaos.stack import Chaotic
from hitline.errors import HitlineError
from hitline.store.schema import dirt, items
from hitline.wiring import Hitline

LOOK_EVERY = 0.5
"""Wall seconds."""
LOOK_INTO_THE_BOOKS_EVERY = 5.0

log = logging.getLogger("chaos")


class Watch:
    """A thread that follows each item that a dead run had leased, until a living run has taken it
    up, or nothing waits to be done about it. Should that run die too, it counts anew."""

    def __init__(self, chaotic: Chaotic, hitline: Hitline, books: Books) -> None:
        self._hitline = hitline
        self._books = books
        self._journal = chaotic.journal
        self._offset = 0
        self._runs: dict[int, set[str]] = {}
        self._dead: dict[str, datetime] = {}
        self._waiting: dict[str, datetime] = {}
        self._unseen: list[tuple[int, datetime]] = []
        self.repaired: list[Repair] = []
        self.points: list[str] = []
        self.committed: dict[str, Decimal] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def died(self, pid: int) -> None:
        """A process was killed just now."""
        with self._lock:
            self._unseen.append((pid, datetime.now(UTC)))

    @property
    def waiting(self) -> int:
        """Items that a dead run left behind, and that are not put right yet."""
        return len(self._waiting)

    def _run(self) -> None:
        next_books = 0.0
        while not self._stop.wait(LOOK_EVERY):
            self._read_journal()
            # An outage is waited out: what died meanwhile is looked at afterwards.
            with suppress(HitlineError, SQLAlchemyError):
                self._look()
            if time.monotonic() >= next_books:
                next_books = time.monotonic() + LOOK_INTO_THE_BOOKS_EVERY
                with suppress(SQLAlchemyError):
                    self._look_into_the_books()

    def _read_journal(self) -> None:
        lines, self._offset = read_journal(self._journal, self._offset)
        for line in lines:
            if "run" in line:
                self._runs.setdefault(line["pid"], set()).add(line["run"])
            else:
                self.points.append(line["point"])
                with self._lock:
                    self._unseen.append((line["died"], datetime.fromisoformat(line["at"])))

    def _look(self) -> None:
        with self._lock:
            unseen = list(self._unseen)
        for pid, at in unseen:
            self._dead |= dict.fromkeys(self._runs.pop(pid, ()), at)
        now = self._hitline.clock.wall()
        due = select(dirt.c.item_id).where(dirt.c.wall_not_before <= now)
        with self._hitline.store.reading() as connection:
            owned = {
                row.id: row.lease_owner
                for row in connection.execute(
                    select(items.c.id, items.c.lease_owner).where(items.c.lease_owner.is_not(None))
                )
            }
            waits = set(
                connection.scalars(
                    select(items.c.id).where(
                        items.c.id.in_(list(self._waiting)), items.c.id.in_(due)
                    )
                )
            )
        with self._lock:
            self._unseen = self._unseen[len(unseen) :]
        for item_id, owner in owned.items():
            if owner in self._dead:
                self._waiting.setdefault(item_id, self._dead[owner])
        for item_id in list(self._waiting):
            owner = owned.get(item_id)
            left = owner in self._dead if owner else item_id in waits
            if not left:
                died = self._waiting.pop(item_id)
                self.repaired.append(
                    Repair(
                        cause=DEATH,
                        subject=item_id,
                        at=died,
                        seconds=(now - died).total_seconds(),
                    )
                )

    def _look_into_the_books(self) -> None:
        for pipeline, amount in self._books.committed().items():
            self.committed[pipeline] = max(self.committed.get(pipeline, Decimal(0)), amount)
