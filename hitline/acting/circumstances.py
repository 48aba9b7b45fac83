"""Circumstances: what else bears on a decision than an item and its answers.

How large a HIT may grow, how many people are left to ask, how many came twice, and whether the
stage is being given back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hitline.acting import eligibility, exclusion, returns
from hitline.acting.collecting import REPEATED
from hitline.facts import Control, ItemFacts
from hitline.ladder import crowd, still_coming
from hitline.model import FINISHED
from hitline.money import MTURK
from hitline.policies import WALL
from hitline.store import relatives
from hitline.wiring import Hitline


def added(hitline: Hitline, found: Sequence[ItemFacts]) -> list[ItemFacts]:
    """The facts about items of one stage, with their circumstances."""
    if not found:
        return []
    exclusion.keep_up(hitline, found)
    first = found[0]
    stage = hitline.pipeline(first.item.pipeline).stage(first.item.stage)
    stopped = first.control is Control.RUNNING and returns.stop_if_due(
        hitline, first.item.pipeline, first.item.stage, first.policy.returns
    )
    asking = [facts for facts in found if _may_be_asked_again(facts)]
    eligible = eligibility.count(hitline, stage, asking)
    with hitline.store.reading() as connection:
        came_twice = Counter(
            relatives.repeats(connection, [facts.item.id for facts in asking], REPEATED)
        )
    wall = wall_of(hitline)
    return [
        replace(
            facts,
            wall=wall,
            control=Control.PAUSED if stopped else facts.control,
            eligible=eligible.get(facts.item.id),
            repeats=came_twice[facts.item.id],
        )
        for facts in found
    ]


def wall_of(hitline: Hitline) -> int | None:
    """The most assignments a HIT may come to have: MTurk's, where an endpoint charges as MTurk."""
    return WALL if hitline.fees == MTURK else None


def _may_be_asked_again(facts: ItemFacts) -> bool:
    """Whether the item has been asked, and no answer is on its way."""
    if facts.item.state in FINISHED or not facts.hits:
        return False
    return not any(still_coming(hit, facts.policy.duration, facts.now) for hit in crowd(facts))
