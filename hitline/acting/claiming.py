"""Claiming: a chunk of what waits, leased; what was begun on it before is finished first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hitline.acting import changing, judging, posting, raising, setting_aside
from hitline.acting.posting import Posting
from hitline.errors import HitlineError, NotAuthorized, OutOfFunds, Retryable, UnknownPipeline
from hitline.facts import Control
from hitline.model import Door
from hitline.store import claims, intents, items, leases, repairs
from hitline.store.leases import Leased
from hitline.wiring import Hitline

RETRY_AFTER = timedelta(seconds=5)
"""Wall time before what failed for the moment is tried again."""

BLAMELESS = (Retryable, NotAuthorized, OutOfFunds, UnknownPipeline)
"""What no item is to blame for, however often it comes."""


def claim(
    hitline: Hitline,
    door: Door,
    pipeline: str,
    stage: str,
    owner: str,
    only: Sequence[str] | None = None,
) -> list[Leased]:
    """Lease a chunk of what waits behind `door`, or all of `only`, whether it waits or not.

    What an earlier run had begun on them is finished first.
    """
    with hitline.store.writing() as connection:
        if only is None:
            setting_aside.set_aside(hitline, connection, pipeline, stage)
        leased = claims.claim(
            connection,
            door,
            pipeline,
            stage,
            owner=owner,
            wall=hitline.clock.wall(),
            most=hitline.chunk if only is None else len(only),
            only=only,
        )
        taken_over = {repairs.LEASE_RAN_OUT: sum(one.taken_over for one in leased)}
        repairs.count(hitline.store, connection, taken_over, hitline.clock.wall())
    if not leased:
        return []
    with hitline.store.reading() as connection:
        begun = intents.undone(connection, [one.item_id for one in leased])
    failed: dict[str, HitlineError] = {}
    failures = 0
    for intent in begun:
        try:
            _finish(hitline, intent)
        except HitlineError as error:
            failed |= dict.fromkeys(intent.item_ids, error)
            failures += 1
    if begun:
        with hitline.store.writing() as connection:
            done = {repairs.CALL_FINISHED: len(begun) - failures}
            repairs.count(hitline.store, connection, done, hitline.clock.wall())
    if failed:
        stuck = [one for one in leased if one.item_id in failed]
        put_off(hitline, stuck, next(iter(failed.values())))
        leased = [one for one in leased if one.item_id not in failed]
    return leased


def put_off(hitline: Hitline, leased: Sequence[Leased], error: Exception) -> None:
    """Give these items back, to be tried again in a while; the reason shows in `hitline status`.

    What may lie in the items themselves counts, and is not tried for ever.
    """
    until, blame = hitline.clock.wall() + RETRY_AFTER, not isinstance(error, BLAMELESS)
    with hitline.store.writing() as connection:
        leases.put_off(connection, leased, until, str(error), blame=blame)


def _finish(hitline: Hitline, intent: intents.Intent) -> None:
    """Finish a call that was written down and has no outcome, under the same token."""
    if intent.kind in judging.KINDS:
        judging.finish(hitline, intent)
        return
    if intent.kind != "post":
        (raising if intent.kind == "raise" else changing).finish(hitline, intent)
        return
    with hitline.store.reading() as connection:
        found = {item.id: item for item in items.load(connection, intent.item_ids)}
        versions = items.policies(connection, intent.pipeline, intent.stage)
        control = items.control(connection, intent.pipeline, intent.stage)
    ordered = tuple(found[item_id] for item_id in intent.detail["items"])
    begun = Posting(
        items=ordered,
        policy=versions[ordered[0].version],
        answers=intent.detail["answers"],
        rung=intent.detail["rung"],
        generation=intent.detail["generation"],
        sibling=intent.detail["sibling"],
    )
    if control is Control.RUNNING:
        stage = hitline.pipeline(intent.pipeline).stage(intent.stage)
        posting.post(hitline, stage, begun)
    else:
        # Nothing new is asked for a stage that somebody has paused or stopped since.
        posting.find(hitline, begun)
