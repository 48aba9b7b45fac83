"""`python -m deployments.worker`: the in-process worker as a process of its own.

Starts faster than `prefect worker start`, and stops as told: at SIGTERM or Ctrl-C it takes no more
runs, gives those in flight a few seconds, and leaves none without a final state.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Annotated

from anyio.from_thread import start_blocking_portal
from cyclopts import App, Parameter
from prefect.client.orchestration import get_client

from deployments.worker import InProcessWorker
from hitline.settings import read_settings
from tasks import pace
from tasks.abandon import abandon

SIGNALS = (signal.SIGTERM, signal.SIGINT)

app = App(name="deployments.worker", help=__doc__)


@app.default
def main(
    *,
    pool: Annotated[str, Parameter(help="Work pool to take runs from; made if missing.")],
    limit: Annotated[int, Parameter(help="Most runs at a time.")] = 16,
    name: Annotated[str | None, Parameter(help="Name of this worker in the Prefect UI.")] = None,
) -> None:
    """Take runs from the pool until told to stop."""
    worker = InProcessWorker(work_pool_name=pool, limit=limit, name=name, over=abandon)
    # Prefect's engine claims SIGTERM while a run goes on, but only in a process's main thread.
    with start_blocking_portal() as portal:
        task = portal.call(_start, worker)

        def stop(*_: object) -> None:
            # Told twice, it would give up ending its runs in good order.
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            portal.call(task.cancel)

        for number in SIGNALS:
            signal.signal(number, stop)
        portal.call(_end, task)
    print(f"{worker.name} stopped")


async def _start(worker: InProcessWorker) -> asyncio.Task[None]:
    if most := read_settings().calls_per_second:
        async with get_client() as client:
            await pace.set_limit(client, most)
    return asyncio.create_task(worker.start())


async def _end(task: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    app()
