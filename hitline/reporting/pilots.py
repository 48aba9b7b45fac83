"""What a pilot has come to so far, with all that followed from its items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import fmean, median

from sqlalchemy import Connection, func, or_, select

from hitline.model import FINISHED, ItemState
from hitline.money import NOTHING
from hitline.reporting.checked import Asked, right
from hitline.reporting.costs import costs
from hitline.store.schema import answers, items


@dataclass(frozen=True, kw_only=True)
class StageOfPilot:
    """The pilot's items in one stage. `hours`: the median from publication to the end; `agreement`:
    the mean of settled ones; `right` of `checked` labels are those known to be right."""

    name: str
    states: Mapping[ItemState, int]
    answers: int
    cost: Decimal
    hours: float | None
    agreement: float | None
    right: int
    checked: int

    @property
    def items(self) -> int:
        return sum(self.states.values())

    @property
    def finished(self) -> int:
        return sum(self.states.get(state, 0) for state in FINISHED)


def stages_of_pilot(
    connection: Connection, pipeline: str, started_at: datetime, asked: Asked
) -> list[StageOfPilot]:
    """The stages that the pilot's items reached, in their order of publication."""
    roots = select(items.c.id).where(
        items.c.pipeline == pipeline,
        items.c.created_at == started_at,
        items.c.parent_id.is_(None),
        items.c.copy_of.is_(None),
    )
    mine = or_(items.c.id.in_(roots), items.c.root_id.in_(roots))
    rows = connection.execute(
        select(items)
        .where(items.c.pipeline == pipeline, mine, items.c.withdrawn.is_(False))
        .order_by(items.c.position)
    ).all()
    came = connection.execute(
        select(items.c.stage, func.count())
        .join(answers, answers.c.item_id == items.c.id)
        .where(items.c.pipeline == pipeline, mine)
        .group_by(items.c.stage)
    )
    by_stage = {row[0]: row[1] for row in came}
    paid = costs(connection, pipeline)
    found = []
    for stage in dict.fromkeys(row.stage for row in rows):
        here = [row for row in rows if row.stage == stage]
        ended = [row for row in here if row.finished_at is not None]
        settled = [row for row in here if row.state == ItemState.SETTLED]
        known = [right(asked, stage, row.state, row.label, row.gold) for row in settled]
        checked = [one for one in known if one is not None]
        hours = [(row.finished_at - row.created_at).total_seconds() / 3600 for row in ended]
        agreed = [row.agreement for row in settled if row.agreement is not None]
        found.append(
            StageOfPilot(
                name=stage,
                states=Counter(ItemState(row.state) for row in here),
                answers=by_stage.get(stage, 0),
                cost=sum((paid.get(row.id, NOTHING) for row in here), NOTHING),
                hours=median(hours) if hours else None,
                agreement=fmean(agreed) if agreed else None,
                right=sum(checked),
                checked=len(checked),
            )
        )
    return found
