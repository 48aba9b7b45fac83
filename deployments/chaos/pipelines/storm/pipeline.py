"""Storm: three stages that use every call, with short lives, so that all of it happens in minutes.

`sight` makes up an hourly wage by bonuses; `many` puts three items into a HIT; `dear` begins at a
reward for which nobody comes.
"""

from __future__ import annotations

from pathlib import Path

from hitline.fields import Choice
from hitline.pipeline import Link, NewItem, Pipeline, Settled, Stage
from hitline.policies import RaiseReward, SettleBest, VoteLead
from hitline.questions import template

HERE = Path(__file__).parent
LABELS = ["yes", "no"]
AGREEMENT = VoteLead(start=2, lead=2, most=7)
LADDER = RaiseReward(by="0.02", most="0.20", times=4, then=SettleBest(lead=1))

sight = Stage(
    "sight",
    question=template(HERE / "ask.html"),
    title="Is it there?",
    reward="0.08",
    answer=Choice("answer", LABELS),
    lifetime="45m",
    duration="10m",
    redundancy=AGREEMENT,
    expiry=LADDER,
    grace="1h",
    hourly_wage="13.00",
)
many = Stage(
    "many",
    question=template(HERE / "ask-many.html"),
    title="Are they there?",
    reward="0.20",
    answer=Choice("answer", LABELS),
    lifetime="1h",
    duration="20m",
    redundancy=AGREEMENT,
    expiry=RaiseReward(by="0.05", most="0.50", times=4, then=SettleBest(lead=1)),
    items_per_hit=3,
)
dear = Stage(
    "dear",
    question=template(HERE / "ask.html"),
    title="Is it dear?",
    reward="0.01",
    answer=Choice("answer", LABELS),
    lifetime="20m",
    duration="10m",
    redundancy=VoteLead(start=2, lead=1, most=5),
    expiry=RaiseReward(by="0.07", most="0.22", times=3, then=SettleBest(lead=1)),
)


def ask_more(settled: Settled) -> NewItem | None:
    """What is there is asked about again."""
    if settled.label != "yes":
        return None
    return NewItem(input={"text": settled.input["text"], "asked": "more"})


pipeline = Pipeline(
    "storm",
    stages=[sight, many, dear],
    links=[
        Link(source="sight", target="many", rule=ask_more),
        Link(source="many", target="dear", rule=ask_more),
    ],
)
