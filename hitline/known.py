"""What is to be done about a copy of a known item: it asks so many people once, to see how they do.

Pure, like the decision that calls it. The label is known, so there is nothing to agree on, nothing
to ask again for, and nobody is paid more to answer it.
"""

from __future__ import annotations

from hitline import ladder
from hitline.consensus.choice import Agreed, Needs, Undecided
from hitline.consensus.known import is_right
from hitline.consensus.ruling import asked as asked_of
from hitline.facts import PAUSED, Control, ItemFacts
from hitline.ladder import Exhausted
from hitline.verdicts import GiveUp, Hold, Settle, Verdict


def decide(facts: ItemFacts, ruling: Agreed | Needs | Undecided) -> Verdict:
    """The one verdict on a copy; `ruling` tells how many people its stage asks at first."""
    asked = ladder.crowd(facts)
    for hit in asked:
        waiting = ladder.still_coming(hit, facts.policy.duration, facts.now)
        if waiting is not None:
            return waiting
    gold, total = facts.item.gold, len(facts.labels)
    if total and gold is not None:
        right = sum(is_right(asked_of(facts.policy), label, gold) for label in facts.labels)
        why = f"its answer is known, and {right} of {total} gave it"
        return Settle(label=gold, agreement=right / total, why=why)
    if asked or gold is None or facts.control is Control.STOPPED:
        return GiveUp(to_staff=False, why="a copy of a known item, and nobody answered")
    if facts.control is Control.PAUSED:
        return Hold(why=PAUSED)
    known = facts.policy.known
    answers = ruling.answers if isinstance(ruling, Needs) else 1
    if known is not None and known.answers is not None:
        answers = known.answers
    post = ladder.ask(answers, facts, "a copy of a known item")
    if isinstance(post, Exhausted):
        return GiveUp(to_staff=False, why=post.why)
    return post
