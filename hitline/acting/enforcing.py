"""Enforcing: steps about workers that were written down, or taken back, made so at the endpoint."""

from __future__ import annotations

from datetime import timedelta

from hitline.acting import messages, qualifying, reopening
from hitline.errors import HitlineError
from hitline.policies import Step
from hitline.store import intents, sanctions
from hitline.store.sanctions import Sanction
from hitline.tokens import call_token
from hitline.wiring import Hitline

PATIENCE = timedelta(seconds=60)
"""Wall time after which a step that was begun and has no outcome is tried again."""


def carry_out(hitline: Hitline, pipeline: str, stage: str) -> None:
    """Do what was written down and is not done; what fails is told, and tried again later."""
    with hitline.store.reading() as connection:
        waiting = sanctions.unfinished(connection, pipeline, stage)
    for one in waiting:
        with hitline.store.writing() as connection:
            if not sanctions.begin(connection, one.id, hitline.clock.wall(), PATIENCE):
                continue
        try:
            problem = _lift(hitline, one) if one.undone_at else _do(hitline, one)
        except HitlineError as failed:
            with hitline.store.writing() as connection:
                sanctions.in_trouble(connection, one.id, str(failed))
            continue
        with hitline.store.writing() as connection:
            wall = hitline.clock.wall()
            sanctions.done(connection, one.id, wall, problem)
            intents.done(connection, one.token, str(one.step), wall)
            if one.undone_at:
                sanctions.lifted(connection, one.id, wall, problem)
                intents.done(connection, call_token("pardon", one.token), "lifted", wall)


def _do(hitline: Hitline, one: Sanction) -> str | None:
    """Tell the endpoint, or the worker, of a step; every call but a message is harmless twice."""
    if one.step is Step.WARN:
        messages.warn(hitline, one)
    elif one.step is Step.STOP:
        try:
            qualifying.grant(
                hitline,
                qualifying.STOPPED,
                one.pipeline,
                one.stage,
                one.worker_id,
                reason=one.reason,
            )
        finally:
            _reconsider(hitline, one, "stopped")
    elif one.step is Step.BLOCK:
        try:
            hitline.requester.block(one.worker_id, one.reason)
        finally:
            _reconsider(hitline, one, "blocked")
    return None


def _lift(hitline: Hitline, one: Sanction) -> str | None:
    """Take back what a step did; why a message about it could not be sent, if so."""
    if one.step is Step.WARN and one.done:
        return messages.take_back(hitline, one)
    if one.step is Step.STOP:
        qualifying.revoke(
            hitline,
            qualifying.STOPPED,
            one.pipeline,
            one.stage,
            one.worker_id,
            reason="This was taken back. You may go on.",
        )
    elif one.step is Step.BLOCK:
        with hitline.store.reading() as connection:
            elsewhere = sanctions.blocked(connection, one.worker_id)
        if not elsewhere:
            hitline.requester.unblock(one.worker_id, "This was taken back. You may go on.")
    if one.step in (Step.STOP, Step.BLOCK):
        _reconsider(hitline, one, "pardoned")
    return None


def _reconsider(hitline: Hitline, one: Sanction, what: str) -> None:
    with hitline.store.reading() as connection:
        about = sanctions.answered(connection, one.pipeline, one.stage, one.worker_id)
    cause = f"worker {one.worker_id} was {what}"
    came = reopening.reconsider(hitline, one.pipeline, one.stage, cause, about)
    if came.busy:
        raise HitlineError(f"{len(came.busy)} of the worker's items are being worked on")
