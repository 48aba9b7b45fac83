"""Sanctioning: the steps that follow from a worker's standing, or from a person's word, and back.

A step is written down with its evidence, and with it that the worker's answers no longer count
where it calls for that. Then the endpoint is told, and then it is crossed out. What a crash leaves
undone is finished by the next evaluation or by the sweep.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from hitline.acting import reopening
from hitline.acting.enforcing import carry_out
from hitline.acting.measuring import measure
from hitline.errors import InvalidDefinition, UnknownPipeline
from hitline.model import Door
from hitline.policies import Standards, Step
from hitline.standing import Evidence, Standing, next_step
from hitline.store import alerts, intents, items, leases, sanctions, workers
from hitline.store.alerts import Alert
from hitline.store.intents import Intent
from hitline.store.sanctions import PERSON, STANDARDS, Sanction
from hitline.tokens import call_token
from hitline.wiring import Hitline

MOST_KEYS = 200
"""So many of the known items that a step rests on are named with it, the newest."""

_AWAY = (Step.STOP, Step.BLOCK)


def evaluate(hitline: Hitline, pipeline: str, stage: str) -> list[Standing]:
    """Bring the stage's standings up to date, and take the steps that they call for, one each.

    Everybody's standing, the least accurate first.
    """
    measure(hitline, pipeline, stage)
    _heed(hitline, pipeline, stage)
    with hitline.store.reading() as connection:
        return workers.standings_of(connection, pipeline, stage)


def catch_up(hitline: Hitline) -> None:
    """What no event led to: answers that are not entered yet, and steps that are not done."""
    with hitline.store.reading() as connection:
        behind = {*workers.unscored(connection), *sanctions.stages_with_unfinished(connection)}
    for pipeline, stage in sorted(behind):
        try:
            measure(hitline, pipeline, stage)
            _heed(hitline, pipeline, stage)
        except (UnknownPipeline, InvalidDefinition):
            continue  # its file is gone, or the stage; an alert says so


def take(
    hitline: Hitline,
    pipeline: str,
    stage: str,
    worker_id: str,
    step: Step,
    reason: str,
    message: str | None = None,
) -> Sanction | None:
    """Take a step about a worker on a person's word; None if it stands already."""
    with hitline.store.writing() as connection:
        sanctions.lock(connection, pipeline, stage, worker_id)
        found = workers.standings_of(connection, pipeline, stage, worker_id)
        evidence = found[0].evidence if found else Evidence()
        facts = _facts(connection, pipeline, stage, worker_id, evidence)
        taken = _take(
            hitline, connection, pipeline, stage, worker_id, step, PERSON, reason, message, facts
        )
    carry_out(hitline, pipeline, stage)
    return taken


def undo(hitline: Hitline, pipeline: str, stage: str, worker_id: str, why: str) -> list[Sanction]:
    """Take back every step that stands against a worker in a stage; those that were.

    What was seen until now leads to nothing any more; the worker's answers count again.
    """
    now, wall = hitline.clock.now(), hitline.clock.wall()
    with hitline.store.writing() as connection:
        sanctions.lock(connection, pipeline, stage, worker_id)
        undone = sanctions.undo(connection, pipeline, stage, worker_id, why, now)
        if not undone:
            return []
        workers.pardon(connection, pipeline, stage, worker_id, now)
        if any(one.step in _AWAY for one in undone):
            _reweigh(hitline, connection, pipeline, stage, worker_id, count=True, cause="pardoned")
        for one in undone:
            _begin(hitline, connection, one, "pardon", call_token("pardon", one.token))
        alerts.over(connection, _alert(pipeline, stage, worker_id, ""), wall)
    carry_out(hitline, pipeline, stage)
    return undone


def _heed(hitline: Hitline, pipeline: str, stage: str) -> None:
    carry_out(hitline, pipeline, stage)
    _hold_back(hitline, pipeline, stage)
    with hitline.store.reading() as connection:
        versions = items.policies(connection, pipeline, stage)
        standards = versions[max(versions)].standards if versions else None
        if standards is None:
            return
        judged = workers.judged(connection, pipeline, stage, standards.least)
    due = [one for one in judged if next_step(standards, one.fresh, one.step, standards.apart)]
    for one in due:
        with hitline.store.writing() as connection:
            _take_due(hitline, connection, standards, pipeline, stage, one.worker_id)
    if due:
        carry_out(hitline, pipeline, stage)


def _hold_back(hitline: Hitline, pipeline: str, stage: str) -> None:
    """An answer that was read in the very moment in which its worker was stopped counts no more."""
    with hitline.store.reading() as connection:
        late = sanctions.slipped_in(connection, pipeline, stage)
    for worker_id in late:
        with hitline.store.writing() as connection:
            _reweigh(hitline, connection, pipeline, stage, worker_id, count=False, cause="stopped")
        with hitline.store.reading() as connection:
            about = sanctions.answered(connection, pipeline, stage, worker_id)
        reopening.reconsider(hitline, pipeline, stage, f"worker {worker_id} was stopped", about)


