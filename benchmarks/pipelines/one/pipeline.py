"""One answer settles an item: what is measured is the way, not the crowd. Its caps are looked at
before each call that buys, and never reached."""

from hitline.fields import Choice
from hitline.pipeline import Pipeline, Stage
from hitline.policies import Approve, Fixed
from hitline.questions import HtmlTemplate

TEMPLATE = """<!DOCTYPE html><html><body>
<form action="https://www.mturk.com/mturk/externalSubmit">
<p>${text}</p>
<label><input type="radio" name="kind" value="cat"> cat</label>
<label><input type="radio" name="kind" value="dog"> dog</label>
<button>Submit</button></form></body></html>"""

look = Stage(
    "look",
    question=HtmlTemplate(TEMPLATE),
    title="Is it a cat or a dog?",
    reward="0.05",
    answer=Choice("kind", ["cat", "dog"]),
    lifetime="1d",
    duration="1h",
    redundancy=Fixed(answers=1),
    pay=Approve(),
    daily_budget="1000000.00",
)

pipeline = Pipeline("one", stages=[look], budget="1000000.00")
