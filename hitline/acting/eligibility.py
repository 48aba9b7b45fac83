"""Eligibility: how many people may still answer an item, where the endpoint can tell.

It can where a stage requires a qualification type of the requester's own: MTurk lists who holds
one (ListWorkersWithQualificationType), and nothing else tells how large a crowd is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hitline.acting import qualifying
from hitline.errors import MTurkError
from hitline.facts import ItemFacts
from hitline.pipeline import Stage
from hitline.store import qualifications, relatives
from hitline.store.qualifications import Purpose
from hitline.wiring import Hitline

SYSTEM = "0000000000000000"
"""How the ids of MTurk's own types begin, but for those of Masters."""

MASTERS = frozenset(
    {
        "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH",
        "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6",
        "2NDP2L92HECWY8NS8H3CK0CP5L9GHO",
        "21VZU98JHSTLZ5BPP4A9NOBJEK3DPG",
    }
)
"""MTurk's types of Masters (API reference, QualificationRequirement)."""

_MEETS: Mapping[str, Callable[[int, Sequence[int]], bool]] = {
    "Exists": lambda value, wanted: True,
    "EqualTo": lambda value, wanted: value == wanted[0],
    "NotEqualTo": lambda value, wanted: value != wanted[0],
    "LessThan": lambda value, wanted: value < wanted[0],
    "LessThanOrEqualTo": lambda value, wanted: value <= wanted[0],
    "GreaterThan": lambda value, wanted: value > wanted[0],
    "GreaterThanOrEqualTo": lambda value, wanted: value >= wanted[0],
    "In": lambda value, wanted: value in wanted,
    "NotIn": lambda value, wanted: value not in wanted,
}


def count(hitline: Hitline, stage: Stage, asking: Sequence[ItemFacts]) -> dict[str, int]:
    """How many may still answer each of these items of one stage; empty where nobody can tell.

    Of those who qualify, without those who submitted something about the item, who may not answer
    about it for another reason, or who are stopped in the stage.
    """
    if not asking:
        return {}
    holders = _who_qualify(hitline, stage)
    if not holders:
        return {}  # nobody was granted it yet, or nobody can tell who was
    first = asking[0].item
    stopped = Purpose(name=qualifying.STOPPED, pipeline=first.pipeline, stage=first.stage)
    with hitline.store.reading() as connection:
        holders -= qualifications.holders(connection, stopped)
        came = relatives.submitters(connection, [facts.item.id for facts in asking])
        return {
            facts.item.id: len(
                holders
                - came.get(facts.item.id, set())
                - relatives.had_a_part(connection, facts.item, facts.policy.once)
            )
            for facts in asking
        }


def _who_qualify(hitline: Hitline, stage: Stage) -> set[str] | None:
    """Who meets the stage's requirements of types of our own; None if it has none."""
    found: set[str] | None = None
    unwanted: set[str] = set()
    for requirement in stage.qualifications:
        type_id = str(requirement["QualificationTypeId"])
        if type_id.startswith(SYSTEM) or type_id in MASTERS:
            continue
        try:
            holders = hitline.requester.holders(type_id)
        except MTurkError:
            continue  # somebody else's type, or an endpoint that does not tell
        if requirement["Comparator"] == "DoesNotExist":
            unwanted |= set(holders)
            continue
        meet = {worker for worker, value in holders.items() if _meets(requirement, value)}
        found = meet if found is None else found & meet
    return None if found is None else found - unwanted


def _meets(requirement: Mapping[str, Any], value: int) -> bool:
    comparator = _MEETS.get(str(requirement["Comparator"]))
    wanted = [int(one) for one in requirement.get("IntegerValues", ())]
    return comparator is not None and comparator(value, wanted)
