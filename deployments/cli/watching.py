"""Commands that show where things stand, and change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from deployments.cli.health import tell_health
from deployments.cli.opening import chosen, open_database
from deployments.cli.showing import count, dollars, say, show
from hitline import loading
from hitline.consensus.choice import shown
from hitline.errors import HitlineError, UnknownPipeline
from hitline.model import ItemState
from hitline.pipeline import Pipeline
from hitline.reporting.health import health
from hitline.reporting.progress import Progress, StageProgress, progress
from hitline.reporting.results import Result, write_csv
from hitline.reporting.results import results as results_of
from hitline.settings import Settings, read_settings
from hitline.store import Store, lineage, pilots, pipelines


def status(pipeline: str | None = None, /) -> None:
    """Show items by state, money and notifications, and whatever needs a person's eye.

    For example: hitline status stance
    """
    settings = read_settings()
    store = open_database(settings)
    with store.reading() as connection:
        names = [chosen(connection, pipeline)] if pipeline else pipelines.names(connection)
        now = health(connection, settings.clock.wall(), pipeline)
    if not names:
        say('nothing was launched yet; "hitline run PIPELINE ITEMS.csv" does it')
    unknown = [name for name in names if not _told(store, settings, name)]
    tell_health(now)
    if unknown:
        raise UnknownPipeline(f"not all could be shown: {', '.join(unknown)} cannot be loaded")


def results(
    pipeline: str | None = None,
    /,
    *,
    csv: Annotated[Path | None, Parameter(help="Write the results to this file.")] = None,
) -> None:
    """Show what was settled, or write it to a CSV file; the labels in a file are final.

    For example: hitline results stance --csv results.csv
    """
    store = open_database(read_settings())
    with store.reading() as connection:
        name = chosen(connection, pipeline)
        rows = results_of(connection, name)
    if csv is None:
        _show_results(rows)
        return
    try:
        write_csv(csv, rows)
    except OSError as failed:
        raise HitlineError(f"{csv} cannot be written: {failed.strerror}") from failed
    say(f"{count(len(rows), 'item')} written to {csv}")
    with store.writing() as connection:
        lineage.make_final(connection, [row.item for row in rows if row.label is not None])


def _told(store: Store, settings: Settings, name: str) -> bool:
    """Show one pipeline's progress; False if its definition is gone or wrong."""
    try:
        definition = loading.load(name, settings.pipelines)
    except UnknownPipeline as unknown:
        say(f"{name}: {unknown}")
        return False
    with store.reading() as connection:
        _show_progress(definition, progress(connection, definition))
        pilot = pilots.running(connection, name)
    if pilot is not None:
        say(
            f"a pilot is running and {count(len(pilot.rest), 'item')} wait for a word: "
            f'"hitline pilot show {name}"'
        )
        say()
    return True


def _show_progress(pipeline: Pipeline, now: Progress) -> None:
    states = list(ItemState)
    headings = ["stage", *states, "answers", "extended", "reposted", "known right", "control"]
    show(headings, [_stage_row(stage) for stage in now.stages], title=pipeline.name)
    budget = (
        "no budget"
        if pipeline.cap is None or now.room is None
        else f"{dollars(now.room)} of {dollars(pipeline.cap)} left"
    )
    say(
        f"{dollars(now.spent.total)} spent (rewards {dollars(now.spent.reward)}, "
        f"fees {dollars(now.spent.fee)}), {dollars(now.reserved.total)} reserved, {budget}"
    )
    if now.copies.items:
        say(
            f"{count(now.copies.items, 'known item')} asked again to see how workers do: "
            f"{count(now.copies.answers, 'answer')}, {dollars(now.copies.cost)} of what was spent"
        )
    if now.would_flip:
        say(
            f"{count(now.would_flip, 'final label')} would be others by now; "
            f'"hitline redo {pipeline.name} --would-flip" asks again'
        )
    say()


def _stage_row(stage: StageProgress) -> list[object]:
    checked = None
    if stage.gold_settled:
        checked = f"{stage.gold_right} of {stage.gold_settled}"
    return [
        stage.name,
        *(stage.states[state] for state in ItemState),
        stage.answers,
        stage.extended,
        stage.reposted,
        checked,
        stage.control,
    ]


def _show_results(rows: list[Result]) -> None:
    show(
        ["stage", "key", "state", "label", "agreement", "answers", "cost", "item"],
        [
            (
                row.stage,
                row.key,
                row.state,
                None if row.label is None else shown(row.label),
                row.agreement,
                row.answers,
                row.cost,
                row.item,
            )
            for row in rows
        ],
    )
    flips = [row for row in rows if row.would_flip is not None]
    show(
        ["final, would flip", "label", "by now"],
        [(f"{row.stage} {row.key}", row.label, row.would_flip) for row in flips],
    )
