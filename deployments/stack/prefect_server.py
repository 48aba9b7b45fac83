"""`python -m deployments.stack.prefect_server`: Prefect's server, and nothing makes it stand still.

Takes what `prefect server` takes, `start` by default.

On any database: every automation's action asks for the server's own application anew, and to find
the one that is there Prefect hashes all its settings, a tenth to a third of a second on the event
loop each time. Here the answer is remembered: within a process it is always the same.

On SQLite, Prefect 3.8 can stop for a whole minute. A transaction waits for another's write lock
inside SQLite, in its connection's thread; meanwhile Python's cyclic garbage collector, in the
event loop's thread, frees a cursor of that same connection, and waits for it too. The transaction
that holds the lock could only be finished by the event loop. Nothing moves until SQLite's timeout.

So there the event loop's thread never collects cycles: a thread of its own does, and only that one
waits. And every transaction that may write takes the lock at once and waits its turn: begun
deferred, as Prefect does it, one that reads before it writes is refused when another wrote in
between.
"""

from __future__ import annotations

import gc
import itertools
import sys
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from prefect.cli import app
from prefect.server.api import server
from prefect.server.database import dependencies
from prefect.server.database.configurations import AioSqliteConfiguration
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

BUSY_TIMEOUT_MS = 10_000
"""How long a transaction waits for its turn; Prefect's own minute outlasts every client's retry."""
SETTLED_AFTER = 20.0
"""Seconds after which the server has loaded all that it keeps."""
COLLECT_EVERY = 1.0
"""Seconds between two collections of garbage; the server makes little of it in one."""


class PatientSqlite(AioSqliteConfiguration):
    """Prefect's SQLite configuration, but no transaction starts to write in its middle."""

    @asynccontextmanager
    async def begin_transaction(
        self, session: AsyncSession, with_for_update: bool = False
    ) -> AsyncGenerator[AsyncSessionTransaction, None]:
        async with super().begin_transaction(session, with_for_update=True) as transaction:
            yield transaction

    def setup_sqlite(self, conn: Any, record: Any) -> None:
        super().setup_sqlite(conn, record)
        cursor = conn.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.close()


def collect_garbage() -> None:
    """Do what the collector would do by itself, in this thread only.

    What is there once the server has started stays, and is not looked through again and again.
    """
    time.sleep(SETTLED_AFTER)
    gc.collect()
    gc.freeze()
    generation = itertools.cycle([1, 1, 1, 1, 1, 1, 1, 1, 1, 2])
    while True:
        time.sleep(COLLECT_EVERY)
        gc.collect(next(generation))


def main() -> None:
    """Run `prefect server` in this process, with its ordinary settings."""
    server.create_app = cache(server.create_app)
    url = PREFECT_API_DATABASE_CONNECTION_URL.value()
    if url.startswith("sqlite"):
        dependencies.MODELS_DEPENDENCIES["database_config"] = PatientSqlite(url)
        gc.disable()
        threading.Thread(target=collect_garbage, name="garbage", daemon=True).start()
    sys.argv = ["prefect", "server", *(sys.argv[1:] or ["start"])]
    app()


if __name__ == "__main__":
    main()
