"""Exclusion: whoever has answered about an item is kept off its next HIT, where that works.

A qualification belongs to a worker and a type of HITs, not to an item (docs/decisions/0014). So an
item that is asked again in a new HIT gets a qualification type and HIT types of its own. What slips
through is paid and not counted, as on an endpoint without qualifications.
"""

from __future__ import annotations

from collections.abc import Sequence

from hitline.acting import qualifying
from hitline.errors import MTurkError, Refused
from hitline.facts import ItemFacts
from hitline.model import Item
from hitline.policies import Policy
from hitline.store import qualifications, relatives
from hitline.store.qualifications import Purpose
from hitline.tokens import group_id
from hitline.wiring import Hitline


def subject_of(together: Sequence[Item], policy: Policy) -> str:
    """What the earlier workers have in common: a parent, an item, or the items of one HIT."""
    first = together[0]
    if policy.once.per == "parent" and first.parent_id is not None:
        return first.parent_id
    return first.id if len(together) == 1 else group_id([item.id for item in together])


def to_keep_off(hitline: Hitline, together: Sequence[Item], policy: Policy) -> set[str] | None:
    """Who may not answer about these items; None where nobody needs to be kept off by a type.

    Where siblings are out at the same time, the type is needed before anybody has answered. Where
    everybody answers once in the whole stage, its one type keeps them off already.
    """
    if policy.once.per == "stage" and not policy.once.not_by:
        return None
    with hitline.store.reading() as connection:
        found: set[str] = set()
        for item in together:
            found |= relatives.answered_before(connection, item, policy.once)
    beforehand = policy.once.per == "parent" and together[0].parent_id is not None
    return found if found or beforehand else None


def keep_off(hitline: Hitline, purpose: Purpose, workers: set[str], reason: str) -> Refused | None:
    """Have the workers hold the type; those who do already cost no call. The first refusal, if any.

    One who cannot hold it, having closed their account, say, is no reason to let the others in.
    Raises what else may come of a call.
    """
    with hitline.store.reading() as connection:
        holding = qualifications.holders(connection, purpose)
    first: Refused | None = None
    for worker_id in sorted(workers - holding):
        try:
            qualifying.grant(
                hitline,
                purpose.name,
                purpose.pipeline,
                purpose.stage,
                worker_id,
                reason=reason,
                subject=purpose.subject,
            )
        except Refused as refused:
            first = first or refused
    return first


def keep_up(hitline: Hitline, found: Sequence[ItemFacts]) -> None:
    """Keep those who have just answered off what else is out that they may not answer.

    What the endpoint does not take now is told by the next sweep.
    """
    first = found[0]
    pipeline, stage, once = first.item.pipeline, first.item.stage, first.policy.once
    if once.per == "parent":
        due = _by_parent(hitline, found)
    elif once.per == "stage":
        with hitline.store.reading() as connection:
            came = relatives.submitters(connection, [facts.item.id for facts in found])
        about = Purpose(name=qualifying.ANSWERED, pipeline=pipeline, stage=stage)
        due = {about: set().union(*came.values())} if came else {}
    else:
        return
    for purpose, workers in due.items():
        try:
            keep_off(hitline, purpose, workers, "has answered")
        except MTurkError:
            continue


def _by_parent(hitline: Hitline, found: Sequence[ItemFacts]) -> dict[Purpose, set[str]]:
    pipeline, stage = found[0].item.pipeline, found[0].item.stage
    parents = {facts.item.parent_id for facts in found if facts.item.parent_id is not None}
    with hitline.store.reading() as connection:
        with_type = qualifications.subjects(connection, pipeline, stage, parents)
        pairs = relatives.pairs_by_parent(connection, pipeline, stage, with_type)
    due: dict[Purpose, set[str]] = {}
    for parent, worker_id in sorted(pairs):
        about = Purpose(name=qualifying.OFF, pipeline=pipeline, stage=stage, subject=parent)
        due.setdefault(about, set()).add(worker_id)
    return due
