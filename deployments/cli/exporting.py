"""Taking results and answers out, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from deployments.cli.opening import opened_for
from deployments.cli.showing import count, say
from hitline.acting import exporting
from hitline.acting.exporting import Exported, Wish
from hitline.errors import UnknownPipeline
from hitline.pipeline import Pipeline
from hitline.reporting import files
from hitline.wiring import Hitline


def export(
    pipeline: str,
    /,
    *,
    out: Annotated[Path, Parameter(help="The file: .csv or .parquet.")],
    what: Annotated[
        Literal["results", "answers", "labels"],
        Parameter(
            help="results: an item a row; answers: a submission a row, in the columns of the "
            "requester site's batch results; labels: what each worker said of each item."
        ),
    ] = "results",
    stage: Annotated[str | None, Parameter(help="Only this stage.")] = None,
    pseudonyms: Annotated[
        bool,
        Parameter(negative="", help="Pseudonyms instead of worker ids, the same each time."),
    ] = False,
    spreadsheet: Annotated[
        bool,
        Parameter(negative="", help="Put ' before what a spreadsheet would take for a formula."),
    ] = False,
    keep_provisional: Annotated[
        bool,
        Parameter(negative="", help="Labels may still change; without it results become final."),
    ] = False,
) -> None:
    """Write results, answers or labels to a CSV or Parquet file.

    For example: hitline export stance --what answers --out answers.csv
    """
    files.check(out, spreadsheet=spreadsheet)
    hitline = opened_for(pipeline, stage)
    wish = Wish(
        pipeline=pipeline,
        stage=stage,
        pseudonymous=pseudonyms,
        spreadsheet=spreadsheet,
        provisional=keep_provisional,
    )
    definition = _defined(hitline, pipeline)
    if what == "results":
        _tell(exporting.results(hitline, wish, out, definition), "item", out)
    elif what == "answers":
        _tell(exporting.answers(hitline, wish, out, definition), "submission", out)
    else:
        _tell(exporting.said(hitline, wish, out), "answer", out)


def _defined(hitline: Hitline, pipeline: str) -> Pipeline | None:
    """The pipeline as it is written now; what it would tell stays empty if it is gone."""
    try:
        return hitline.pipeline(pipeline)
    except UnknownPipeline as gone:
        say(f"titles and keywords stay empty: {gone}")
        return None


def _tell(done: Exported, noun: str, out: Path) -> None:
    say(f"{count(done.rows, noun)} written to {out}")
    if done.final:
        say(f"{count(done.final, 'label')} final from now on; --keep-provisional leaves them open")
    if done.unreadable:
        say(
            f"{count(done.unreadable, 'submission')} could not be read and "
            'have no answer there; "hitline explain" shows why'
        )
    if done.left_out:
        say(f"{count(done.left_out, 'rare name')} of answers became no column")
