"""Qualifying: types of our own at the endpoint, made once, and granted or taken back once.

What is wanted is written down before the call and crossed out after it. A call that got lost is
made again, which is harmless: a type's name is its token, and granting twice is granting once.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hitline.errors import (
    AlreadyDone,
    Gone,
    HitlineError,
    MTurkError,
    NotYet,
    Refused,
    WrongState,
)
from hitline.store import qualifications
from hitline.store.qualifications import Grant, Purpose
from hitline.wiring import Hitline

ANSWERED = "answered"
"""Has answered in a stage that takes everybody once."""
STOPPED = "stopped"
"""Is offered nothing more in a stage."""
STAFF = "staff"
"""Answers what the crowd did not; one type for a whole pipeline, with no stage."""
OFF = "off"
"""Is kept off a new HIT about something that they have answered (`subject`)."""

WHOLE = ""
"""The stage of a type that is the whole pipeline's."""

_DESCRIPTIONS: Mapping[str, str] = {
    ANSWERED: "You have done this task. It is asked of everybody once.",
    STOPPED: "This task is no longer offered to you.",
    STAFF: "You are asked what others could not answer.",
    OFF: "You have worked on this before. It is now asked of somebody else.",
}


def ensure(hitline: Hitline, purpose: str, pipeline: str, stage: str, subject: str = "") -> str:
    """The id of the endpoint's qualification type, which is made if it is not there.

    Raises MTurkError where the endpoint has no qualifications, or will not make one.
    """
    about = Purpose(name=purpose, pipeline=pipeline, stage=stage, subject=subject)
    with hitline.store.reading() as connection:
        known = qualifications.type_id(connection, about)
    if known is not None:
        return known
    try:
        made = _make(hitline, about)
    except MTurkError as refused:
        with hitline.store.writing() as connection:
            qualifications.record(
                hitline.store,
                connection,
                about,
                hitline.clock.wall(),
                made=None,
                problem=str(refused),
            )
        raise
    with hitline.store.writing() as connection:
        qualifications.record(hitline.store, connection, about, hitline.clock.wall(), made=made)
    return made


def grant(
    hitline: Hitline,
    purpose: str,
    pipeline: str,
    stage: str,
    worker_id: str,
    *,
    reason: str = "",
    subject: str = "",
) -> None:
    """Let the worker hold the type, once. Raises MTurkError; the sweep then tries again."""
    about = Purpose(name=purpose, pipeline=pipeline, stage=stage, subject=subject)
    _bring_about(hitline, Grant(purpose=about, worker_id=worker_id, granted=True, reason=reason))


def revoke(
    hitline: Hitline,
    purpose: str,
    pipeline: str,
    stage: str,
    worker_id: str,
    *,
    reason: str = "",
    subject: str = "",
) -> None:
    """Take the type back, once; the worker may read the reason. Raises as `grant` does."""
    about = Purpose(name=purpose, pipeline=pipeline, stage=stage, subject=subject)
    _bring_about(hitline, Grant(purpose=about, worker_id=worker_id, granted=False, reason=reason))


def go_on(hitline: Hitline) -> int:
    """Tell the endpoint what it was not told yet; how much of it could be told now."""
    with hitline.store.reading() as connection:
        waiting = qualifications.undone(connection)
    told = 0
    for one in waiting:
        try:
            _tell(hitline, one)
        except HitlineError:
            continue
        told += 1
    return told


def requires(type_id: str) -> dict[str, Any]:
    """Only holders see the HITs (`QualificationRequirement` of MTurk's API reference)."""
    return _requirement(type_id, "Exists")


def keeps_off(type_id: str) -> dict[str, Any]:
    """Holders do not see the HITs."""
    return _requirement(type_id, "DoesNotExist")


def _requirement(type_id: str, comparator: str) -> dict[str, Any]:
    return {
        "QualificationTypeId": type_id,
        "Comparator": comparator,
        "ActionsGuarded": "DiscoverPreviewAndAccept",
    }


def _make(hitline: Hitline, about: Purpose) -> str:
    where = "/".join(part for part in (about.pipeline, about.stage, about.subject) if part)
    name = f"hitline {where} {about.name}"
    try:
        return hitline.requester.create_qualification_type(name, _DESCRIPTIONS[about.name])
    except AlreadyDone as taken:
        # Made by a call whose answer was lost, or for a database that was.
        found = hitline.requester.find_qualification_type(name)
        if found is None:
            # MTurk's search finds what is new after some seconds.
            raise NotYet(taken.operation, f'"{name}" is there and not listed yet') from taken
        return found


def _bring_about(hitline: Hitline, wanted: Grant) -> None:
    with hitline.store.writing() as connection:
        due = qualifications.want(hitline.store, connection, wanted, hitline.clock.now())
    if due:
        _tell(hitline, wanted)


def _tell(hitline: Hitline, wanted: Grant) -> None:
    """Raises MTurkError; what is refused is not wanted any more, everything else is tried again."""
    about = wanted.purpose
    type_id = ensure(hitline, about.name, about.pipeline, about.stage, about.subject)
    try:
        _call(hitline, type_id, wanted)
    except Refused:
        with hitline.store.writing() as connection:
            qualifications.forget(connection, wanted)
        raise
    with hitline.store.writing() as connection:
        qualifications.done(connection, wanted, hitline.clock.wall())


def _call(hitline: Hitline, type_id: str, wanted: Grant) -> None:
    if wanted.granted:
        hitline.requester.grant_qualification(type_id, wanted.worker_id)
        return
    # Whoever does not hold it need not lose it.
    with suppress(Gone, WrongState):
        hitline.requester.revoke_qualification(type_id, wanted.worker_id, wanted.reason)
