"""Refit: the model of each stage's workers over all answers, and which labels it doubts."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State

from flows.telling import name_run, tell_model
from tasks import models
from tasks.overdue import overtaken
from tasks.ring import ring


@flow(name="refit")
async def refit() -> str | State[Any]:
    """Fit every stage that has a model; reopen provisional labels, report final ones."""
    if (skipped := await overtaken()) is not None:
        return skipped
    done = [
        one
        for pipeline, stage in await models.modelled()
        if (one := await models.refit(pipeline, stage)) is not None
    ]
    for one in done:
        await tell_model(one)
    async with get_client() as client:
        await ring(client)  # what was reopened waits to be looked at
    reopened = sum(len(one.reconsidered.reopened) for one in done)
    flips = sum(one.would_flip for one in done)
    line = f"refit · {len(done)} stages · {reopened} items reopened, {flips} would flip"
    await name_run(line, sorted({one.pipeline for one in done}))
    if done:
        await acreate_table_artifact(
            key="refit",
            table=[
                {
                    "pipeline": one.pipeline,
                    "stage": one.stage,
                    "answers": one.answers,
                    "workers": len(one.workers),
                    "labels by": "votes" if one.by_votes else "the model",
                    "reopened": len(one.reconsidered.reopened),
                    "would flip": one.would_flip,
                    "model": one.version,
                }
                for one in done
            ],
            description=line,
        )
    return line
