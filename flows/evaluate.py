"""AssignmentSubmitted: look early, keep workers' standing, and act on it."""

from __future__ import annotations

from prefect import flow

from flows.rounds import work
from flows.telling import tell_standing
from hitline.model import Door
from tasks import workers


@flow(name="evaluate", flow_run_name="evaluate · {stage}")
async def evaluate(pipeline: str, stage: str, hit_ids: list[str] | None = None) -> str:
    """Look at what has answers so far, and at how its workers do."""
    line = await work(Door.EVALUATE, pipeline, stage, hit_ids)
    await tell_standing(pipeline, stage, await workers.judge(pipeline, stage))
    return line
