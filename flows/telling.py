"""What a person sees of a run: its name, its tags, and a table of what was decided and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from prefect.artifacts import acreate_table_artifact
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from hitline.acting.refitting import Refitted
from hitline.acting.rounds import Told
from hitline.model import Door
from hitline.standing import Standing

ROWS = 200
"""So many decisions are shown in a run's table; all of them are in the database."""

_MARKUP = re.compile(r"[\\`*_\[\]<>&!|~#@]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def plain(text: str) -> str:
    """`text` as a cell that shows it and nothing else.

    Prefect's UI takes every text in a table for Markdown, with links and pictures in it
    (prefect-ui-library, pull request 2190), and some of it was written by workers.
    """
    line = "".join(character if character.isprintable() else " " for character in text)
    return _MARKUP.sub(lambda found: f"\\{found[0]}", line)


async def tell(door: Door, pipeline: str, stage: str, told: Sequence[Told]) -> str:
    """Name and tag the run after what it did, and leave a table of the decisions."""
    verdicts = Counter(one.verdict for one in told)
    done = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    line = f"{door} · {stage} · {len(told)} items" + (f" ({done})" if done else "")
    await name_run(line, [pipeline, stage, *sorted(verdicts)])
    if told:
        await acreate_table_artifact(
            key=f"{door}-{pipeline}-{stage}".replace("_", "-"),
            table=[
                {
                    "item": plain(one.key),
                    "verdict": one.verdict,
                    "why": plain(one.why),
                    "outcome": plain(one.outcome),
                }
                for one in told[:ROWS]
            ],
            description=line,
        )
    return line


async def tell_standing(pipeline: str, stage: str, standings: Sequence[Standing]) -> None:
    """Leave a table of how workers do, the least accurate first."""
    if not standings:
        return
    right = sum(one.evidence.right for one in standings)
    known = sum(one.evidence.known for one in standings)
    await acreate_table_artifact(
        key=f"standing-{pipeline}-{stage}".replace("_", "-"),
        table=[_standing_row(one) for one in standings[:ROWS]],
        description=f"{right} of {known} answers to known items of {stage} were right; "
        f"{len(standings)} workers, the least accurate first, with 90 % intervals",
    )


def _standing_row(one: Standing) -> dict[str, str | int]:
    low, high = one.evidence.interval
    return {
        "worker": one.worker_id,
        "accuracy": f"{one.evidence.accuracy:.0%}",
        "90 % interval": f"{low:.0%} to {high:.0%}",
        "right of known": f"{one.evidence.right} of {one.evidence.known}",
        "agreement": "-" if one.agreement is None else f"{one.agreement:.0%}",
        "answers": one.answers,
        "seconds": "-" if one.seconds is None else f"{one.seconds:.0f}",
        "step": "-" if one.step is None else str(one.step),
    }


async def tell_model(fitted: Refitted) -> None:
    """Leave a table of what the model holds of a stage's workers, the least reliable first."""
    await acreate_table_artifact(
        key=f"model-{fitted.pipeline}-{fitted.stage}".replace("_", "-"),
        table=[
            {"worker": worker, "answers": answers, "right, by the model": f"{accuracy:.0%}"}
            for worker, answers, accuracy in fitted.workers[:ROWS]
        ],
        description=f"model {fitted.version}: {fitted.answers} answers of "
        f"{len(fitted.workers)} workers of {fitted.stage}",
    )


async def name_run(name: str, tags: Sequence[str]) -> None:
    """Name and tag the current run; a trigger cannot, for it does not know what will be done."""
    run_id = flow_run.get_id()
    if run_id is None:
        return
    async with get_client() as client:
        await client.update_flow_run(UUID(run_id), name=name, tags=[*flow_run.get_tags(), *tags])
