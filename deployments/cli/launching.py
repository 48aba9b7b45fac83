"""Commands that bring work out: the stack, the items, a look at a HIT beforehand."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from deployments.cli.notifications import tell_left_off
from deployments.cli.opening import destination_of, opened_or_created
from deployments.cli.piloting import wait as wait_for
from deployments.cli.showing import confirm, count, dollars, say
from hitline import loading
from hitline.acting import piloting
from hitline.acting.launching import check, launch, most_it_can_cost, prepare
from hitline.errors import HitlineError, InvalidDefinition, InvalidItems, InvalidTemplate
from hitline.facts import Control
from hitline.itemsfile import ItemRow, read_items
from hitline.pipeline import Pipeline, Stage
from hitline.questions import HtmlTemplate, render
from hitline.settings import read_settings
from hitline.store import caps, pilots
from hitline.store import items as item_rows
from hitline.store.caps import Cap
from hitline.tokens import item_id
from hitline.wiring import Hitline

NOT_ACCEPTED = "assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE"
"""What MTurk adds to a HIT's address for a worker who only looks at it."""


def up(*, prefect_port: int = 4200, queues_port: int = 4566, marketplace_port: int = 8200) -> None:
    """Start everything on this machine: Prefect, queues, marketplace, intake, worker.

    For example: hitline up

    Parameters
    ----------
    prefect_port
        Where Prefect's API and UI listen.
    queues_port
        Where SQS and SNS listen.
    marketplace_port
        Where the marketplace listens.
    """
    from deployments.local import Ports  # starts processes; no other command needs them
    from deployments.up import up as start

    start(Ports(prefect=prefect_port, queues=queues_port, marketplace=marketplace_port))


def run(
    pipeline: str,
    items: Path,
    /,
    *,
    pilot: Annotated[
        int | None, Parameter(help="Publish only so many first, by chance; the rest waits.")
    ] = None,
    seed: Annotated[int, Parameter(help="Of the chance by which a pilot's are chosen.")] = 0,
    wait: Annotated[
        bool, Parameter(negative="", help="Watch the pilot; then ask whether to go on.")
    ] = False,
    yes: Annotated[bool, Parameter(alias="-y", negative="", help="Do not ask.")] = False,
) -> None:
    """Publish the items of a CSV file; those published before, by their key, are skipped.

    For example: hitline run stance pipelines/stance/items.csv

    Parameters
    ----------
    pipeline
        The name of a folder in the pipelines folder.
    items
        One item a line; the columns are "key" and the template's placeholders.
    """
    settings = read_settings()
    transport, destination = destination_of(settings)
    definition = loading.load(pipeline, settings.pipelines)
    rows = read_items(items, definition.first.question.placeholders)
    check(definition, rows, items)
    _try_out(definition.first, rows, items)
    hitline = opened_or_created()
    new = _new(hitline, definition, rows)
    out_already = _piloting(hitline, definition, pilot, seed, new, wait=wait)
    publish = new if pilot is None else min(pilot, new)
    if publish and not out_already:
        _tell_costs(hitline, definition, publish)
        if not yes:
            first = "" if pilot is None else f" first, and keep the other {new - publish} back"
            confirm(f"Publish {count(publish, 'item')}{first}?")
    source = settings.pipelines / pipeline / "pipeline.py"
    tell_left_off(
        prepare(hitline, definition, source, transport=transport, destination=destination)
    )
    if pilot is None:
        launched = launch(hitline, definition, rows)
        say(f"{count(launched.added, 'item')} added, {launched.known} known already")
        return
    begun = piloting.start(hitline, definition, rows, size=pilot, seed=seed)
    what = "out already" if out_already else "added"
    say(f"{count(len(begun.chosen), 'item')} of {len(begun.all_ids)} {what}; the rest waits")
    if wait:
        wait_for(hitline, begun)


