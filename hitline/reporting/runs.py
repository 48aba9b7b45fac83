"""Runs: what one `hitline run` published, and what became of it; beside it, what was forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from hitline.forecast import Interval
from hitline.model import FINISHED
from hitline.reporting.checked import Asked, right
from hitline.reporting.costs import costs
from hitline.store import forecasts
from hitline.store.forecasts import Made
from hitline.store.schema import answers, items


@dataclass(frozen=True, kw_only=True)
class Run:
    """The `number`th run of a pipeline: so many items of the first stage, published at `at`."""

    number: int
    at: datetime
    items: int


@dataclass(frozen=True, kw_only=True)
class CameTo:
    """What a run came to so far, over all stages; `hours` until its last item was finished, and
    `accuracy` among the labels that can be checked (None where there is none). Copies of known
    items are in answers and cost only."""

    items: float
    answers: float
    cost: float
    hours: float
    accuracy: float | None
    unfinished: int


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A forecast, and what came of it."""

    made: Made
    came_to: CameTo

    def forecast(self, figure: str) -> Interval:
        return Interval(**self.made.figures[figure])

    def actual(self, figure: str) -> float | None:
        value: float | None = getattr(self.came_to, figure)
        return value

    def off(self, figure: str) -> float | None:
        """By which share what came differs from the middle of the forecast."""
        middle, actual = self.forecast(figure).middle, self.actual(figure)
        return None if actual is None or not middle else actual / middle - 1.0

    def held(self, figure: str) -> bool | None:
        """Whether it lies in the interval; None while items are unfinished, or nothing is known."""
        actual = self.actual(figure)
        if self.came_to.unfinished or actual is None:
            return None
        return self.forecast(figure).holds(actual)


def runs(connection: Connection, pipeline: str) -> list[Run]:
    """Every run that published items of the pipeline's first stage, oldest first."""
    rows = connection.execute(
        select(items.c.created_at, func.count())
        .where(items.c.pipeline == pipeline, items.c.parent_id.is_(None), items.c.copy_of.is_(None))
        .group_by(items.c.created_at)
        .order_by(items.c.created_at)
    )
    return [Run(number=number, at=row[0], items=row[1]) for number, row in enumerate(rows, 1)]


def compared(connection: Connection, pipeline: str, asked: Asked) -> list[Compared]:
    """Every forecast that a run followed, with what that came to."""
    followed = forecasts.followed(connection, pipeline)
    paid = {
        item_id: float(cost)
        for item_id, cost in (costs(connection, pipeline).items() if followed else ())
    }
    return [
        Compared(made=made, came_to=_came_to(connection, pipeline, made.launched_at, paid, asked))
        for made in followed
        if made.launched_at is not None
    ]


def _came_to(
    connection: Connection, pipeline: str, at: datetime, paid: dict[str, float], asked: Asked
) -> CameTo:
    roots = select(items.c.id).where(
        items.c.pipeline == pipeline, items.c.created_at == at, items.c.parent_id.is_(None)
    )
    rows = connection.execute(
        select(items).where(
            items.c.pipeline == pipeline, or_(items.c.id.in_(roots), items.c.root_id.in_(roots))
        )
    ).all()
    came = connection.scalar(
        select(func.count())
        .select_from(answers.join(items, items.c.id == answers.c.item_id))
        .where(items.c.pipeline == pipeline)
        .where(or_(items.c.id.in_(roots), items.c.root_id.in_(roots)))
    )
    own = [row for row in rows if row.copy_of is None]
    ended = [row.finished_at for row in own if row.finished_at is not None]
    known = [right(asked, row.stage, row.state, row.label, row.gold) for row in own]
    checked = [one for one in known if one is not None]
    return CameTo(
        items=float(len(own)),
        answers=float(came or 0),
        cost=sum(paid.get(row.id, 0.0) for row in rows),
        hours=(max(ended) - at).total_seconds() / 3600 if ended else 0.0,
        accuracy=sum(checked) / len(checked) if checked else None,
        unfinished=sum(row.state not in [str(state) for state in FINISHED] for row in own),
    )
