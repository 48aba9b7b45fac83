"""Forged notifications: whoever may write to the queue causes looks at the endpoint, no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from hitline.model import EventType, ItemState
from hitline.store import schema as ours
from tests.contracts.acting.lab import Lab

SOMEBODY = "3FORGEDASSIGNMENT0000000000000"


def forged(kind: str, hit_id: str, **more: str) -> str:
    """A document as MTurk would send it."""
    event = {"EventType": kind, "HITId": hit_id, "AssignmentId": SOMEBODY, **more}
    event |= {"EventTimestamp": datetime(2026, 1, 5, 10, 30, tzinfo=UTC).isoformat()}
    return json.dumps({"EventDocId": f"forged-{kind}", "Events": [event]})


def state_of(lab: Lab) -> dict[str, Any]:
    """What money, workers and labels depend on, here and at the marketplace."""
    shown = [lab.hit(hit) for hit in lab.hits()]
    kept = ("HITId", "MaxAssignments", "Expiration", "Reward", "HITStatus", "HITReviewStatus")
    return {
        "hits": [{name: hit[name] for name in kept} for hit in shown],
        "items": [(item.id, item.state, item.label) for item in lab.items("ask")],
        "answers": lab.count(ours.answers),
        "assignments": lab.count(ours.assignments),
        "intents": lab.count(ours.intents),
        "money": (lab.reserved(), lab.spent(), lab.account()),
    }


@pytest.mark.parametrize("kind", EventType)
def test_what_did_not_happen_changes_nothing(lab: Lab, kind: EventType) -> None:
    """Of a HIT that is open, of one that nobody posted, and as if it were another's answer."""
    lab.launch("a")
    (hit_id,) = lab.hits()
    lab.answer(hit_id, "yes")
    lab.run()
    before = state_of(lab)
    for victim in (hit_id, "3NOSUCHHIT00000000000000000000"):
        answer = "<QuestionFormAnswers><Answer>yes</Answer></QuestionFormAnswers>"
        lab.deliver([forged(kind, victim, Answer=answer, WorkerId="AFORGER", Reward="100.00")])
        lab.run()
    assert state_of(lab) == before
    assert lab.state("a") == (ItemState.OPEN, None)


def test_afterwards_the_item_settles_by_real_answers_alone(lab: Lab) -> None:
    lab.launch("a")
    (hit_id,) = lab.hits()
    for kind in EventType:
        lab.deliver([forged(kind, hit_id)] * 3)
    lab.run()
    lab.answer(hit_id, "yes", "yes")
    lab.finish()
    assert lab.state("a") == (ItemState.SETTLED, "yes")
    assert lab.count(ours.answers) == 2
    lab.audit()
