"""Adaptive: buy answers until the model of the workers is sure enough, and the votes agree.

Two rules keep the last answers from costing more than they bring (measured: docs/decisions/0012).
From the sixth answer on, more doubt is accepted with each: what five people could not tell apart,
four more seldom can. And where labels are final as soon as they are stored, an item may have a
sixth answer only if the stage's earlier items left some over; if none did, a clear lead of the
votes stands against the model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hitline.consensus.choice import Agreed, Needs, Tally, Undecided, shown
from hitline.consensus.choice import judge as by_majority
from hitline.model import Label
from hitline.policies import Adaptive, Fixed

PATIENT_FOR = 5
"""Answers up to which the confidence asked for is asked for in full."""
PATIENCE = 1.5
"""From there on, the doubt that is accepted grows so many times with each answer."""
MOST_DOUBT = 0.5
HARDLY = 0.3
"""A settled label that the model thinks less likely than this is not believed any more."""
CLEAR = 2
"""Votes ahead that decide against the model where a doubtful label has to stand."""
SPENT = 0.99
"""Share of the average that is spent where labels are final, so that it is not reached."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Belief:
    """What the model holds of an item.

    `likely` is what the model says of `label`, `confidence` what that is worth (`calibration`).
    `by_votes`: known answers say that a plain majority does better than the model.
    """

    label: Label
    likely: float
    confidence: float
    by_votes: bool = False


class Savings:
    """Answers that a stage whose labels are final has left over, below its average an item."""

    def __init__(self, rule: Adaptive, *, settled: int = 0, answers: int = 0, taken: int = 0):
        """`settled` items took `answers`; open ones have had `taken` beyond the average."""
        self._average = rule.average
        self.left = SPENT * rule.average * settled - answers - taken

    def heed(self, ruling: Agreed | Needs | Undecided, total: int) -> None:
        """Count what the ruling on an item with `total` answers takes or leaves."""
        if not isinstance(ruling, Needs):
            self.left += SPENT * self._average - min(total, self._average)
        elif total >= self._average:
            self.left -= ruling.answers


def judge(
    tally: Tally, belief: Belief | None, rule: Adaptive, *, spare: float | None
) -> Agreed | Needs | Undecided:
    """What `rule` says of an item; without a belief, votes decide.

    `spare`: answers that earlier items left over, None where a label may still be changed.
    """
    total = tally.total
    if total < rule.start:
        return Needs(answers=rule.start - total)
    if belief is None or belief.by_votes:
        return _by_votes(tally, belief, rule)
    lead = _lead(tally, belief.label)
    if belief.likely >= bar(rule, total) and lead >= rule.lead:
        return _agreed(belief, f"{_ahead(lead)} ({tally})")
    if total >= rule.most:
        return _agreed(belief, f"all {total} answers that are allowed ({tally})")
    room = rule.most - total
    if spare is not None and total >= rule.average:
        if spare < 1:
            return _cut_short(tally, belief)
        room = min(room, math.floor(spare))
    elif spare is not None:
        room = min(room, rule.average - total)
    # Without so many more, no label can come to the lead: asking for them at once wastes nothing.
    return Needs(answers=min(max(rule.lead - tally.lead, 1), room))


def _cut_short(tally: Tally, belief: Belief) -> Agreed:
    """A label that nothing will change any more is not set against a clear lead of the votes."""
    why = f"no answers left over for a further one ({tally})"
    leader = tally.leader
    if leader is None or leader == belief.label or tally.lead < CLEAR:
        return _agreed(belief, why)
    return Agreed(label=leader, why=f"{tally.lead} votes ahead, against the model; {why}")


def _by_votes(tally: Tally, belief: Belief | None, rule: Adaptive) -> Agreed | Needs | Undecided:
    ruling = by_majority(tally, Fixed(answers=min(rule.average, rule.most)))
    if belief is None:
        return ruling
    if isinstance(ruling, Undecided):
        return _agreed(belief, f"the model breaks the tie ({tally})")
    if isinstance(ruling, Agreed):
        return _agreed(belief, f"by votes: {ruling.why}")
    return ruling


def _agreed(belief: Belief, why: str) -> Agreed:
    return Agreed(label=belief.label, why=f"{belief.confidence:.0%} sure, {why}")


def bar(rule: Adaptive, answers: int) -> float:
    """The confidence asked for after so many answers."""
    doubt = (1.0 - rule.confidence) * PATIENCE ** max(0, answers - PATIENT_FOR)
    return 1.0 - min(MOST_DOUBT, doubt)


def doubt(label: Label, tally: Tally, belief: Belief, rule: Adaptive) -> str | None:
    """Why a settled label is not believed any more; None where it is, or may be.

    The model must be sure enough of another label to settle with it, or leave the settled one
    hardly a chance. Labels that are only doubted stand: to ask about them again costs more than it
    mends (measured: docs/decisions/0017), and they would swing to and fro.
    """
    if belief.label == label:
        return None
    if belief.likely < min(bar(rule, tally.total), 1.0 - HARDLY):
        return None
    return f"the model is {belief.confidence:.0%} sure of {shown(belief.label)} by now ({tally})"


def _lead(tally: Tally, label: Label) -> int:
    """How many votes `label` is ahead of the best other; below zero where it is behind."""
    votes = dict(tally.votes)
    return votes.pop(label, 0) - max(votes.values(), default=0)


def _ahead(lead: int) -> str:
    return f"{lead} {'vote' if lead == 1 else 'votes'} ahead"
