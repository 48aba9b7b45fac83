"""Prune: once a day, old events go; what was asked, said and paid stays."""

from __future__ import annotations

from prefect import flow

from flows.telling import name_run
from tasks import history


@flow(name="prune")
async def prune() -> str:
    """Remove history that is older than the settings keep it."""
    gone = await history.prune()
    line = f"prune · {gone.events} events, {gone.unparsed} messages, {gone.alerts} alerts"
    await name_run(line, [])
    return line
