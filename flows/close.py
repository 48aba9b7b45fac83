"""Close: approve what is owed, mark finished HITs Reviewing, dispose of old ones."""

from __future__ import annotations

from prefect import flow
from prefect.runtime import flow_run

from flows.telling import name_run
from hitline.acting.closing import Closed
from hitline.model import Door
from tasks import lease, payments


@flow(name="close", flow_run_name="close · {stage}")
async def close(pipeline: str, stage: str) -> str:
    """Pay and close what is due for the stage's items."""
    done = Closed()
    await lease.answer(Door.CLOSE, pipeline, stage)
    while chunk := await lease.claim(
        Door.CLOSE, pipeline, stage, str(flow_run.get_id() or ""), None
    ):
        async with lease.held(chunk):
            try:
                done += await payments.close(chunk)
            except Exception as unforeseen:
                await lease.give_back(chunk, unforeseen)
                raise
    await lease.finish(Door.CLOSE, pipeline, stage)
    line = f"close · {stage} · {done.approved} approved, {done.reviewing} HITs closed"
    if done.rejected:
        line += f", {done.rejected} rejected"
    await name_run(line, [pipeline, stage])
    return line
