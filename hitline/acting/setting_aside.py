"""Setting aside: an item that fails every time is not tried for ever.

What nobody is to blame for, such as an endpoint that does not answer, does not count. What was set
aside keeps its marks and its money, and goes on as if nothing had been once a person says so. Those
who answered are paid meanwhile, unless that fails as often.
"""

from __future__ import annotations

from sqlalchemy import Connection

from hitline.model import Item
from hitline.store import alerts, aside, items, leases
from hitline.store.alerts import Alert
from hitline.wiring import Hitline

KIND = "item-set-aside"
"""Of the alerts."""


def set_aside(hitline: Hitline, connection: Connection, pipeline: str, stage: str) -> list[str]:
    """Set aside those of the stage's waiting items that have failed too often; their ids."""
    found = aside.poisoned(connection, pipeline, stage, hitline.clock.wall())
    if not found:
        return []
    aside.set_aside(connection, found)
    for item in items.load(connection, found):
        alerts.raise_alert(connection, _alert(item), hitline.clock.now())
    return found


def if_too_often(hitline: Hitline, connection: Connection, item: Item, failures: int) -> None:
    """Have a person hear of it where the item's chain rule has now failed too often in a row.

    What was settled stays so, and its workers are paid; only what follows from it waits.
    """
    if failures == leases.POISONED:
        alerts.raise_alert(connection, _alert(item), hitline.clock.now())


def try_again(hitline: Hitline, pipeline: str, stage: str | None = None) -> int:
    """Take up again what was set aside in a pipeline, or one stage of it; how many items."""
    wall = hitline.clock.wall()
    with hitline.store.writing() as connection:
        found = aside.of_pipeline(connection, pipeline, stage)
        aside.try_again(connection, found, wall)
        for item in items.load(connection, found):
            alerts.over(connection, _alert(item), wall)
    return len(found)


def end_alerts(hitline: Hitline) -> None:
    """An item that came through after all, in a run started by hand, is in order again."""
    with hitline.store.writing() as connection:
        still = {row.id for row in aside.everything(connection)}
        for alert in alerts.standing(connection):
            if alert.kind == KIND and alert.subject not in still:
                alerts.over(connection, alert, hitline.clock.wall())


def rows(hitline: Hitline) -> list[dict[str, str]]:
    """Everything that is set aside, for a person to read: which item, and how it failed last."""
    with hitline.store.reading() as connection:
        return [
            {
                "pipeline": row.pipeline,
                "stage": row.stage,
                "item": row.key,
                "problem": row.problem or "the processes that worked on it died",
            }
            for row in aside.everything(connection)
        ]


def _alert(item: Item) -> Alert:
    return Alert(
        kind=KIND,
        pipeline=item.pipeline,
        stage=item.stage,
        subject=item.id,
        text=f"{item.pipeline}/{item.stage} {item.key} failed {leases.POISONED} times in a row and "
        f'was set aside; "hitline status" says why, "hitline retry {item.pipeline}" goes on',
    )
