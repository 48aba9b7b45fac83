"""`hitline redo`: chosen items are asked again, together with what came from them."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from cyclopts import Parameter

from deployments.cli.notifications import tell_left_off
from deployments.cli.opening import destination_of, opened_for
from deployments.cli.showing import confirm, count, dollars, say, show
from hitline.acting import redoing
from hitline.acting.launching import prepare
from hitline.acting.redoing import Plan
from hitline.errors import HitlineError
from hitline.settings import read_settings
from hitline.store.redone import Wish


def redo(
    pipeline: str,
    /,
    *,
    items: Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")] = None,
    stage: str | None = None,
    worker: str | None = None,
    version: int | None = None,
    would_flip: Annotated[bool, Parameter(negative="")] = False,
    unreadable: Annotated[bool, Parameter(negative="")] = False,
    staff: Annotated[bool, Parameter(negative="")] = False,
    yes: Annotated[bool, Parameter(alias="-y", negative="", help="Do not ask.")] = False,
) -> None:
    """Ask chosen items again; what came from them is withdrawn, and made anew once they settle.

    Of several ways of choosing, all must apply. Nothing is asked twice, however often it is run.

    For example: hitline redo stance --would-flip

    Parameters
    ----------
    items
        Keys or ids. Their answers so far are set aside.
    stage
        Only items of this stage.
    worker
        Items whose label rests on an answer of this worker; that answer is set aside.
    version
        Items of this version of their stage. Their answers so far are set aside.
    would_flip
        Final items that would be settled otherwise by now; their answers are judged anew.
    unreadable
        Items held for answers that could not be read; these are read again, with today's fields.
    staff
        Items handed to staff; answers that could not be read are read again.
    """
    hitline = opened_for(pipeline, stage)
    wish = Wish(
        keys=tuple(items or ()),
        stage=stage,
        worker=worker,
        version=version,
        would_flip=would_flip,
        unreadable=unreadable,
        staff=staff,
    )
    settings = read_settings()
    transport, destination = destination_of(settings)
    planned = redoing.plan(hitline, pipeline, wish)
    _refuse_unknown(planned)
    if not planned.redos:
        say("nothing to ask again: no such item, or it is being asked already")
        return
    _tell(planned)
    if not yes:
        confirm(f"Ask {count(len(planned.redos), 'item')} again?")
    definition = hitline.pipeline(pipeline)
    source = settings.pipelines / pipeline / "pipeline.py"
    tell_left_off(
        prepare(hitline, definition, source, transport=transport, destination=destination)
    )
    done = redoing.redo(hitline, pipeline, wish)
    say(f"{count(done.items, 'item')} asked again, {done.withdrawn} withdrawn")
    if done.busy:
        raise HitlineError(
            f"{count(len(done.busy), 'item')} left alone, for a run is working on them or on what "
            f"came from them: {', '.join(done.busy[:10])}; run it again in a minute"
        )


def _refuse_unknown(planned: Plan) -> None:
    """Say which keys are none of the chosen items."""
    chosen = {redo.item.key for redo in planned.redos} | {redo.item.id for redo in planned.redos}
    chosen |= planned.withdrawn
    for key in planned.wish.keys:
        if key not in chosen:
            say(f"{key}: no such item here, or it is being asked already")


def _tell(planned: Plan) -> None:
    kinds = Counter((redo.item.stage, str(redo.answers)) for redo in planned.redos)
    show(
        ["stage", "items", "answers so far"],
        [(stage, number, answers) for (stage, answers), number in sorted(kinds.items())],
    )
    say(
        f"They cost at most {dollars(planned.most)}, fees included, every answer at the last reward"
    )
    if planned.withdrawn:
        say(
            f"{count(len(planned.withdrawn), 'item')} that came from them will be withdrawn; as "
            f"many made anew cost at most {dollars(planned.again_below)}"
        )
