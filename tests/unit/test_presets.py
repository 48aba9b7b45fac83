"""Rules by name: what they mean, and what is refused with the field that is wrong."""

from __future__ import annotations

import pytest

from hitline.errors import InvalidDefinition
from hitline.policies import (
    THOROUGH,
    THRIFTY,
    Adaptive,
    Agree,
    Fixed,
    Redundancy,
    StandardError,
    VoteLead,
)
from hitline.presets import redundancy


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("thorough", THOROUGH),
        ("thrifty", THRIFTY),
        ("fixed:3", Fixed(answers=3)),
        ("adaptive", Adaptive()),
        ("adaptive:", Adaptive()),
        (
            "adaptive:confidence=.95,lead=2,most=9",
            Adaptive(confidence=0.95, lead=2, most=9),
        ),
        (
            "adaptive: average=4 , start = 3",
            Adaptive(average=4, start=3),
        ),
        ("votes:start=3,lead=1,most=5", VoteLead(start=3, lead=1, most=5)),
        ("text:within=.1,most=5,merge=medoid", Agree(within=0.1, most=5, merge="medoid")),
        ("number:error=2.5,of=median", StandardError(at_most=2.5, of="median")),
    ],
)
def test_a_rule_by_its_name(text: str, rule: Redundancy) -> None:
    assert redundancy(text) == rule


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("", "policy", "write thorough, thrifty, fixed:K"),
        ("through", "policy", "'through' is none"),
        ("thorough:lead=3", "policy", "is none"),
        ("texts:equal=2", "policy", "'texts:equal=2' is none"),
        ("text:two-equal", "policy.two-equal", "text has no such field; it has equal, merge"),
        ("text:within=1.5", "redundancy.within", "1.5 is no share"),
        ("text:equal=1", "redundancy.equal", "1 is not between 2 and most"),
        ("text:merge=vote", "redundancy.merge", "'vote': write rover or medoid"),
        ("number:most=9", "policy.error", "is missing"),
        ("number:error=-1", "redundancy.at_most", "-1.0 is not above 0"),
        ("number:error=nan", "redundancy.at_most", "nan is not above 0"),
        ("number:error=2,start=1", "redundancy.start", "one answer has no standard error"),
        ("number:error=2,of=mode", "redundancy.of", "'mode': write mean or median"),
        ("fixed", "policy.answers", "'' is no whole number"),
        ("fixed:2.5", "policy.answers", "'2.5' is no whole number"),
        ("fixed:0", "redundancy.answers", "0 is not between 1 and 30"),
        ("fixed:31", "redundancy.answers", "31 is not between 1 and 30"),
        ("adaptive:confidence=high", "policy.confidence", "'high' is no number"),
        ("adaptive:confidence=1.5", "redundancy.confidence", "1.5 is not between 0.5 and 1"),
        ("adaptive:confidence=nan", "redundancy.confidence", "nan is not between"),
        ("adaptive:sureness=.9", "policy.sureness", "average, confidence, lead, most, start"),
        ("adaptive:lead=2,lead=3", "policy.lead", "given twice"),
        ("adaptive:lead=2,", "policy", "no such field"),
        ("votes:confidence=.9", "policy.confidence", "lead, most, start"),
        ("votes:most=31", "redundancy.most", "31 is not between 1 and 30"),
    ],
)
def test_a_wrong_rule_is_refused_by_the_name_of_its_field(
    text: str, field: str, reason: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        redundancy(text)

    assert refused.value.field == field
    assert reason in refused.value.reason