def preview(
    stage: str,
    items: Path,
    /,
    *,
    pipeline: str | None = None,
    row: int = 1,
    open_: Annotated[bool, Parameter(name="--open", negative="--no-open")] = True,
) -> None:
    """Show the HIT of a row of an items file in the browser, as a worker sees it beforehand.

    For example: hitline preview stance/position pipelines/stance/items.csv --row 3

    Parameters
    ----------
    stage
        The stage, or pipeline/stage.
    items
        The items file; its columns are the placeholders of this stage's template.
    pipeline
        The stage's pipeline, if it is not named with the stage and there are several.
    row
        The item's number in the file, from 1 on.
    open_
        Open the browser, or only print the address.
    """
    name, _, stage_name = stage.rpartition("/")
    folder = read_settings().pipelines
    asked = loading.load(pipeline or name or _only(folder), folder).stage(stage_name)
    rows = read_items(items, asked.question.placeholders)
    if not 1 <= row <= len(rows):
        raise HitlineError(f"--row {row}: {items} has rows 1 to {len(rows)}")
    address = _page(asked, rows[row - 1 : row - 1 + asked.items_per_hit])
    say(address)
    if open_ and not webbrowser.open(address):
        raise HitlineError("no browser could be opened; --no-open only prints the address")


def _piloting(
    hitline: Hitline, pipeline: Pipeline, pilot: int | None, seed: int, new: int, *, wait: bool
) -> bool:
    """Whether a pilot is running. Refuses one that cannot be, and all else while one is running."""
    if wait and pilot is None:
        raise InvalidDefinition("--wait", "it waits for a pilot; say of how many, --pilot 20")
    with hitline.store.reading() as connection:
        running = pilots.running(connection, pipeline.name)
        if pilot is None:
            piloting.refuse_beside(connection, pipeline.name)
    if pilot is not None and running is None:
        piloting.check(pilot, seed, new)
    return running is not None


def _try_out(stage: Stage, rows: Sequence[ItemRow], file: Path) -> None:
    """Render every item, so that what MTurk would refuse is told before anything is sent."""
    for row in rows:
        try:
            render(stage.question, [row.input], row.key)
        except InvalidTemplate as wrong:
            raise InvalidItems(f"{file}, line {row.line}: {wrong}") from wrong


def _new(hitline: Hitline, pipeline: Pipeline, rows: Sequence[ItemRow]) -> int:
    """How many items are not published yet; a stopped stage takes none."""
    stage = pipeline.first.name
    with hitline.store.reading() as connection:
        control = item_rows.control(connection, pipeline.name, stage)
        there = item_rows.ids_of(connection, pipeline.name, stage)
        known = sum(item_id(pipeline.name, stage, row.key) in there for row in rows)
    again = f'"hitline resume {pipeline.name}" lets it go on'
    if control is Control.STOPPED:
        raise HitlineError(f"{pipeline.name}/{stage} is stopped and would drop the items; {again}")
    if control is Control.PAUSED:
        say(f"{pipeline.name}/{stage} is paused, so the items will wait; {again}")
    return len(rows) - known


def _tell_costs(hitline: Hitline, pipeline: Pipeline, new: int) -> None:
    most = most_it_can_cost(hitline, pipeline, new)
    if most is None:
        say(f"{count(new, 'new item')}; what they can cost has no bound that is known beforehand")
    else:
        chained = ", if no chain rule makes several items of one" if pipeline.links else ""
        say(
            f"{count(new, 'new item')}; they cost at most {dollars(most)}, fees included: every "
            f"answer that may be asked for, at the last reward{chained}"
        )
    with hitline.store.reading() as connection:
        cap = caps.merged(connection, Cap(pipeline=pipeline.name, total=pipeline.cap)).total
    if cap is None:
        say(f"{pipeline.name} has no budget")
    else:
        say(f"The budget of {pipeline.name} is {dollars(cap)}; nothing is spent beyond it")


def _only(folder: Path) -> str:
    """The one pipeline that there is."""
    known = sorted(found.parent.name for found in folder.glob("*/pipeline.py"))
    if len(known) != 1:
        raise HitlineError(
            f"say which pipeline, as PIPELINE/STAGE: {folder} holds {', '.join(known) or 'none'}"
        )
    return known[0]


def _page(stage: Stage, rows: Sequence[ItemRow]) -> str:
    """The address of the HIT about these items; an HTML template's page is written to a file."""
    inputs = [row.input for row in rows]
    render(stage.question, inputs, rows[0].key)  # refuses what MTurk would refuse
    page = stage.question.fill(inputs, rows[0].key)
    if not isinstance(stage.question, HtmlTemplate):
        return f"{page}{'&' if '?' in page else '?'}{NOT_ACCEPTED}"
    file = Path(tempfile.mkdtemp(prefix="hitline-preview-")) / f"{stage.name}.html"
    file.write_text(page, encoding="utf-8")
    return f"{file.as_uri()}?{NOT_ACCEPTED}"
