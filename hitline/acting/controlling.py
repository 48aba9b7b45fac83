"""What a person says of a pipeline: pause, resume, stop, and whether its events are sent."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from hitline.acting import returns
from hitline.acting.changing import end_early
from hitline.errors import HitlineError, Refused
from hitline.facts import Control
from hitline.model import Door
from hitline.mturk.client import NEEDED_EVENTS, Transport
from hitline.store import items, leases, outstanding, staffing, subscriptions
from hitline.store.outstanding import Owed
from hitline.wiring import Hitline

AT_ONCE = 8
"""HITs that are ended at the same time: fewer than the client has connections."""

WHOLE = ""
"""The control that holds for every stage of a pipeline."""


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """HITs that nobody may accept any more, items that will be given up, and what is owed."""

    hits: int
    items: int
    owed: Owed


def pause(hitline: Hitline, pipeline: str, stage: str | None = None) -> int:
    """Ask nothing new; HITs that are out stay out and are settled from. How many those are."""
    with hitline.store.writing() as connection:
        items.set_control(hitline.store, connection, pipeline, stage or WHOLE, Control.PAUSED)
        return len(outstanding.open_hits(connection, pipeline, hitline.clock.now(), stage))


def resume(hitline: Hitline, pipeline: str, stage: str | None = None) -> int:
    """Go on asking; how many held items are looked at again.

    A whole pipeline goes on with all its stages. Raises HitlineError for a stage of a pipeline
    that is itself paused or stopped.
    """
    wall = hitline.clock.wall()
    stages = [WHOLE, *(known.name for known in hitline.pipeline(pipeline).stages)]
    with hitline.store.writing() as connection:
        for name in [stage] if stage else stages:
            items.set_control(
                hitline.store, connection, pipeline, name, Control.RUNNING, hitline.clock.now()
            )
        if stage and (whole := items.control(connection, pipeline, WHOLE)) is not Control.RUNNING:
            raise HitlineError(
                f'the whole pipeline is {whole}, and {stage} with it; run "hitline resume '
                f'{pipeline}"'
            )
        held = outstanding.held(connection, pipeline, stage)
        asked = outstanding.asked(connection, held)
        mark = partial(leases.mark, hitline.store, connection, cause="resumed", wall=wall)
        mark(asked, Door.AGGREGATE)
        # Staff were asked nothing meanwhile.
        queue = [one.item_id for one in staffing.waiting(connection, pipeline, stage)]
        mark(queue, Door.AGGREGATE)
        mark(set(held) - asked, Door.PUBLISH)
    returns.resumed(hitline, pipeline, stage)
    return len(held)


def stop(hitline: Hitline, pipeline: str, stage: str | None = None) -> Stopped:
    """End every HIT that is out and give unfinished items up; what workers hold is still paid.

    Interrupted, or failed for the moment, the same call goes on where it was.
    """
    with hitline.store.writing() as connection:
        items.set_control(hitline.store, connection, pipeline, stage or WHOLE, Control.STOPPED)
    ended: set[str] = set()
    # A run that had decided before posts its HIT after: we look until no new one is there.
    while found := set(_open_hits(hitline, pipeline, stage)) - ended:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ends = [pool.submit(end_early, hitline, hit_id) for hit_id in sorted(found)]
        for end in ends:  # all of them have been tried, whichever failed
            end.result()
        ended |= found
    with hitline.store.writing() as connection:
        unfinished = outstanding.unfinished(connection, pipeline, stage)
        leases.mark(
            hitline.store,
            connection,
            unfinished,
            Door.AGGREGATE,
            "stopped",
            hitline.clock.wall(),
        )
        owed = outstanding.owed(connection, pipeline, stage)
    return Stopped(hits=len(ended), items=len(unfinished), owed=owed)


def end_what_was_stopped(hitline: Hitline) -> int:
    """End HITs that are open though their stage was stopped; how many those are.

    A call may have been under way when it was, and have its effect after, or be found later. One
    that cannot be ended keeps no other from it.
    """
    with hitline.store.reading() as connection:
        left = [
            hit_id
            for pipeline, stage in items.stopped(connection)
            for hit_id in outstanding.open_hits(
                connection, pipeline, hitline.clock.now(), stage or None
            )
        ]
    ended = 0
    for hit_id in dict.fromkeys(left):
        with suppress(Refused):
            end_early(hitline, hit_id)
            ended += 1
    return ended


def send_notifications(
    hitline: Hitline,
    pipeline: str,
    stage: str | None = None,
    *,
    transport: Transport,
    destination: str,
) -> int:
    """Have the events of these HIT types sent to `destination`; how many types those are.

    A change may take minutes to act (MTurk's API reference, UpdateNotificationSettings).
    """
    type_ids = _type_ids(hitline, pipeline, stage)
    send_types_to(hitline, type_ids, transport, destination)
    return len(type_ids)


def send_types_to(
    hitline: Hitline, type_ids: Iterable[str], transport: Transport, destination: str
) -> None:
    """Have the events of these HIT types sent there, in place of whatever was set for them."""
    for type_id in type_ids:
        hitline.requester.notify(
            type_id, destination=destination, transport=transport, events=NEEDED_EVENTS
        )
        with hitline.store.writing() as connection:
            subscriptions.record(
                hitline.store,
                connection,
                [type_id],
                transport,
                destination,
                hitline.clock.wall(),
            )


def hold_notifications(hitline: Hitline, pipeline: str, stage: str | None = None) -> int:
    """Have no events of these HIT types sent; they are lost, and the sweep finds what they told."""
    type_ids = _type_ids(hitline, pipeline, stage)
    for type_id in type_ids:
        hitline.requester.set_active(type_id, False)
        with hitline.store.writing() as connection:
            subscriptions.set_active(connection, type_id, False, hitline.clock.wall())
    return len(type_ids)


def _open_hits(hitline: Hitline, pipeline: str, stage: str | None) -> list[str]:
    with hitline.store.reading() as connection:
        return outstanding.open_hits(connection, pipeline, hitline.clock.now(), stage)


def _type_ids(hitline: Hitline, pipeline: str, stage: str | None) -> list[str]:
    with hitline.store.reading() as connection:
        found = subscriptions.of_pipeline(connection, pipeline, stage)
    if not found:
        raise HitlineError(
            f'{pipeline} has no HIT types yet; "hitline run {pipeline} ITEMS.csv" makes them'
        )
    return list(dict.fromkeys(one.hit_type_id for one in found))
