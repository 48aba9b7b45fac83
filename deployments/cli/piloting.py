"""A pilot: a few items first; then a person says whether the rest follows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Annotated

from cyclopts import Parameter

from deployments.cli.control import tell_owed
from deployments.cli.forecasting import tell
from deployments.cli.notifications import tell_left_off
from deployments.cli.opening import destination_of, opened_for
from deployments.cli.showing import confirm, count, dollars, say, show
from hitline.acting import forecasting, piloting
from hitline.acting.forecasting import Basis
from hitline.acting.launching import prepare
from hitline.errors import HitlineError
from hitline.forecast import Forecast
from hitline.money import NOTHING
from hitline.reporting.pilots import StageOfPilot, stages_of_pilot
from hitline.settings import read_settings
from hitline.store.pilots import Pilot, PilotState
from hitline.wiring import Hitline

LOOK_EVERY = 2.0
"""Seconds of wall time between two looks at a pilot that is waited for."""

Yes = Annotated[bool, Parameter(name="--yes", alias="-y", negative="", help="Do not ask.")]


def show_pilot(pipeline: str, /) -> None:
    """Show what a pilot has come to, and what the rest will cost, take and bring.

    For example: hitline pilot show stance
    """
    hitline = opened_for(pipeline, None)
    _show(hitline, piloting.newest(hitline, pipeline))


def go_on(pipeline: str, /, *, yes: Yes = False) -> None:
    """Publish the rest of a pilot's file; said twice, nothing more is published.

    For example: hitline pilot continue stance
    """
    hitline = opened_for(pipeline, None)
    pilot = piloting.newest(hitline, pipeline)
    if pilot.state is PilotState.RUNNING and not yes:
        made = _forecast(hitline, pilot)
        if made is not None:
            tell(made, title="The rest: ")
        confirm(f"Publish the other {count(len(pilot.rest), 'item')}?")
    _publish_rest(hitline, pilot)


def stop(
    pipeline: str,
    /,
    *,
    finish: Annotated[
        bool, Parameter(negative="", help="Let the HITs that are out be done to the end.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Give the rest of a pilot's file up, and end what is out, as stop does.

    For example: hitline pilot stop stance --finish
    """
    hitline = opened_for(pipeline, None)
    pilot = piloting.newest(hitline, pipeline)
    if not yes:
        out = "let what is out finish" if finish else f"stop all of {pipeline}"
        confirm(f"Give up the other {count(len(pilot.rest), 'item')} and {out}?")
    _give_up(hitline, pilot, finish=finish)


def wait(hitline: Hitline, pilot: Pilot, pause: Callable[[float], None] = time.sleep) -> None:
    """Watch a pilot until its items and all that follows from them are finished; then ask.

    Whatever is not "continue" or "stop" leaves it as it is: the word may be given later.
    """
    told = ""
    while True:
        now = _stages(hitline, pilot)
        line = "; ".join(_line(stage) for stage in now)
        if line != told:
            say(line)
            told = line
        if all(stage.finished == stage.items for stage in now):
            break
        pause(LOOK_EVERY)
    say()
    _show(hitline, pilot)
    print(f"{count(len(pilot.rest), 'item')} left: continue, stop or later? ", end="", flush=True)
    word = sys.stdin.readline().strip().lower()
    if word in ("continue", "c"):
        _publish_rest(hitline, pilot)
    elif word in ("stop", "s"):
        _give_up(hitline, pilot, finish=True)
    else:
        say(f'they wait; "hitline pilot continue {pilot.pipeline}" publishes them')


def _publish_rest(hitline: Hitline, pilot: Pilot) -> None:
    settings = read_settings()
    pipeline = hitline.pipeline(pilot.pipeline)
    if pilot.state is PilotState.RUNNING:
        transport, destination = destination_of(settings)
        piloting.check_rest(pipeline, pilot)
        made = _forecast(hitline, pilot)
        if made is not None:
            rows = list(pilot.rest.values())
            forecasting.keep(hitline.store, pipeline, rows, made, hitline.clock.wall())
        source = settings.pipelines / pilot.pipeline / "pipeline.py"
        tell_left_off(
            prepare(hitline, pipeline, source, transport=transport, destination=destination)
        )
    launched = piloting.go_on(hitline, pipeline, pilot)
    say(f"{count(launched.added, 'item')} added, {launched.known} known already")


def _give_up(hitline: Hitline, pilot: Pilot, *, finish: bool) -> None:
    stopped = piloting.stop(hitline, pilot, finish=finish)
    say(f"the pilot is stopped; {count(len(pilot.rest), 'item')} will not be published")
    if stopped is not None:
        say(f"{count(stopped.hits, 'HIT')} expired, {count(stopped.items, 'item')} unfinished")
        tell_owed(stopped.owed)
        say(f'"hitline resume {pilot.pipeline}" lets the pipeline take items again')


def _show(hitline: Hitline, pilot: Pilot) -> None:
    stages = _stages(hitline, pilot)
    say(
        f"pilot {pilot.number} of {pilot.pipeline} ({pilot.state}): "
        f"{count(len(pilot.chosen), 'item')} of {len(pilot.all_ids)}, by seed {pilot.seed}"
    )
    headings = ["stage", "items", "finished", "answers", "cost", "median time", "agreement"]
    show([*headings, "known right"], [_row(stage) for stage in stages])
    spent = sum((stage.cost for stage in stages), NOTHING)
    say(f"{dollars(spent)} spent on it so far, fees included; what is approved later comes on top")
    if pilot.state is PilotState.RUNNING and pilot.rest:
        say()
        made = _forecast(hitline, pilot)
        if made is None:
            say("no item is finished yet, so there is nothing to forecast the rest by")
        else:
            tell(made, title="The rest: ")


def _forecast(hitline: Hitline, pilot: Pilot) -> Forecast | None:
    """Of the rest, by the pilot; None before any item of it is finished."""
    pipeline = hitline.pipeline(pilot.pipeline)
    try:
        basis: Basis = forecasting.from_past(
            hitline.store, pipeline, pilot.pipeline, since=pilot.started_at
        )
    except HitlineError:
        return None
    rows = list(pilot.rest.values())
    return forecasting.foresee(pipeline, rows, basis, hitline.fees, seed=pilot.seed)


def _stages(hitline: Hitline, pilot: Pilot) -> list[StageOfPilot]:
    stages = hitline.pipeline(pilot.pipeline).stages
    asked = {stage.name: stage.fields for stage in stages}
    with hitline.store.reading() as connection:
        return stages_of_pilot(connection, pilot.pipeline, pilot.started_at, asked)


def _row(stage: StageOfPilot) -> tuple[object, ...]:
    return (
        stage.name,
        stage.items,
        stage.finished,
        stage.answers,
        stage.cost,
        None if stage.hours is None else f"{stage.hours:.1f} h",
        None if stage.agreement is None else f"{stage.agreement:.0%}",
        f"{stage.right} of {stage.checked}" if stage.checked else None,
    )


def _line(stage: StageOfPilot) -> str:
    return f"{stage.name}: {stage.finished} of {stage.items} finished, {stage.answers} answers"
