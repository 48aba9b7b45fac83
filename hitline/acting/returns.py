"""Returns: a stage whose HITs people give back is paused, and a person is told."""

from __future__ import annotations

from datetime import timedelta

from hitline.facts import Control
from hitline.loading import stage_of
from hitline.policies import StopOnReturns
from hitline.policies.returns import LATEST
from hitline.store import alerts, items, outcomes
from hitline.store.alerts import Alert
from hitline.wiring import Hitline

LOOK_BACK = timedelta(minutes=5)
"""Wall time back to which a sweep, which comes each minute, looks for what came back."""


def stop_if_due(hitline: Hitline, pipeline: str, stage: str, rule: StopOnReturns) -> bool:
    """Pause the stage if too much of what people took comes back; whether it was paused now."""
    now = hitline.clock.now()
    with hitline.store.reading() as connection:
        came = outcomes.latest(
            connection, pipeline, stage, most=LATEST, by=now, unless=rule.share * rule.least
        )
    if came is None or not rule.stops(came.came_back, came.submitted):
        return False
    total = came.came_back + came.submitted
    with hitline.store.writing() as connection:
        if items.control(connection, pipeline, stage) is not Control.RUNNING:
            return False  # a person was faster
        items.set_control(hitline.store, connection, pipeline, stage, Control.PAUSED)
        alerts.raise_alert(
            connection,
            Alert(
                kind="stage-stopped",
                pipeline=pipeline,
                stage=stage,
                text=f"{pipeline}/{stage} is paused: of the latest {total} assignments that people "
                f"took, {came.came_back} came back without an answer. Does its template work? "
                f'"hitline preview {pipeline}/{stage} ITEMS.csv" shows it, '
                f'"hitline resume {pipeline} {stage}" lets it go on',
            ),
            now,
        )
    return True


def look(hitline: Hitline) -> None:
    """Look at every stage of which something came back lately."""
    with hitline.store.reading() as connection:
        since = hitline.clock.wall() - LOOK_BACK
        lately = outcomes.with_returns(connection, since)
        running = [one for one in lately if items.control(connection, *one) is Control.RUNNING]
    for pipeline, stage in running:
        defined = stage_of(hitline.pipeline, pipeline, stage)
        if defined is not None:
            stop_if_due(hitline, pipeline, stage, defined.returns)


def resumed(hitline: Hitline, pipeline: str, stage: str | None) -> None:
    """A person lets these stages go on: what came back before does not stop them again."""
    stages = [stage] if stage else [each.name for each in hitline.pipeline(pipeline).stages]
    with hitline.store.writing() as connection:
        for name in stages:
            about = Alert(kind="stage-stopped", pipeline=pipeline, stage=name, text="")
            alerts.over(connection, about, hitline.clock.wall())
