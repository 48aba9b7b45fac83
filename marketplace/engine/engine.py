"""Opening transactions at one business time, and the workers' side of the marketplace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from marketplace.clock import Clock
from marketplace.engine import due, work
from marketplace.engine.secrets import Secrets, key_file
from marketplace.engine.transaction import Transaction
from marketplace.engine.work import OpenHit
from marketplace.settings import Settings
from marketplace.store import Store


class Engine:
    """The marketplace on one database; several, in several processes, may share it.

    Before anything is shown or done, what fell due by then is done. So an answer never depends on
    whether the ticker has been round.
    """

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self.store = store
        self.clock = clock
        self.settings = settings
        self._current: tuple[str | None, Settings] = (None, settings)
        self.secrets = Secrets(key_file(settings.key_file, store.file))

    @property
    def current(self) -> Settings:
        """The settings under the faults that were set, as of the last transaction."""
        return self._current[1]

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        """A transaction that only reads."""
        now = self.clock.now()
        while True:
            with self.store.read() as connection:
                is_due, faults = due.glance(connection, now)
                if not is_due:
                    yield self._transaction(connection, now, faults)
                    return
            with self.store.write() as connection:
                due.advance(self._transaction(connection, now, faults))

    @contextmanager
    def act(self) -> Iterator[Transaction]:
        """A transaction that writes, all of it or, after an exception, nothing."""
        while True:
            with self.store.write() as connection:
                now = self.clock.now()
                is_due, faults = due.glance(connection, now)
                tx = self._transaction(connection, now, faults)
                if not is_due:
                    yield tx
                    return
                due.advance(tx)

    def tick(self) -> None:
        """Do what time alone causes: expiry, abandonment, auto-approval, and their events."""
        with self.look():
            pass

    def register_worker(self, worker_id: str) -> None:
        """Make a worker known; a known one stays as is."""
        with self.act() as tx:
            work.register(tx, worker_id)

    def open_hits(self) -> list[OpenHit]:
        """Every Assignable HIT, oldest first."""
        with self.look() as tx:
            return work.open_hits(tx)

    def accept(self, hit_id: str, worker_id: str) -> str:
        """Accept a HIT; returns the assignment's id, or raises `CannotAccept`."""
        with self.act() as tx:
            return work.accept(tx, hit_id, worker_id)

    def submit(self, assignment_id: str, worker_id: str, answers: Mapping[str, str]) -> None:
        """Hand in a held assignment; raises `CannotWork` if it is not held or the time is up."""
        with self.act() as tx:
            work.submit(tx, assignment_id, worker_id, answers)

    def give_back(self, assignment_id: str, worker_id: str) -> None:
        """Return a held assignment undone; raises `CannotWork` as `submit` does."""
        with self.act() as tx:
            work.give_back(tx, assignment_id, worker_id)

    def _transaction(
        self, connection: Connection, now: datetime, faults: str | None
    ) -> Transaction:
        if faults != self._current[0]:
            self._current = (faults, self.settings.under(faults))
        return Transaction(
            connection=connection,
            now=now,
            wall=self.clock.wall(),
            settings=self._current[1],
            secrets=self.secrets,
        )
