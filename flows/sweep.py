"""Sweep: once a minute, find what no event told us, and ring the same bell for it."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State

from flows.telling import name_run, plain
from tasks import alert, payments, repair
from tasks.overdue import overtaken
from tasks.ring import ring


@flow(name="sweep")
async def sweep() -> str | State[Any]:
    """Repair what was missed; each cause is counted, for one that grows is a fault."""
    if (skipped := await overtaken()) is not None:
        return skipped
    swept = await repair.sweep()
    async with get_client() as client:
        await ring(client)
        await alert.tell(client)  # the intake does, too, unless it is what has died
    waged = await payments.wage()
    total = sum(swept.marked.values())
    line = f"sweep · {total} items marked, {swept.restored} HITs restored"
    if waged.sent.any:
        line += f", {waged.sent}"
    await name_run(line, sorted(swept.marked))
    if swept.marked:
        await acreate_table_artifact(
            key="sweep",
            table=[{"cause": cause, "items": count} for cause, count in swept.marked.items()],
            description=line,
        )
    if aside := await repair.set_aside():
        await acreate_table_artifact(
            key="set-aside",
            table=[{name: plain(cell) for name, cell in row.items()} for row in aside],
            description=f'{len(aside)} failed every time; "hitline retry" takes them up again',
        )
    return line
