"""HITReviewable: consensus over all answers of an item, and what follows from it."""

from __future__ import annotations

from prefect import flow

from flows.rounds import work
from hitline.model import Door
from tasks import workers


@flow(name="aggregate", flow_run_name="aggregate · {stage}")
async def aggregate(pipeline: str, stage: str, hit_ids: list[str] | None = None) -> str:
    """Drain the stage's marks of this kind, or look at the items of `hit_ids` by hand."""
    line = await work(Door.AGGREGATE, pipeline, stage, hit_ids)
    await workers.judge(pipeline, stage)
    return line
