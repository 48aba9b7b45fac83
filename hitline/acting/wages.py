"""Wages: once for each worker and business day, a bonus that makes up an hourly wage.

A day is reckoned after it is over (business time, UTC). It covers what was approved by then of all
that was submitted before its end and that no earlier day covered: what is approved late is covered
by a later day. What the time is worth follows the rules in `hitline/wage.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from hitline import wage
from hitline.acting import bonuses
from hitline.acting.bonuses import Sent
from hitline.money import NOTHING
from hitline.store import wages as rows
from hitline.store.wages import Approved, Published
from hitline.tokens import call_token
from hitline.wiring import Hitline

REASON = "Top-up to an hourly wage for your work in {pipeline} until {day}. Thank you!"


@dataclass(frozen=True, kw_only=True)
class Waged:
    """How many workers' days were reckoned, and what came of all bonuses that were to be sent."""

    days: int
    sent: Sent


def pay(hitline: Hitline) -> Waged:
    """Reckon the days that are over, and send what was ordered; each once, however often it runs.

    A bonus that does not fit under a cap is held with an alert, and sent by the first run after
    the cap was raised.
    """
    day = hitline.clock.now().astimezone(UTC).date() - timedelta(days=1)
    with hitline.store.reading() as connection:
        wages = rows.rates(connection)
        waiting = [
            (pipeline, worker_id)
            for pipeline in wages
            for worker_id in rows.to_reckon(connection, pipeline, day, _end(day), wages[pipeline])
        ]
    typical: dict[tuple[str, str], timedelta] = {}
    days = 0
    for pipeline, worker_id in waiting:
        with hitline.store.writing() as connection:
            days += _reckon(hitline, connection, pipeline, worker_id, day, wages[pipeline], typical)
    return Waged(days=days, sent=bonuses.send_all(hitline))


def _reckon(
    hitline: Hitline,
    connection: Connection,
    pipeline: str,
    worker_id: str,
    day: date,
    wages: dict[Published, Decimal],
    typical: dict[tuple[str, str], timedelta],
) -> bool:
    """Reckon one worker's day and order the bonus for it; whether there was anything to reckon."""
    new = rows.approved(connection, pipeline, worker_id, _end(day), wages)
    if not new:
        return False
    spells = []
    for one in new:
        key = (pipeline, one.stage)
        if key not in typical:
            typical[key] = wage.typical(rows.newest(connection, *key))
        spells.append(wage.spell(one.work, one.wage, typical[key]))
    since = min(spell.start for spell in spells)
    covered = rows.covered(connection, pipeline, worker_id, since)
    rewards = sum((one.reward for one in new), NOTHING)
    reckoned = wage.reckon(spells, covered, rewards)
    if not rows.record_day(hitline.store, connection, pipeline, worker_id, day, reckoned):
        return False  # another run was faster
    rows.record_spells(connection, pipeline, day, list(zip(new, spells, strict=True)))
    _order(hitline, connection, pipeline, worker_id, day, new[-1])
    return True


def _order(
    hitline: Hitline,
    connection: Connection,
    pipeline: str,
    worker_id: str,
    day: date,
    newest: Approved,
) -> None:
    """Order a bonus over what is owed, unless that is too little and waits for the next day's."""
    owed = rows.owed(connection, pipeline, worker_id)
    if owed < wage.least(hitline.fees):
        return
    token = call_token("wage", pipeline, worker_id, day.isoformat())
    bonuses.order(
        hitline,
        connection,
        token=token,
        pipeline=pipeline,
        stage=newest.stage,
        worker_id=worker_id,
        assignment_id=newest.assignment_id,
        amount=owed,
        reason=REASON.format(pipeline=pipeline, day=day.isoformat()),
        cause=f"hourly wage, {day.isoformat()}",
    )
    rows.ordered(connection, pipeline, worker_id, token)


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)
