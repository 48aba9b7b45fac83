"""Where MTurk sends the events of a pipeline's HIT types."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from deployments.cli.opening import destination_of, opened_for, transport_to
from deployments.cli.showing import count, say
from deployments.cli.showing import show as show_table
from hitline.acting import controlling
from hitline.settings import read_settings
from hitline.store import subscriptions


def on(
    pipeline: str,
    stage: str | None = None,
    /,
    *,
    destination: Annotated[
        str | None, Parameter(help="A queue's URL or a topic's ARN, in place of the settings'.")
    ] = None,
) -> None:
    """Have events sent, in place of whatever was set; a change may take minutes to act.

    For example: hitline notifications on stance
    """
    hitline = opened_for(pipeline, stage)
    if destination is None:
        transport, destination = destination_of(read_settings())
    else:
        transport = transport_to(destination)
    types = controlling.send_notifications(
        hitline, pipeline, stage, transport=transport, destination=destination
    )
    say(f"the events of {count(types, 'HIT type')} go to {destination} by {transport}")


def off(pipeline: str, stage: str | None = None, /) -> None:
    """Have no events sent; they are lost, and only the sweep finds what they told.

    For example: hitline notifications off stance side
    """
    types = controlling.hold_notifications(opened_for(pipeline, stage), pipeline, stage)
    say(f"the events of {count(types, 'HIT type')} are not sent any more")


def tell_left_off(types: int) -> None:
    """Say of how many HIT types the events go on not being sent."""
    if types:
        say(
            f"{count(types, 'HIT type')} stay switched off "
            '("hitline notifications on" has them send)'
        )


def show(pipeline: str, stage: str | None = None, /) -> None:
    """Show the settings as hitline last made them; MTurk's API does not tell them.

    For example: hitline notifications show stance
    """
    hitline = opened_for(pipeline, stage)
    with hitline.store.reading() as connection:
        found = subscriptions.of_pipeline(connection, pipeline, stage)
    show_table(
        ["stage", "version", "reward", "HIT type", "events", "by", "to", "set at"],
        [
            (
                one.stage,
                one.version,
                one.reward,
                one.hit_type_id,
                "sent" if one.active else "not sent",
                one.transport,
                one.destination,
                one.set_at,
            )
            for one in found
            if not one.subject
        ],
    )
    if alone := sum(bool(one.subject) for one in found):
        say(f"{count(alone, 'further HIT type')} for single items, like the others of their stage")
    if not found:
        say("none: there is no HIT type yet")
