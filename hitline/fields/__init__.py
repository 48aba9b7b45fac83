"""Answer kinds: what a stage asks of a worker, and how what they gave is read.

A kind checks itself when it is made, reads one worker's answer into a typed value, and is stored
as JSON with the policy that an item was published under.
"""

from hitline.fields.boxes import Box, Boxes
from hitline.fields.choice import Choice
from hitline.fields.codec import from_json, is_label, label_of, spelled, values_of
from hitline.fields.given import RESERVED, Field, Given
from hitline.fields.multichoice import MultiChoice
from hitline.fields.number import Number
from hitline.fields.text import Text

__all__ = [
    "RESERVED",
    "Box",
    "Boxes",
    "Choice",
    "Field",
    "Given",
    "MultiChoice",
    "Number",
    "Text",
    "from_json",
    "is_label",
    "label_of",
    "spelled",
    "values_of",
]
