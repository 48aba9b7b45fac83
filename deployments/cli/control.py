"""Commands by which a person stops work, or lets it go on."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from deployments.cli.opening import open_database, opened_for
from deployments.cli.showing import confirm, count, dollars, say
from hitline.acting import controlling, setting_aside
from hitline.errors import HitlineError
from hitline.settings import read_settings
from hitline.store import alerts, outstanding
from hitline.store.outstanding import Owed
from hitline.wiring import Hitline


def pause(pipeline: str, stage: str | None = None, /) -> None:
    """Ask nothing new; HITs that are out stay out, and their answers are still taken.

    For example: hitline pause stance side
    """
    hitline = opened_for(pipeline, stage)
    still_out = controlling.pause(hitline, pipeline, stage)
    say(f"{_named(pipeline, stage)} is paused; {count(still_out, 'HIT')} still out")


def resume(pipeline: str, stage: str | None = None, /) -> None:
    """Go on after a pause or a stop; items held meanwhile are looked at again.

    For example: hitline resume stance
    """
    hitline = opened_for(pipeline, stage)
    held = controlling.resume(hitline, pipeline, stage)
    say(f"{_named(pipeline, stage)} goes on; {count(held, 'held item')} looked at again")


def retry(pipeline: str, stage: str | None = None, /) -> None:
    """Try items again that were set aside because they failed every time.

    For example: hitline retry stance
    """
    hitline = opened_for(pipeline, stage)
    again = setting_aside.try_again(hitline, pipeline, stage)
    say(f"{_named(pipeline, stage)}: {count(again, 'item')} tried again")


def dismiss(number: int, /) -> None:
    """Take an alert off the list, since you have seen to it; `hitline status` shows its number.

    One whose cause is still there comes back. For example: hitline dismiss 17
    """
    settings = read_settings()
    with open_database(settings).writing() as connection:
        gone = alerts.dismiss(connection, number, settings.clock.wall())
    if gone is None:
        raise HitlineError(f'no alert {number} stands; "hitline status" shows those that do')
    say(f"{gone.kind} is off the list: {gone.text}")


def stop(
    pipeline: str,
    stage: str | None = None,
    /,
    *,
    yes: Annotated[bool, Parameter(alias="-y", negative="", help="Do not ask.")] = False,
) -> None:
    """Expire every open HIT and drop what is unfinished; what workers hold is still paid.

    For example: hitline stop stance
    """
    hitline = opened_for(pipeline, stage)
    name = _named(pipeline, stage)
    if not yes:
        out, unfinished = _out(hitline, pipeline, stage)
        say(f"{count(out, 'HIT')} out, {count(unfinished, 'item')} unfinished")
        confirm(f"Stop {name} for good and drop what is unfinished?")
    stopped = controlling.stop(hitline, pipeline, stage)
    say(
        f"{name} is stopped: {count(stopped.hits, 'HIT')} expired, "
        f"{count(stopped.items, 'item')} will be settled from what there is, or dropped"
    )
    tell_owed(stopped.owed)


def _out(hitline: Hitline, pipeline: str, stage: str | None) -> tuple[int, int]:
    with hitline.store.reading() as connection:
        hits = outstanding.open_hits(connection, pipeline, hitline.clock.now(), stage)
        return len(hits), len(outstanding.unfinished(connection, pipeline, stage))


def tell_owed(owed: Owed) -> None:
    """Say what may still have to be paid after a stop."""
    say(
        f"Still owed: {count(owed.unjudged, 'submission')} not judged yet, "
        f"{count(owed.held, 'assignment')} in workers' hands; {dollars(owed.reserved.total)} "
        "reserved, of which what is not needed is released as the HITs are closed"
    )


def _named(pipeline: str, stage: str | None) -> str:
    return pipeline if stage is None else f"{pipeline}/{stage}"
