"""Purse: less money than its items want, so that its budget is tried."""

from __future__ import annotations

from pathlib import Path

from hitline.fields import Choice
from hitline.pipeline import Pipeline, Stage
from hitline.policies import RaiseReward, Staff, VoteLead
from hitline.questions import template

HERE = Path(__file__).parent

pipeline = Pipeline(
    "purse",
    stages=[
        Stage(
            "spend",
            question=template(HERE.parent / "storm" / "ask.html"),
            title="Is it worth it?",
            reward="0.07",
            answer=Choice("answer", ["yes", "no"]),
            lifetime="45m",
            duration="10m",
            redundancy=VoteLead(start=2, lead=2, most=7),
            expiry=RaiseReward(by="0.03", most="0.16", times=3, then=Staff()),
        )
    ],
    budget="6.00",
)
