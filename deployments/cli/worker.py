"""Workers: how they do, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from cyclopts import Parameter

from deployments.cli.opening import chosen, opened
from deployments.cli.showing import count, moment, say, show
from hitline.acting import measuring, sanctioning
from hitline.errors import HitlineError
from hitline.policies import Step
from hitline.standing import Standing
from hitline.store import sanctions, workers
from hitline.store.sanctions import Sanction
from hitline.wiring import Hitline

Pipeline = Annotated[str | None, Parameter(help="The pipeline; the only one, if not named.")]
Stage = Annotated[str | None, Parameter(help="The stage; if not named, all they answered in.")]
Reason = Annotated[str, Parameter(help="Why; it is kept, and for a block the endpoint keeps it.")]

KEYS = 12
"""So many known items are named with a step that rests on them, the newest."""


def everybody(*, pipeline: Pipeline = None, stage: Stage = None) -> None:
    """Show how workers do, the least accurate first, with 90 % intervals.

    For example: hitline worker list --stage position
    """
    hitline = opened()
    name = _known(hitline, pipeline, stage)
    with hitline.store.reading() as connection:
        found = workers.standings_of(connection, name, stage)
    if not found:
        say(f"nobody has answered in {name} yet")
    show(
        ["worker", "stage", "accuracy", "90 % interval", "known", "agrees", "answers", "s", "step"],
        [_row(one) for one in found],
    )


def look(worker: str, /, *, pipeline: Pipeline = None, stage: Stage = None) -> None:
    """Show a worker's standing in each stage, what it rests on, and every step that was taken.

    For example: hitline worker show A1B2C3D4E5F6G7
    """
    hitline = opened()
    found = _stages(hitline, worker, pipeline, stage)
    for name, where in found:
        with hitline.store.reading() as connection:
            one = next(iter(workers.standings_of(connection, name, where, worker)), None)
            known = workers.known_answers(connection, name, where, worker)
            steps = sanctions.of_worker(connection, worker, name, where)
        say(f"{name}/{where} · {worker}")
        if one is not None:
            _tell(one)
            wrong = [answer.key for answer in known if not answer.right]
            if wrong:
                say(f"known items answered wrong: {_keys(wrong)}", indent=2)
        show(["at", "step", "by", "why", "evidence", "state"], [_step(step) for step in steps])


def note(
    worker: str, /, *, pipeline: Pipeline = None, stage: Stage = None, reason: Reason = "noted"
) -> None:
    """Keep a note about a worker; nothing else happens.

    For example: hitline worker note A1B2C3D4E5F6G7 --reason "asks good questions"
    """
    _take(worker, pipeline, stage, Step.NOTE, reason)


def warn(
    worker: str,
    /,
    *,
    pipeline: Pipeline = None,
    stage: Stage = None,
    reason: Reason = "warned by hand",
    message: Annotated[
        str | None, Parameter(help="What to write, instead of the usual text.")
    ] = None,
) -> None:
    """Write to a worker that their answers are not good enough.

    For example: hitline worker warn A1B2C3D4E5F6G7 --stage position
    """
    _take(worker, pipeline, stage, Step.WARN, reason, message)


def stop(
    worker: str, /, *, pipeline: Pipeline = None, stage: Stage = None, reason: Reason = "stopped"
) -> None:
    """Offer a worker nothing more of a stage; what they answered there does not count any more.

    For example: hitline worker stop A1B2C3D4E5F6G7 --stage position
    """
    _take(worker, pipeline, stage, Step.STOP, reason)


def block(
    worker: str, /, *, pipeline: Pipeline = None, stage: Stage = None, reason: Reason = "blocked"
) -> None:
    """Let a worker accept none of your HITs, of whatever pipeline; their answers do not count.

    For example: hitline worker block A1B2C3D4E5F6G7 --stage position --reason "random answers"
    """
    _take(worker, pipeline, stage, Step.BLOCK, reason)


def undo(
    worker: str,
    /,
    *,
    pipeline: Pipeline = None,
    stage: Stage = None,
    reason: Reason = "taken back",
) -> None:
    """Take back every step that stands against a worker; what was seen until now is forgiven.

    For example: hitline worker undo A1B2C3D4E5F6G7 --stage position
    """
    hitline = opened()
    undone: list[Sanction] = []
    for name, where in _stages(hitline, worker, pipeline, stage):
        undone += sanctioning.undo(hitline, name, where, worker, reason)
    if not undone:
        raise HitlineError(f'no step stands against {worker}; "hitline worker list" shows all')
    steps = ", ".join(f"{one.step} in {one.pipeline}/{one.stage}" for one in undone)
    say(f"taken back for {worker}: {steps}")
    _troubles(hitline, undone)


def _take(
    worker: str,
    pipeline: str | None,
    stage: str | None,
    step: Step,
    reason: str,
    message: str | None = None,
) -> None:
    hitline = opened()
    taken = []
    for name, where in _stages(hitline, worker, pipeline, stage):
        measuring.measure(hitline, name, where)
        one = sanctioning.take(hitline, name, where, worker, step, reason, message)
        if one is None:
            say(f"{worker} in {name}/{where}: the step stands already")
            continue
        taken.append(one)
        say(f'{worker} in {name}/{where}: {step}; "hitline worker undo {worker}" takes it back')
    _troubles(hitline, taken)


def _troubles(hitline: Hitline, about: Iterable[Sanction]) -> None:
    """Say what could not be done yet, if anything."""
    for one in about:
        with hitline.store.reading() as connection:
            now = sanctions.of_worker(connection, one.worker_id, one.pipeline, one.stage)
        for problem in (found.problem for found in now if found.id == one.id and found.problem):
            say(f"not done yet: {problem}", indent=2)


def _stages(
    hitline: Hitline, worker: str, pipeline: str | None, stage: str | None
) -> list[tuple[str, str]]:
    """The stages that are meant: the one that is named, or all in which the worker is known."""
    if stage is not None:
        return [(_known(hitline, pipeline, stage), stage)]
    with hitline.store.reading() as connection:
        name = None if pipeline is None else chosen(connection, pipeline)
        known = workers.stages_of(connection, worker, name)
        steps = sanctions.of_worker(connection, worker, name)
    found = sorted({*known, *((one.pipeline, one.stage) for one in steps)})
    if not found:
        raise HitlineError(
            f'no answer of a worker "{worker}" is known; name --stage to act in advance'
        )
    return found


def _known(hitline: Hitline, pipeline: str | None, stage: str | None) -> str:
    """The pipeline that is meant, which has such a stage."""
    with hitline.store.reading() as connection:
        name = chosen(connection, pipeline)
    if stage is not None:
        hitline.pipeline(name).stage(stage)
    return name


def _row(one: Standing) -> tuple[object, ...]:
    return (
        one.worker_id,
        one.stage,
        f"{one.evidence.accuracy:.0%}",
        _interval(*one.evidence.interval),
        f"{one.evidence.right} of {one.evidence.known}",
        None if one.agreement is None else f"{one.agreement:.0%} of {one.evidence.compared}",
        one.answers,
        None if one.seconds is None else round(one.seconds),
        one.step,
    )


def _tell(one: Standing) -> None:
    evidence = one.evidence
    say(
        f"accuracy {evidence.accuracy:.0%}, {_interval(*evidence.interval)} with 90 % probability: "
        f"{evidence.right} of {evidence.known} known items right, like {evidence.agreed} of "
        f"{evidence.compared} settled labels",
        indent=2,
    )
    pace = (
        ""
        if one.seconds is None or one.stage_seconds is None
        else (f", a median of {one.seconds:.0f} s ({one.stage_seconds:.0f} s in the stage)")
    )
    say(f"{count(one.answers, 'answer')}{pace}", indent=2)
    if one.fresh != one.evidence:
        say(
            f"since the last pardon: {one.fresh.right} of {one.fresh.known} known items right",
            indent=2,
        )


def _step(one: Sanction) -> tuple[object, ...]:
    facts = one.evidence
    wrong = [item["key"] for item in facts["items"] if not item["right"]]
    rests = (
        f"{facts['right']} of {facts['known']} known right, "
        f"{_interval(facts['low'], facts['high'])}"
    )
    if wrong:
        rests += f"; wrong: {_keys(wrong)}"
    if one.undone_at is not None:
        state = f"undone {moment(one.undone_at)}: {one.undone_why}"
    else:
        state = "stands" if one.done else "not done yet"
    if one.problem:
        state += f" ({one.problem})"
    return one.at, one.step, one.by, one.reason, rests, state


def _keys(keys: list[str]) -> str:
    more = f" and {len(keys) - KEYS} more" if len(keys) > KEYS else ""
    return ", ".join(keys[-KEYS:]) + more


def _interval(low: float, high: float) -> str:
    return f"{low:.0%} to {high:.0%}"
