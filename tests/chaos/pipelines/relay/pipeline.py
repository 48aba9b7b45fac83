"""Relay: two short stages, the second about what the first found."""

from __future__ import annotations

from pathlib import Path

from hitline.fields import Choice
from hitline.pipeline import Link, NewItem, Pipeline, Settled, Stage
from hitline.policies import RaiseReward, SettleBest, VoteLead
from hitline.questions import template

HERE = Path(__file__).parent
AGREEMENT = VoteLead(start=2, lead=1, most=5)
LADDER = RaiseReward(by="0.05", most="0.20", times=2, then=SettleBest(lead=1))

sight = Stage(
    "sight",
    question=template(HERE / "ask.html"),
    title="Is it there?",
    reward="0.10",
    answer=Choice("answer", ["yes", "no"]),
    lifetime="40m",
    duration="10m",
    redundancy=AGREEMENT,
    expiry=LADDER,
)
again = Stage(
    "again",
    question=template(HERE / "ask.html"),
    title="Is it there again?",
    reward="0.10",
    answer=Choice("answer", ["yes", "no"]),
    lifetime="40m",
    duration="10m",
    redundancy=AGREEMENT,
    expiry=LADDER,
)


def ask_again(settled: Settled) -> NewItem | None:
    """What is there is asked about once more."""
    if settled.label != "yes":
        return None
    return NewItem(input={"text": settled.input["text"], "asked": "more"})


pipeline = Pipeline(
    "relay", stages=[sight, again], links=[Link(source="sight", target="again", rule=ask_again)]
)
