"""Alerting: what the sweep finds out of order, raised for a person to hear of, or over again.

Each is raised once for each time that it arises. What raises its own alerts where it happens (a
stage that stops, a cap that is reached) is not repeated here.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from hitline.acting.sweeping import Swept
from hitline.errors import UnknownPipeline
from hitline.store import alerts, outstanding, pipelines
from hitline.store.alerts import Alert
from hitline.store.inbox import last_event
from hitline.wiring import Hitline

SILENCE = timedelta(minutes=5)
"""Wall time without one event, while the sweep finds what events should have told."""

MISSED = frozenset({"reviewable, and no event came", "expired, and no event came"})
"""The sweep's causes for which an event should have come."""

MANY = 10
"""So many in one sweep are more than the odd lost message."""


def look(hitline: Hitline, swept: Swept) -> None:
    """Raise what `swept` shows, and end what is in order again."""
    with hitline.store.writing() as connection:
        _path(hitline, connection, sum(swept.marked.get(cause, 0) for cause in MISSED))
        _held(hitline, connection)
        _unloaded(hitline, connection)


def _path(hitline: Hitline, connection: Connection, missed: int) -> None:
    wall = hitline.clock.wall()
    heard = last_event(connection)
    silent = Alert(
        kind="path-silent",
        pipeline="",
        stage="",
        text=f"no notification came for {SILENCE.seconds // 60} minutes, though HITs ended; the "
        'sweep does the work, a minute late: run "hitline provision"',
    )
    lossy = Alert(
        kind="repairs-high",
        pipeline="",
        stage="",
        text=f"{missed} items were found by the sweep and not told by an event; "
        '"hitline status" shows which ways events come',
    )
    is_silent = heard is None or wall - heard > SILENCE
    if missed and is_silent:
        alerts.raise_alert(connection, silent, hitline.clock.now())
    elif not is_silent:
        alerts.over(connection, silent, wall)
    if missed >= MANY and not is_silent:
        alerts.raise_alert(connection, lossy, hitline.clock.now())
    elif not missed:
        alerts.over(connection, lossy, wall)


def _unloaded(hitline: Hitline, connection: Connection) -> None:
    """One alert for each launched pipeline that this process cannot load, until it can."""
    for name in pipelines.names(connection):
        why = ""
        try:
            hitline.pipeline(name)
        except UnknownPipeline as unknown:
            why = f"{unknown}; its items wait. Mend it, and restart the workers"
        alert = Alert(kind="pipeline-unknown", pipeline=name, stage="", text=why)
        if why:
            alerts.raise_alert(connection, alert, hitline.clock.now())
        else:
            alerts.over(connection, alert, hitline.clock.wall())


def _held(hitline: Hitline, connection: Connection) -> None:
    """One alert for each stage that has held items, until it has none."""
    waiting = outstanding.held_by_stage(connection)
    standing = {
        (one.pipeline, one.stage): one
        for one in alerts.standing(connection)
        if one.kind == "item-held"
    }
    for (pipeline, stage), (count, reason) in waiting.items():
        text = f"{count} of {pipeline}/{stage} wait for a person: {reason}"
        alert = Alert(kind="item-held", pipeline=pipeline, stage=stage, text=text)
        if (pipeline, stage) not in standing:
            alerts.raise_alert(connection, alert, hitline.clock.now())
    for about, alert in standing.items():
        if about not in waiting:
            alerts.over(connection, alert, hitline.clock.wall())
