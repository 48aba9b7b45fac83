"""Offering: the HIT types under which a stage's questions are offered, and to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from hitline.acting import exclusion, qualifying
from hitline.errors import HitlineError, MTurkError, Throttled
from hitline.model import Item
from hitline.mturk.client import NEEDED_EVENTS
from hitline.pipeline import Stage
from hitline.policies import STAFF_RUNG, Policy, staff_of
from hitline.store import hit_types, qualifications, subscriptions
from hitline.store.alerts import Alert, over, raise_alert
from hitline.store.qualifications import Purpose
from hitline.wiring import Hitline

Requirements = Sequence[Mapping[str, Any]]

MOST_REQUIREMENTS = 10
"""What a HIT type may carry (MTurk's API reference, CreateHITType)."""

PATIENCE = timedelta(minutes=10)
"""Wall time for which an endpoint that refused a qualification is not asked for another."""


def requirements(hitline: Hitline, pipeline: str, stage: Stage) -> list[Mapping[str, Any]]:
    """What the stage's author requires, and what its rules need of our own.

    Where the endpoint has no qualifications, the rules go without, and a person is told.
    """
    required: list[Mapping[str, Any]] = list(stage.qualifications)
    purposes = [qualifying.ANSWERED] * (stage.once.per == "stage")
    purposes += [qualifying.STOPPED] * stage.stops_workers
    for purpose in purposes:
        try:
            type_id = qualifying.ensure(hitline, purpose, pipeline, stage.name)
        except MTurkError as refused:
            _go_without(hitline, pipeline, stage.name, refused)
            continue
        required.append(qualifying.keeps_off(type_id))
        _goes_again(hitline, pipeline, stage.name)
    return required


def make_type(
    hitline: Hitline, stage: Stage, policy: Policy, rung: int, required: Requirements
) -> str:
    """The HIT type of a rung with these requirements; the same attributes give the same type."""
    return hitline.requester.create_hit_type(
        title=stage.title,
        description=stage.description or stage.title,
        keywords=stage.keywords,
        reward=policy.reward_at(rung),
        duration=policy.duration,
        auto_approval=stage.auto_approval_time,
        qualifications=required,
    )


def staff_type(hitline: Hitline, pipeline: str, stage: Stage, policy: Policy) -> str:
    """The HIT type that only staff see. Raises MTurkError: without it nobody is asked."""
    type_id = qualifying.ensure(hitline, qualifying.STAFF, pipeline, qualifying.WHOLE)
    return make_type(hitline, stage, policy, STAFF_RUNG, [qualifying.requires(type_id)])


def prepare_staff(hitline: Hitline, pipeline: str, stage: Stage, version: int) -> None:
    """Make the type that only staff see, where the stage asks them by HITs."""
    staff = staff_of(stage.policy.end)
    if staff is None or staff.offered is None:
        return
    try:
        _type_for_staff(hitline, stage, stage.policy, (pipeline, stage.name, version, STAFF_RUNG))
    except MTurkError as refused:
        _go_without(hitline, pipeline, stage.name, refused)


def type_for(
    hitline: Hitline, stage: Stage, together: Sequence[Item], policy: Policy, rung: int
) -> str:
    """The HIT type at which these items are offered now: earlier workers do not see it.

    Raises Throttled; where the endpoint refuses for another reason, everybody sees the HIT.
    """
    first = together[0]
    where = (first.pipeline, first.stage, first.version, rung)
    if rung == STAFF_RUNG:
        return _type_for_staff(hitline, stage, policy, where)
    with hitline.store.reading() as connection:
        plain = hit_types.type_of(connection, *where)
    workers = exclusion.to_keep_off(hitline, together, policy)
    if workers is None or not _has_room(stage) or _was_refused(hitline, first.pipeline):
        return plain
    about = Purpose(
        name=qualifying.OFF,
        pipeline=first.pipeline,
        stage=first.stage,
        subject=exclusion.subject_of(together, policy),
    )
    try:
        return _type_without(hitline, stage, policy, where, about, workers)
    except Throttled:
        raise
    except MTurkError as refused:
        _go_without(hitline, first.pipeline, first.stage, refused)
        return plain


def _type_without(
    hitline: Hitline,
    stage: Stage,
    policy: Policy,
    where: tuple[str, str, int, int],
    about: Purpose,
    workers: set[str],
) -> str:
    """The rung's type that these workers, who hold the qualification from now, do not see."""
    qualification = qualifying.ensure(
        hitline, about.name, about.pipeline, about.stage, about.subject
    )
    refused = exclusion.keep_off(hitline, about, workers, "has answered this before")
    if refused is not None:
        _go_without(hitline, about.pipeline, about.stage, refused)
    with hitline.store.reading() as connection:
        known = hit_types.find(connection, *where, subject=about.subject)
    if known is not None:
        return known
    required = [*requirements(hitline, about.pipeline, stage), qualifying.keeps_off(qualification)]
    made = make_type(hitline, stage, policy, where[3], required)
    _subscribe_like_the_others(hitline, made, where[0], where[1])
    with hitline.store.writing() as connection:
        hit_types.add(hitline.store, connection, *where, subject=about.subject, hit_type_id=made)
    return made


def _type_for_staff(
    hitline: Hitline, stage: Stage, policy: Policy, where: tuple[str, str, int, int]
) -> str:
    with hitline.store.reading() as connection:
        known = hit_types.find(connection, *where)
    if known is not None:
        return known
    made = staff_type(hitline, where[0], stage, policy)
    _subscribe_like_the_others(hitline, made, where[0], where[1])
    with hitline.store.writing() as connection:
        hit_types.add(hitline.store, connection, *where, hit_type_id=made)
    return made


def _subscribe_like_the_others(hitline: Hitline, made: str, pipeline: str, stage: str) -> None:
    """Send the new type's events where the stage's others go, before a HIT is posted under it."""
    with hitline.store.reading() as connection:
        others = [
            one
            for one in subscriptions.of_pipeline(connection, pipeline, stage)
            if one.transport is not None and one.destination is not None
        ]
    if not others:
        return
    like = others[-1]
    transport, destination = like.transport, like.destination
    assert transport is not None
    assert destination is not None
    hitline.requester.notify(
        made,
        destination=destination,
        transport="SNS" if transport == "SNS" else "SQS",
        events=NEEDED_EVENTS,
        active=like.active,
    )
    wall = hitline.clock.wall()
    with hitline.store.writing() as connection:
        subscriptions.record(hitline.store, connection, [made], transport, destination, wall)
        if not like.active:
            subscriptions.set_active(connection, made, False, wall)


def _has_room(stage: Stage) -> bool:
    ours = (stage.once.per == "stage") + stage.stops_workers
    return len(stage.qualifications) + ours < MOST_REQUIREMENTS


def _was_refused(hitline: Hitline, pipeline: str) -> bool:
    """Whether the endpoint would make no qualification type a short while ago."""
    with hitline.store.reading() as connection:
        since = hitline.clock.wall() - PATIENCE
        return qualifications.refused_since(connection, pipeline, since) is not None


def _go_without(hitline: Hitline, pipeline: str, stage: str, refused: HitlineError) -> None:
    """Tell a person, once, that nobody is kept off this stage's HITs."""
    with hitline.store.writing() as connection:
        text = (
            f"not everybody can be kept off the HITs of {pipeline}/{stage} who should be: the "
            f"endpoint refused ({refused}); answers that may not count are paid and not counted"
        )
        raise_alert(connection, _alert(pipeline, stage, text), hitline.clock.now())


def _goes_again(hitline: Hitline, pipeline: str, stage: str) -> None:
    with hitline.store.writing() as connection:
        over(connection, _alert(pipeline, stage, ""), hitline.clock.wall())


def _alert(pipeline: str, stage: str, text: str) -> Alert:
    return Alert(kind="no-qualifications", pipeline=pipeline, stage=stage, text=text)
