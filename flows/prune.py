"""Prune: once a day, old events go; what was asked, said and paid stays."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.telling import name_run
from tasks import history
from tasks.overdue import overtaken


@flow(name="prune")
async def prune() -> str | State[Any]:
    """Remove history that is older than the settings keep it."""
    if (skipped := await overtaken()) is not None:
        return skipped
    gone = await history.prune()
    line = f"prune · {gone.events} events, {gone.unparsed} messages, {gone.alerts} alerts"
    await name_run(line, [])
    return line
