"""Commands about money: what may be spent, and whether the ledger agrees with the endpoint."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from cyclopts import Parameter

from deployments.cli.opening import chosen, opened, opened_for
from deployments.cli.showing import count, dollars, say, show
from hitline.acting import admitting, auditing
from hitline.errors import HitlineError, InvalidDefinition
from hitline.money import money
from hitline.store import caps, ledger
from hitline.store.caps import WHOLE, Cap
from hitline.wiring import Hitline


def budget(
    pipeline: str,
    stage: str | None = None,
    /,
    *,
    total: str | None = None,
    daily: str | None = None,
    none: Annotated[
        bool, Parameter(negative="", help="Take away the caps that are not given beside it.")
    ] = False,
) -> None:
    """Show the caps of a pipeline with what they have left, or set one; they hold at once.

    For example: hitline budget stance --total 50.00

    Parameters
    ----------
    pipeline
        The pipeline.
    stage
        One stage of it; without, the cap that all its stages share.
    total
        The most that may be reserved and spent in all, in dollars, fees included.
    daily
        The most that may be reserved on one day (UTC).
    """
    hitline = opened_for(pipeline, stage)
    if total is not None or daily is not None or none:
        _set(hitline, pipeline, stage or WHOLE, total, daily, none)
    _show(hitline, pipeline)


def check(pipeline: str | None = None, /) -> None:
    """Compare the ledger with the endpoint, to the cent; exit code 1 if anything differs.

    Every assignment and bonus of our HITs is read, so it takes a while. The balance of the account
    is compared when no pipeline is named.

    For example: hitline ledger check
    """
    hitline = opened() if pipeline is None else opened_for(pipeline, None)
    found = auditing.audit(hitline, pipeline)
    say(
        f"{count(found.hits, 'HIT')}, {count(found.assignments, 'assignment')} and "
        f"{found.bonuses} bonuses compared; {dollars(found.spent.total)} spent "
        f"(rewards {dollars(found.spent.reward)}, fees {dollars(found.spent.fee)})"
    )
    for note in found.notes:
        say(note)
    for one in found.differences:
        say(f"HIT {one.hit_id} {one.said}" if one.hit_id else one.said)
    if found.differences:
        raise HitlineError(
            f"the ledger and the endpoint differ in {count(len(found.differences), 'place')}"
        )
    say("the ledger and the endpoint agree")


def entries(
    pipeline: str | None = None,
    /,
    *,
    last: Annotated[int, Parameter(help="So many, the newest.")] = 50,
) -> None:
    """List what was reserved, paid and freed.

    For example: hitline ledger show stance --last 20
    """
    if last < 1:
        raise InvalidDefinition("--last", f"{last} is not at least 1")
    hitline = opened()
    with hitline.store.reading() as connection:
        if pipeline is not None:
            chosen(connection, pipeline)
        rows = ledger.entries(connection, pipeline, last)
    show(
        ("at", "entry", "what", "stage", "item", "HIT", "assignment", "reward", "fee", "cause"),
        [
            (
                row.at,
                row.entry,
                row.what,
                f"{row.pipeline}/{row.stage}",
                row.item_id,
                row.hit_id,
                row.assignment_id,
                row.reward,
                row.fee,
                row.cause,
            )
            for row in rows
        ],
    )
    if not rows:
        say("nothing was reserved yet")


def _set(
    hitline: Hitline, pipeline: str, stage: str, total: str | None, daily: str | None, none: bool
) -> None:
    with hitline.store.reading() as connection:
        known = {cap.stage: cap for cap in caps.of(connection, pipeline)}
    before = Cap(pipeline=pipeline, stage=stage)
    if not none:
        before = known.get(stage, before)
    wanted = replace(
        before,
        total=before.total if total is None else money(total, "--total"),
        daily=before.daily if daily is None else money(daily, "--daily"),
    )
    going_on = admitting.cap(hitline, wanted)
    if going_on:
        say(f"{count(going_on, 'held item')} looked at again")


def _show(hitline: Hitline, pipeline: str) -> None:
    today = ledger.day_of(hitline.clock.now())
    with hitline.store.reading() as connection:
        limits = caps.limits(connection, pipeline, today)
        spent = {
            limit.stage: ledger.spent(connection, pipeline, limit.stage or None).total
            for limit in limits
        }
        all_spent = ledger.spent(connection, pipeline).total
        reserved = ledger.reserved(connection, pipeline).total
    if not limits:
        say(f"{pipeline} has no budget; {dollars(all_spent)} spent, {dollars(reserved)} reserved")
        return
    show(
        ("stage", "budget", "at most", "spent", "reserved", "left"),
        [
            (
                limit.stage or "all",
                "in all" if limit.day is None else f"on {limit.day}",
                limit.most,
                spent[limit.stage] if limit.day is None else None,
                limit.committed - spent[limit.stage] if limit.day is None else limit.committed,
                limit.room,
            )
            for limit in limits
        ],
    )