def _take_due(
    hitline: Hitline,
    connection: Connection,
    standards: Standards,
    pipeline: str,
    stage: str,
    worker_id: str,
) -> None:
    """Take the one step that is due about a worker, if there is one and the last one is done."""
    sanctions.lock(connection, pipeline, stage, worker_id)
    against = sanctions.steps_against(connection, pipeline, stage, worker_id)
    last = max(against.values(), key=lambda one: list(Step).index(one.step), default=None)
    since = 0
    if last is not None:
        if not last.done:
            return
        since = workers.known_since(connection, pipeline, stage, worker_id, last.at)
    (now,) = workers.standings_of(connection, pipeline, stage, worker_id)
    step = next_step(standards, now.fresh, last.step if last else None, since)
    if step is None:
        return
    below = getattr(standards, step)
    facts = {
        **_facts(connection, pipeline, stage, worker_id, now.fresh),
        "below": below,
    }
    reason = (
        f"{now.fresh.right} of {now.fresh.known} known answers right: surely less accurate than "
        f"{below:.0%}"
    )
    text = standards.message if step is Step.WARN else None
    _take(hitline, connection, pipeline, stage, worker_id, step, STANDARDS, reason, text, facts)


def _take(
    hitline: Hitline,
    connection: Connection,
    pipeline: str,
    stage: str,
    worker_id: str,
    step: Step,
    by: str,
    reason: str,
    message: str | None,
    evidence: Mapping[str, Any],
) -> Sanction | None:
    """Write a step down with all that it changes on our side."""
    now = hitline.clock.now()
    taken = sanctions.take(
        hitline.store,
        connection,
        pipeline=pipeline,
        stage=stage,
        worker_id=worker_id,
        step=step,
        by=by,
        reason=reason,
        message=message,
        evidence=evidence,
        at=now,
    )
    if taken is None:
        return None
    _begin(hitline, connection, taken, "sanction", taken.token)
    if step in _AWAY:
        _reweigh(hitline, connection, pipeline, stage, worker_id, count=False, cause="stopped")
        did = "blocked" if step is Step.BLOCK else "stopped"
        text = (
            f"worker {worker_id} was {did} in {pipeline}/{stage} ({reason}); "
            f'"hitline worker undo {worker_id} --stage {stage}" takes it back'
        )
        alerts.raise_alert(connection, _alert(pipeline, stage, worker_id, text), now)
    return taken


def _facts(
    connection: Connection, pipeline: str, stage: str, worker_id: str, evidence: Evidence
) -> dict[str, Any]:
    """The evidence as it is stored: counts, interval, and the known items by their keys."""
    low, high = evidence.interval
    against = sanctions.of_worker(connection, worker_id, pipeline, stage)
    pardoned = max((one.undone_at for one in against if one.undone_at is not None), default=None)
    known = workers.known_answers(connection, pipeline, stage, worker_id, pardoned)[-MOST_KEYS:]
    return {
        "known": evidence.known,
        "right": evidence.right,
        "compared": evidence.compared,
        "agreed": evidence.agreed,
        "low": round(low, 4),
        "high": round(high, 4),
        "items": [{"key": one.key, "right": one.right} for one in known],
    }


def _reweigh(
    hitline: Hitline,
    connection: Connection,
    pipeline: str,
    stage: str,
    worker_id: str,
    *,
    count: bool,
    cause: str,
) -> None:
    """Have the worker's answers count or not; what is still open is looked at again."""
    touched = sanctions.reweigh(hitline.store, connection, pipeline, stage, worker_id, count=count)
    still_open = set(
        sanctions.answered(connection, pipeline, stage, worker_id, unfinished=True)
    ) & set(touched)
    leases.mark(
        hitline.store,
        connection,
        still_open,
        Door.AGGREGATE,
        f"a worker was {cause}",
        hitline.clock.wall(),
    )


def _begin(
    hitline: Hitline, connection: Connection, about: Sanction, kind: str, token: str
) -> None:
    intents.begin(
        hitline.store,
        connection,
        Intent(
            token=token,
            kind=kind,
            pipeline=about.pipeline,
            stage=about.stage,
            item_ids=(),
            hit_id=None,
            detail={"worker": about.worker_id, "step": str(about.step)},
            created_at=hitline.clock.now(),
        ),
        hitline.clock.wall(),
    )


def _alert(pipeline: str, stage: str, worker_id: str, text: str) -> Alert:
    return Alert(
        kind="worker-stopped", pipeline=pipeline, stage=stage, subject=worker_id, text=text
    )
