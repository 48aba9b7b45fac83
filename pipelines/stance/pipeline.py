"""Stance: does a headline take a position on a claim, and if so, which side?

Two stages on what real Mechanical Turk workers answered. An item settled as "yes" in `position`
goes on to `side`; one settled as "no" is done. In both, a model of the workers says when it is sure
enough, and known headlines among the others show what the workers, and the model, are worth.
"""

from __future__ import annotations

from pathlib import Path

from hitline.fields import Choice
from hitline.pipeline import Link, NewItem, Pipeline, Settled, Stage
from hitline.policies import THOROUGH, Known, RaiseReward, SettleBest, Standards
from hitline.questions import template

HERE = Path(__file__).parent

LADDER = RaiseReward(by="50%", most="0.12", times=2, then=SettleBest(lead=1))
KNOWN = Known(rate="30%")
STANDARDS = Standards(note=0.85, warn=0.8, stop=0.7, least=10)

position = Stage(
    "position",
    question=template(HERE / "position.html"),
    title="Does this headline take a position on the claim?",
    description="Read one headline and say whether it takes a position on a claim.",
    keywords="headline, news, stance, reading",
    reward="0.05",
    answer=Choice("position", ["yes", "no"]),
    lifetime="90m",
    duration="1h",
    redundancy=THOROUGH,
    expiry=LADDER,
    known=KNOWN,
    standards=STANDARDS,
)

side = Stage(
    "side",
    question=template(HERE / "side.html"),
    title="Is this headline for or against the claim?",
    description="Read one headline that takes a position and say which.",
    keywords="headline, news, stance, reading",
    reward="0.05",
    answer=Choice("side", ["for", "against"]),
    lifetime="90m",
    duration="1h",
    redundancy=THOROUGH,
    expiry=LADDER,
    known=KNOWN,
    standards=STANDARDS,
)


def ask_for_side(settled: Settled) -> NewItem | None:
    """A headline that takes a position is asked about again; one that does not is done."""
    return NewItem(input=settled.input) if settled.label == "yes" else None


pipeline = Pipeline(
    "stance",
    stages=[position, side],
    links=[Link(source="position", target="side", rule=ask_for_side)],
    budget="1000.00",
)
