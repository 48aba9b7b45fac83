"""Tickets: what is a support message about, how would you answer it, and whose answer is best?

Three stages for people. A message's topic is one reader's call; three writers then draft a reply
each (a fan-out); when the last draft is in, they are shown side by side (a fan-in), and the best
one is chosen once two more people say so than say anything else. Nobody writes twice about the
same message, and nobody judges a draft of their own. What the crowd does not answer, staff do.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hitline.fields import Choice, Text
from hitline.pipeline import Gather, Link, NewItem, Pipeline, Settled, Stage
from hitline.policies import NoRaise, Once, RaiseReward, SettleBest, Staff, VoteLead
from hitline.questions import template

HERE = Path(__file__).parent
WRITERS = 3
PLACES = ("A", "B", "C")

topic = Stage(
    "topic",
    question=template(HERE / "topic.html"),
    title="What is this message to a shop about?",
    description="Read a short message from a customer and say what it is about.",
    keywords="text, classification, customer support",
    reward="0.10",
    answer=Choice("topic", ["delivery", "billing", "product", "account", "other"]),
    lifetime="3d",
    duration="10m",
    redundancy=VoteLead(start=1, lead=1, most=1),
    expiry=NoRaise(then=Staff(reward="0.10")),
)

reply = Stage(
    "reply",
    question=template(HERE / "reply.html"),
    title="Write a short reply to a customer",
    description="Read a customer's message and write the reply that you would send.",
    keywords="text, writing, customer support",
    reward="0.50",
    answer=Text("reply", least=20, most=800),
    lifetime="3d",
    duration="30m",
    redundancy=VoteLead(start=1, lead=1, most=1),
    expiry=RaiseReward(by="20%", most="0.72", times=2, pause="12h"),
    once=Once(per="parent"),
)

pick = Stage(
    "pick",
    question=template(HERE / "pick.html"),
    title="Which reply to a customer is best?",
    description="Read a customer's message and the replies to it, and choose the best.",
    keywords="text, comparison, customer support",
    reward="0.20",
    answer=Choice("best", list(PLACES)),
    lifetime="3d",
    duration="15m",
    redundancy=VoteLead(start=2, lead=2, most=5),
    expiry=NoRaise(then=SettleBest(lead=1)),
    once=Once(not_by=["reply"]),
)


def ask_writers(settled: Settled) -> list[NewItem]:
    """The same message for each writer; every draft is an item of its own."""
    about = {"message": settled.input["message"], "topic": settled.label}
    return [NewItem(input={**about, "draft": str(number + 1)}) for number in range(WRITERS)]


def compare(message: Settled, drafts: Sequence[Settled]) -> NewItem | None:
    """All drafts beside each other; a single one needs no comparison."""
    if len(drafts) < 2:
        return None
    texts = {f"reply_{place.lower()}": "" for place in PLACES}
    texts |= {f"reply_{p.lower()}": d.label for p, d in zip(PLACES, drafts, strict=False)}
    return NewItem(input={"message": message.input["message"], **texts})


pipeline = Pipeline(
    "tickets",
    stages=[topic, reply, pick],
    links=[
        Link(source="topic", target="reply", rule=ask_writers),
        Gather(parent="topic", source="reply", target="pick", rule=compare),
    ],
    budget="100.00",
)
