"""Report: progress, money and quality of every pipeline, as a page in the Prefect UI."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State

from flows.telling import name_run
from tasks import progress
from tasks.overdue import overtaken


@flow(name="report")
async def report() -> str | State[Any]:
    """Leave one page a pipeline."""
    if (skipped := await overtaken()) is not None:
        return skipped
    pages = await progress.pages()
    for pipeline, page in pages.items():
        await acreate_markdown_artifact(key=f"report-{pipeline}".replace("_", "-"), markdown=page)
    line = f"report · {', '.join(pages) or 'no pipeline yet'}"
    await name_run(line, list(pages))
    return line
