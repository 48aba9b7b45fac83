"""The body that publish, aggregate, repost and evaluate share: lease, look, act.

They are one rule entered by four doors: they differ in which marks they claim and in what a
person sees of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from prefect.runtime import flow_run

from flows.telling import tell
from hitline.acting.rounds import Errand, Told, sort_out
from hitline.model import Door
from hitline.store.leases import Leased
from tasks import collect, hits, lease, results


async def work(door: Door, pipeline: str, stage: str, hit_ids: Sequence[str] | None = None) -> str:
    """Drain what waits behind `door`, or look at `hit_ids` only; what was done, in a line."""
    errand = Errand(door=door, flow_run=str(flow_run.get_id() or ""))
    told: list[Told] = []
    await lease.answer(door, pipeline, stage)
    while chunk := await lease.claim(door, pipeline, stage, errand.flow_run, hit_ids):
        async with lease.held(chunk):
            try:
                told += await _carry_out(chunk, errand)
            except Exception as unforeseen:
                await lease.give_back(chunk, unforeseen)
                raise
        if hit_ids is not None:
            break
    await lease.finish(door, pipeline, stage)
    return await tell(door, pipeline, stage, told)


async def _carry_out(chunk: Sequence[Leased], errand: Errand) -> list[Told]:
    """Look at a chunk, and do what is decided."""
    told: list[Told] = []
    orders = sort_out(await collect.look(chunk))
    if orders.settle:
        told += await results.settle(orders.settle, errand)
    if orders.extend:
        told += await hits.extend(orders.extend, errand)
    if orders.repost:
        told += await hits.repost(orders.repost, errand)
    if orders.post:
        told += await hits.post(orders.post, errand)
    return told
