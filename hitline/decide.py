"""The decision: from the facts about an item to what is to be done, without touching anything.

Whichever event comes first, the verdict on the same facts is the same, and once it is carried out
the next look finds nothing to do.
"""

from __future__ import annotations

from hitline import known, ladder
from hitline.consensus import ruling
from hitline.consensus.choice import Agreed, Needs
from hitline.consensus.view import View
from hitline.facts import PAUSED, Control, ItemFacts
from hitline.ladder import Exhausted
from hitline.model import FINISHED, ItemState, Label
from hitline.policies import Drop, SettleBest, Staff
from hitline.verdicts import GiveUp, Hold, Nothing, Settle, Verdict

UNREADABLE = 3
"""So many answers that nobody can read are not bought again: the form is broken, not the crowd."""


def decide(facts: ItemFacts) -> Verdict:
    """The one verdict on `facts`."""
    if facts.item.state is ItemState.STAFF:
        return ladder.for_staff(facts)
    if facts.item.state in FINISHED:
        return Nothing(why=f"the item is {facts.item.state}")
    judged = ruling.judge(facts)
    if facts.item.copy_of is not None:
        return known.decide(facts, judged)
    if isinstance(judged, Agreed):
        return _settle(judged.label, facts, judged.why)
    for hit in ladder.crowd(facts):
        waiting = ladder.still_coming(hit, facts.policy.duration, facts.now)
        if waiting is not None:
            return waiting
    view = ruling.view(facts)
    if facts.control is Control.STOPPED:
        return GiveUp(to_staff=False, why=f"the stage was stopped ({view.said})")
    if facts.control is Control.PAUSED:
        return Hold(why=PAUSED)
    if facts.unreadable >= UNREADABLE and facts.unreadable > len(facts.labels):
        return Hold(
            why=f"{facts.unreadable} answers could not be read; is the template's form right? "
            '"hitline explain" shows them'
        )
    if isinstance(judged, Needs):
        asked = ladder.ask(judged.answers, facts, view.said)
        return _end(view, facts, asked.why) if isinstance(asked, Exhausted) else asked
    return _end(view, facts, f"{len(facts.labels)} people answered and the first place is shared")


def _settle(label: Label, facts: ItemFacts, why: str) -> Settle:
    share = ruling.agreement(facts, label)
    belief = facts.belief
    if belief is None or belief.label != label:
        return Settle(label=label, agreement=share, why=why)
    return Settle(
        label=label, agreement=share, confidence=belief.confidence, model=facts.model, why=why
    )


def _end(view: View, facts: ItemFacts, why: str) -> Verdict:
    """The ladder has no rung left, or nobody else may be asked."""
    end = facts.policy.end
    if isinstance(end, SettleBest):
        if view.best is not None and view.lead >= end.lead:
            why = f"{why}; settled with what there is ({view.said})"
            return _settle(view.best, facts, why)
        end = end.otherwise
    assert isinstance(end, Staff | Drop)
    return GiveUp(to_staff=isinstance(end, Staff), why=f"{why} ({view.said})")
