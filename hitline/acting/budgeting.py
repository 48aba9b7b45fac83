"""Budgeting: money is reserved under every cap that holds for it, or not at all.

Caps hold for posts, extensions, siblings, reposts, raises and bonuses together. A day is a UTC date
of business time; money counts on the day on which it was reserved, whenever it is paid, and what is
released gives its room back to that day.
"""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection

from hitline.errors import InvalidDefinition
from hitline.pipeline import Pipeline
from hitline.store import alerts, caps, commitments, ledger, pipelines
from hitline.store.alerts import Alert
from hitline.store.caps import WHOLE, Cap, Limit
from hitline.store.ledger import Amount, What
from hitline.wiring import Hitline

FOLD_FROM = 500
"""Entries of a pipeline that are worth folding; fewer are added up each time."""


def reserve(
    hitline: Hitline,
    connection: Connection,
    *,
    token: str,
    pipeline: str,
    stage: str,
    amount: Amount,
    cause: str,
    item_id: str | None = None,
    hit_id: str | None = None,
    assignment_id: str | None = None,
    worker_id: str | None = None,
    what: What | None = None,
) -> str | None:
    """Enter `reserve:{token}` if every cap has room for it; else say which has not, and what to do.

    What is entered already needs no room again. Until the transaction ends nobody else may reserve
    for the pipeline, so that two do not take the same room. `what` is by default a bonus where a
    worker is named, else assignments.
    """
    entry = f"reserve:{token}"
    kind = what or ("assignment" if worker_id is None else "bonus")
    caps.lock(connection, pipeline)
    if ledger.known(connection, entry):
        return None
    now = hitline.clock.now()
    for limit in caps.limits(connection, pipeline, ledger.day_of(now), stage):
        if amount.total > limit.room:
            said = refusal(limit, amount)
            if kind == "assignment":
                tell(hitline, connection, pipeline, stage, said)
            return said
    ledger.enter(
        hitline.store,
        connection,
        token=entry,
        entry="reserve",
        what=kind,
        pipeline=pipeline,
        stage=stage,
        amount=amount,
        cause=cause,
        at=now,
        item_id=item_id,
        hit_id=hit_id,
        assignment_id=assignment_id,
        worker_id=worker_id,
    )
    return None


def tell(hitline: Hitline, connection: Connection, pipeline: str, stage: str, said: str) -> None:
    """Raise the alert that a stage holds items for want of money, unless it stands."""
    text = f"items of {pipeline}/{stage} are held: {said}"
    alert = Alert(kind="item-held", pipeline=pipeline, stage=stage, text=text)
    alerts.raise_alert(connection, alert, hitline.clock.now())


def refusal(limit: Limit, amount: Amount) -> str:
    """Why `amount` cannot be reserved now, and what a person can do about it."""
    left = max(limit.room, Decimal("0.00"))
    return f"{limit.named} has {left} left, and this reserves {amount.total}; {limit.way_out}"


def launch(hitline: Hitline, connection: Connection, pipeline: Pipeline) -> None:
    """Have the caps of a definition hold, in the transaction that launches it.

    Raises InvalidDefinition naming the field for a cap below what is reserved and spent already.
    """
    caps.lock(connection, pipeline.name)
    defined = [
        Cap(pipeline=pipeline.name, total=pipeline.cap, daily=pipeline.daily_cap),
        *(
            Cap(pipeline=pipeline.name, stage=stage.name, total=stage.cap, daily=stage.daily_cap)
            for stage in pipeline.stages
        ),
    ]
    for cap in defined:
        _refuse_too_low(hitline, connection, caps.merged(connection, cap))
        caps.define(hitline.store, connection, cap)


def change(hitline: Hitline, connection: Connection, cap: Cap) -> None:
    """Have another cap hold from now on.

    Raises InvalidDefinition naming the field for a cap below what is reserved and spent already.
    """
    caps.lock(connection, cap.pipeline)
    _refuse_too_low(hitline, connection, cap)
    caps.put(hitline.store, connection, cap)


def fold(hitline: Hitline) -> None:
    """Keep what is committed quick to add up, whatever the ledger has grown to."""
    with hitline.store.reading() as connection:
        names = [
            name
            for name in pipelines.names(connection)
            if commitments.fresh(connection, name) >= FOLD_FROM
        ]
    for name in names:
        with hitline.store.writing() as connection:
            caps.lock(connection, name)
            commitments.fold(hitline.store, connection, name)


def _refuse_too_low(hitline: Hitline, connection: Connection, cap: Cap) -> None:
    """Only a cap that is new is refused: one that stands may have been overrun by a late answer."""
    nothing = Cap(pipeline=cap.pipeline, stage=cap.stage)
    known = {one.stage: one for one in caps.of(connection, cap.pipeline)}
    before = known.get(cap.stage, nothing)
    today = ledger.day_of(hitline.clock.now())
    for field, most, stands, day in (
        ("budget", cap.total, before.total, None),
        ("daily_budget", cap.daily, before.daily, today),
    ):
        if most is None or most == stands:
            continue
        committed = commitments.committed(connection, cap.pipeline, cap.stage or None, day)
        if most < committed:
            about = field if cap.stage == WHOLE else f"stage {cap.stage}: {field}"
            when = "" if day is None else f" for {day}"
            raise InvalidDefinition(
                about,
                f"{most} is less than what is reserved and spent already{when}; "
                f"the least that is possible now is {committed}",
            )
