"""Trial: what is done about people. Known items are mixed in and asked again as copies; who fails
them is warned, stopped and blocked; a submission that failed one may be rejected; and what the rest
earn in an hour is made up by bonuses.
"""

from __future__ import annotations

from pathlib import Path

from hitline.fields import Choice
from hitline.pipeline import Pipeline, Stage
from hitline.policies import (
    Approve,
    Known,
    RaiseReward,
    RejectFailedKnown,
    SettleBest,
    Standards,
    VoteLead,
)
from hitline.questions import template

HERE = Path(__file__).parent

pipeline = Pipeline(
    "trial",
    stages=[
        Stage(
            "try",
            question=template(HERE.parent / "storm" / "ask.html"),
            title="Is it true?",
            reward="0.10",
            answer=Choice("answer", ["yes", "no"]),
            lifetime="45m",
            duration="10m",
            redundancy=VoteLead(start=2, lead=2, most=7),
            expiry=RaiseReward(by="0.03", most="0.25", times=4, then=SettleBest(lead=1)),
            pay=Approve(
                after="1h",
                reject=RejectFailedKnown(at_least=3, below="60%", feedback="This did not help."),
            ),
            known=Known(rate="80%"),
            standards=Standards(note=0.85, warn=0.8, stop=0.75, block=0.7, least=3, apart=1),
            grace="1h",
            hourly_wage="15.00",
        )
    ],
)
